import type { StudyEvent } from "../core/events.js";
import { type Copy, copiesOf, countCopies, evolvingParams, historyOf, type Stage } from "../core/lineage.js";
import type { Params } from "../core/param.js";
import { sameValue } from "../core/param-value.js";
import type { Study } from "../core/study.js";
import { changesText } from "../plots/trial-text.js";
import { formatCount, formatMoment, formatValue, paramText } from "./format.js";
import { type Html, html, trusted } from "./html.js";
import { studyFigures } from "./study-summary.js";

/** How many of the newest exploits are listed. */
const MAX_EXPLOITS = 300;

const valueText = (value: number | null): string => (value === null ? "-" : formatValue(value));

function cellText(params: Params, name: string): string {
  const value = params[name];
  if (value === undefined) return "-";
  return paramText(value);
}

/** How the best trial's model was trained: a row per part, with the params that changed. */
function historyCard(study: Study): Html {
  const best = studyFigures(study).best?.trial.number;
  const history = best === undefined ? [] : historyOf(study, best);
  const [first] = history;
  if (best === undefined || first === undefined) return trusted("");
  const names = Object.keys(study.definition.space).filter((name) =>
    history.some(({ params }) => !sameValue(params[name], first.params[name])),
  );
  const heads = names.map((name) => html`<th class="number">${name}</th>`);
  const rows = history.map(
    ({ fromStep, toStep, trial, params }: Stage) => html`<tr><td class="number">${fromStep}</td>
<td class="number">${toStep}</td><td class="number">${trial}</td>
${names.map((name) => html`<td class="number">${cellText(params, name)}</td>`)}</tr>`,
  );
  return html`<section class="card history"><h3>How the model of trial ${best}, the best, was trained</h3>
<div class="scroll"><table class="parts"><thead><tr><th class="number">after step</th><th class="number">to</th>
<th class="number">by trial</th>${heads}</tr></thead><tbody>${rows}</tbody></table></div></section>`;
}

function exploitRow({ time, child, at, reached, parent, step, value, copied, params }: Copy): Html {
  return html`<tr><td class="when">${time === undefined ? "-" : formatMoment(time)}</td>
<td class="number">${child}</td><td class="number">${at}</td><td class="number">${valueText(reached)}</td>
<td class="number">${parent}</td><td class="number">${step}</td><td class="number">${formatValue(value)}</td>
<td>${changesText(copied, params)}</td></tr>`;
}

function exploitsCard(study: Study, events: readonly StudyEvent[]): Html {
  const copies = copiesOf(study, events);
  const failed = events.filter(({ type }) => type === "exploit-failed").length;
  const { metric } = study.definition.goal;
  const shown = copies.slice(-MAX_EXPLOITS).reverse();
  const rest = copies.length - shown.length;
  const lost =
    failed === 0
      ? trusted("")
      : html`<p>${failed} more could not be carried out: the parent's snapshot was gone or changed.</p>`;
  return html`<section class="card happenings"><details><summary>${formatCount(copies.length)} ${copies.length === 1 ? "exploit" : "exploits"}, the newest first</summary>
<div class="scroll"><table class="parts"><thead><tr><th>time</th><th class="number">trial</th><th class="number">gave up step</th>
<th class="number">${metric}</th><th class="number">for trial</th><th class="number">step</th><th class="number">${metric}</th>
<th>changed from it</th></tr></thead><tbody>${shown.map(exploitRow)}</tbody></table></div>
${rest > 0 ? html`<p>and ${formatCount(rest)} before them</p>` : trusted("")}</details>${lost}</section>`;
}

/** Whether a study is one whose trials went on with each other's models. */
export const isPopulation = (study: Study): boolean => countCopies(study) > 0;

/** The most params with a plot on the page. */
const MAX_PARAMS = 12;

/** The params whose histories are worth a plot: those that changed, numbers first. */
export function plottedParams(study: Study): string[] {
  const { space } = study.definition;
  const isNumber = (name: string): boolean => space[name]?.kind === "float" || space[name]?.kind === "int";
  const names = evolvingParams(study);
  return [...names.filter(isNumber), ...names.filter((name) => !isNumber(name))].slice(0, MAX_PARAMS);
}

/** The tables below a population's plots: the best model's history, and all exploits. */
export function populationTables(study: Study, events: readonly StudyEvent[]): Html {
  return html`<div class="stack">${historyCard(study)}${exploitsCard(study, events)}</div>`;
}
