import { frontOf } from "../core/goals/front.js";
import { goalsOf, hasReferences } from "../core/goals/trial-result.js";
import { secondsPerStart } from "../core/pace.js";
import type { Study } from "../core/study.js";
import { type AlgorithmChoice, moduleText } from "../core/study-definition.js";
import { worthModelOf } from "../forecast/study-worth.js";
import {
  formatCount,
  formatDuration,
  formatMoment,
  formatSeconds,
  formatShare,
  formatValue,
  paramText,
} from "./format.js";
import { type Html, html, trusted } from "./html.js";
import { type StudyFigures, studyFigures } from "./study-summary.js";

/** An algorithm with its options, on one line: `lcm (accumulate 2, stopRank 0.5)`. */
export function algorithmText({ name, options, module }: AlgorithmChoice): string {
  const settings = Object.entries(options).map(([option, value]) => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return `${option} ${text.length <= 60 ? text : `${text.slice(0, 59)}…`}`;
  });
  const chosen = settings.length === 0 ? name : `${name} (${settings.join(", ")})`;
  return module === undefined ? chosen : `${chosen}, from ${moduleText(module)}`;
}

/** Named facts as a definition list. */
export function factList(facts: readonly (readonly [string, string])[]): Html {
  const items = facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`);
  return html`<dl class="facts">${items}</dl>`;
}

/** The study's goal, sampler, scheduler and seed, in one line. */
export function ledeText({ definition }: Study): Html {
  const { goal, sampler, scheduler, seed } = definition;
  return html`<p class="lede">${goalsOf(goal).map(({ direction, metric }) => html`${direction} <b>${metric}</b>, `)}sampler <b>${sampler.name}</b>, scheduler
<b>${scheduler.name}</b>, seed <b>${seed}</b></p>`;
}

function tile(name: string, figure: string, aside: string): Html {
  return html`<div class="card tile"><p class="name">${name}</p><p class="figure">${figure}</p><p class="aside">${aside}</p></div>`;
}

function bestTile(study: Study, { best }: StudyFigures): Html {
  const { goal } = study.definition;
  const { metric } = goal;
  if (goal.others !== undefined) {
    const { members, compared, hypervolume } = frontOf(study, goalsOf(goal));
    const volume = hasReferences(goal) ? `; hypervolume ${formatValue(hypervolume)}` : "";
    const aside = `of ${formatCount(compared)} compared${volume}`;
    return tile("On the Pareto front", formatCount(members.length), aside);
  }
  if (best === undefined) return tile(`Best ${metric}`, "none yet", "no trial has a finite value");
  const status = best.complete ? "" : `, ${best.trial.state}, no training is complete`;
  return tile(`Best ${metric}`, formatValue(best.value), `trial ${best.trial.number}${status}`);
}

/** What more steps are expected to bring; nothing while too little is known. */
function worthTile(study: Study): Html | string {
  const worth = worthModelOf(study).worthOf(study);
  if (worth === undefined) return "";
  const gain = `gain expected: ${formatValue(Number(worth.mean.toPrecision(2)))} in ${study.definition.goal.metric}`;
  const figure = `${formatShare(worth.chance)} for a new best`;
  return tile(`${formatCount(worth.steps)} more steps`, figure, gain);
}

function stepTiles(study: Study, { spent, saved, secondsSaved }: StudyFigures): Html {
  const spentTile = tile("Steps spent", formatCount(spent), stepsPerSecond(spent, study.elapsed));
  if (saved === undefined) return spentTile;
  const whole = spent + saved;
  const share =
    whole === 0
      ? "nothing spent yet"
      : `${formatShare(saved / whole)} of the ${formatCount(whole)} that full trainings take`;
  const start = secondsPerStart(study.pace);
  const { restarts } = study.pace;
  const cost = `${formatCount(restarts)} ${restarts === 1 ? "start" : "starts"} after pauses counted`;
  const seconds =
    secondsSaved === undefined || start === undefined
      ? ""
      : tile("Seconds saved", formatSeconds(secondsSaved), `${cost}, ${formatSeconds(start)} each`);
  return html`${spentTile}${tile("Steps saved", formatCount(saved), share)}${seconds}`;
}

function stepsPerSecond(spent: number, elapsed: number): string {
  if (spent === 0 || elapsed <= 0) return "";
  const rate = spent / elapsed;
  return `${rate >= 100 ? formatCount(Math.round(rate)) : Number(rate.toPrecision(2))} per second`;
}

function fateCard({ counts, trials }: StudyFigures): Html {
  const present = counts.filter(({ count }) => count > 0);
  const segments = present.map(
    ({ state, count }) => html`<span class="fate ${state}" style="flex-grow: ${count}"></span>`,
  );
  const names = present.map(
    ({ state, count }) => html`<span class="fate ${state}">${formatCount(count)} ${state}</span>`,
  );
  const noun = trials === 1 ? "trial" : "trials";
  return html`<section class="card"><h3>${formatCount(trials)} ${noun}</h3>
<div class="bar" aria-hidden="true">${segments}</div><div class="legend">${names}</div></section>`;
}

function bestCard(study: Study, figures: StudyFigures): Html {
  if (figures.best === undefined) return trusted("");
  const { trial } = figures.best;
  const params = Object.entries(trial.params).map(([name, value]) => [name, paramText(value)] as const);
  const { goal } = study.definition;
  const inMetric = goal.others === undefined ? "" : ` in ${goal.metric}`;
  return html`<section class="card"><h3>Params of trial ${trial.number}, the best${inMetric}</h3>${factList(params)}</section>`;
}

/** The figures at the top of a study: tiles, states, the best params, and how the study was set up. */
export function summarySection(study: Study): Html {
  const figures = studyFigures(study);
  const { goal, sampler, scheduler, seed, maxSteps, budget } = study.definition;
  const limits = [
    ...(budget.trials === undefined ? [] : [`${formatCount(budget.trials)} trials`]),
    ...(budget.totalSteps === undefined ? [] : [`${formatCount(budget.totalSteps)} steps`]),
    ...(budget.time === undefined ? [] : [formatDuration(budget.time)]),
    ...(budget.target === undefined ? [] : [`${goal.metric} ${formatValue(budget.target)} reached`]),
    ...(budget.noBetterFor === undefined
      ? []
      : [`${formatCount(budget.noBetterFor)} trials without a better one`]),
  ];
  const setup: (readonly [string, string])[] = [
    ["sampler", algorithmText(sampler)],
    ["scheduler", algorithmText(scheduler)],
    ["seed", String(seed)],
    [
      "steps of a complete training",
      maxSteps === undefined ? "when the program ends" : formatCount(maxSteps),
    ],
    ["budget", limits.length === 0 ? "none" : limits.join(", ")],
    ["started", formatMoment(study.createdAt)],
  ];
  return html`<div class="tiles">${bestTile(study, figures)}${stepTiles(study, figures)}${worthTile(study)}${tile("Elapsed", formatDuration(figures.elapsed), `last event ${formatMoment(study.updatedAt)}`)}</div>
<div class="pair">${fateCard(figures)}${bestCard(study, figures)}</div>
<section class="card" style="margin-top: 14px"><h3>Set-up</h3>${factList(setup)}</section>`;
}
