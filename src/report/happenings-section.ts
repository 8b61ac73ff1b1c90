import type { Study } from "../core/study.js";
import type { Trial } from "../core/trial.js";
import { formatMoment } from "./format.js";
import { type Html, html, trusted } from "./html.js";
import { lastLines } from "./trial-rows.js";

/** Failures with the same message are shown once. */
interface FailureGroup {
  readonly first: Trial;
  readonly trials: number[];
}

const MAX_GROUPS = 20;
const MAX_NUMBERS = 30;

function failureGroups(study: Study): FailureGroup[] {
  const groups = new Map<string, FailureGroup>();
  for (const trial of study.trials) {
    if (trial.failure === undefined || trial.state !== "failed") continue;
    const key = JSON.stringify([trial.failure.code, trial.failure.message]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { first: trial, trials: [trial.number] });
    else group.trials.push(trial.number);
  }
  return [...groups.values()].sort((a, b) => b.trials.length - a.trials.length);
}

function numbersText(numbers: readonly number[]): string {
  const listed = numbers.slice(0, MAX_NUMBERS).join(", ");
  const rest = numbers.length - MAX_NUMBERS;
  return `${numbers.length === 1 ? "trial" : "trials"} ${listed}${rest > 0 ? ` and ${rest} more` : ""}`;
}

function failureItem({ first, trials }: FailureGroup): Html {
  const { code = "", message = "", hint, output = [] } = first.failure ?? {};
  const lines = lastLines(output);
  const printed =
    lines.length === 0
      ? trusted("")
      : html`<details><summary>Last output of trial ${first.number}</summary><pre tabindex="0">${lines.join("\n")}</pre></details>`;
  return html`<li><p><b>${message}</b></p><p class="when">${code}: ${numbersText(trials)}</p>
${hint === undefined ? trusted("") : html`<p>${hint}</p>`}${printed}</li>`;
}

function failureCard(study: Study): Html {
  const groups = failureGroups(study);
  if (groups.length === 0) return trusted("");
  const rest = groups.length - MAX_GROUPS;
  return html`<section class="card happenings"><h3>Failures</h3><ul class="plain">${groups.slice(0, MAX_GROUPS).map(failureItem)}</ul>
${rest > 0 ? html`<p>There are ${rest} more kinds of failure; the table of trials has them all.</p>` : trusted("")}</section>`;
}

function noteCard(study: Study): Html {
  if (study.notes.length === 0) return trusted("");
  const items = study.notes.toReversed().map(({ trial, code, message, hint, time }) => {
    const where = trial === undefined ? "" : `, trial ${trial}`;
    return html`<li><p>${message}</p><p class="when">${code}${where}, ${formatMoment(time)}</p>${hint === undefined ? trusted("") : html`<p>${hint}</p>`}</li>`;
  });
  return html`<section class="card happenings"><h3>Notes</h3><ul class="plain">${items}</ul></section>`;
}

/** The failures and notes; nothing if there are none. */
export function happeningsSection(study: Study): Html {
  const cards = html`${failureCard(study)}${noteCard(study)}`;
  if (cards.html.trim() === "") return trusted("");
  return html`<h2>What happened</h2><div class="happenings">${cards}</div>`;
}
