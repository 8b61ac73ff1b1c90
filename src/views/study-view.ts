import { bestTrial } from "../core/best-trial.js";
import type { MetricGoal } from "../core/goal.js";
import { frontGoals } from "../core/goals/front.js";
import { countCopies } from "../core/lineage.js";
import type { Param } from "../core/param.js";
import { populationOf } from "../core/population.js";
import type { Study } from "../core/study.js";
import { type AlgorithmChoice, moduleText } from "../core/study-definition.js";
import { TRIAL_STATES } from "../core/trial.js";
import { secondsSaved, stepsSaved } from "../forecast/steps-saved.js";
import { type Worth, worthModelOf } from "../forecast/study-worth.js";
import { BEST_COLOUR, FATES, plots } from "../plots/index.js";
import { shortNumber } from "../plots/trial-text.js";
import type { BestView, FactView, FateView, PlotChoice, StudyView } from "./contract.js";
import { paramViews } from "./param-views.js";
import { proposersOf } from "./proposers.js";
import { savedText, startsText } from "./saved-text.js";
import { spaceText } from "./space-text.js";
import { usedShare } from "./study-progress.js";
import { studyState, type ViewedStudy } from "./viewed-study.js";
import { budgetText, counted, durationText, frontSummary, goalText } from "./wording.js";
import { worthText } from "./worth-text.js";

/** In which part of the page each plot is; learning curves and decisions have views of their own. */
const PARTS: Readonly<Record<string, PlotChoice["part"]>> = {
  "best-so-far": "overview",
  edf: "overview",
  "parallel-coordinates": "params",
  importance: "params",
  slice: "params",
  contour: "params",
  rank: "params",
  "grid-3d": "params",
  pareto: "goals",
  hypervolume: "goals",
  "param-history": "population",
  lineage: "population",
};

/** The most metrics of which a front can be drawn. */
const MOST_DRAWN = 3;

/** Which plots a study has. @param goals those of its front */
function plotChoices(study: Study, goals: readonly MetricGoal[]): PlotChoice[] {
  const has = {
    overview: true,
    params: true,
    goals: goals.length > 1,
    population: countCopies(study) > 0 || populationOf(study.definition) !== undefined,
  };
  return Object.values(plots).flatMap(({ name, title, summary, takes }) => {
    const part = PARTS[name];
    if (name === "pareto" && goals.length > MOST_DRAWN) return [];
    return part === undefined || !has[part] ? [] : [{ name, title, summary, takes, part }];
  });
}

/** The metrics of a study: the goal's first, then the others in the order in which they first appeared. */
export function metricsOf(study: Study): string[] {
  const names = new Set([study.definition.goal.metric]);
  for (const trial of study.trials) for (const name of trial.curve.metrics.keys()) names.add(name);
  return [...names];
}

/** The longest option that is shown whole. */
const LONGEST_OPTION = 60;

/** An algorithm with its options and where it comes from: `lcm (accumulate 2, stopRank 0.5)`. */
export function algorithmText({ name, options, module }: AlgorithmChoice): string {
  const given = Object.entries(options).map(([option, value]) => {
    const text = JSON.stringify(value);
    return `${option} ${text.length <= LONGEST_OPTION ? text : `${text.slice(0, LONGEST_OPTION - 1)}…`}`;
  });
  const chosen = given.length === 0 ? name : `${name} (${given.join(", ")})`;
  return module === undefined ? chosen : `${chosen}, from ${moduleText(module)}`;
}

/** Under which conditions a param exists, if not always. */
const timesText = ({ when }: Param): string =>
  when === undefined
    ? ""
    : `, if ${Object.entries(when)
        .map(([name, value]) => `${name} is ${JSON.stringify(value)}`)
        .join(" and ")}`;

function definitionFacts({ definition, createdAt, updatedAt }: Study): FactView[] {
  const { sampler, scheduler, goal, maxSteps, seed, replicates, space } = definition;
  return [
    { label: "goal", text: goalText(goal) },
    { label: "sampler", text: algorithmText(sampler) },
    { label: "scheduler", text: algorithmText(scheduler) },
    { label: "budget", text: budgetText(definition) },
    {
      label: "steps of a training",
      text: maxSteps === undefined ? "until the program ends" : shortNumber(maxSteps),
    },
    ...(replicates === undefined ? [] : [{ label: "trainings of a trial", text: String(replicates) }]),
    { label: "seed", text: String(seed) },
    { label: "begun", text: "", moment: createdAt },
    { label: "last event", text: "", moment: updatedAt },
    ...Object.entries(space).map(([name, param]) => ({
      label: `param ${name}`,
      text: `${spaceText(param)}${timesText(param)}`,
    })),
    ...(definition.constraints ?? []).map((text, place) => ({ label: `constraint ${place + 1}`, text })),
  ];
}

function paceText({ totalSteps, elapsed }: Study): string {
  return totalSteps === 0 || elapsed <= 0
    ? ""
    : `; ${shortNumber(Number((totalSteps / elapsed).toPrecision(2)))} a second`;
}

const againText = ({ pace: { again } }: Study): string =>
  again === 0 ? "" : `; ${again} more were trained again after pauses`;

/** What share of the steps that full trainings take the saved ones are. */
const shareText = (saved: number, spent: number): string =>
  `; ${Math.round((100 * saved) / (saved + spent))} % of what full trainings take`;

function factsOf(study: Study, worth: Worth | undefined, isAway: boolean): FactView[] {
  const saved = stepsSaved(study);
  const seconds = secondsSaved(study);
  const front = frontSummary(study);
  const copies = countCopies(study);
  return [
    ...(front === undefined ? [] : [{ label: "front", text: front }]),
    { label: "trials", text: String(study.trials.length) },
    {
      label: "steps",
      text: String(study.totalSteps),
      hint: `Steps of training, summed over all trials${paceText(study)}${againText(study)}.`,
    },
    ...(saved === undefined || saved <= 0
      ? []
      : [
          {
            label: "steps saved",
            text: shortNumber(saved),
            hint: `${savedText(study, saved)}${shareText(saved, study.totalSteps + study.pace.again)}`,
          },
        ]),
    ...(seconds === undefined || seconds <= 0
      ? []
      : [
          {
            label: "time saved",
            text: durationText(seconds),
            hint: "What the saved steps would have taken, less the starts after pauses.",
          },
        ]),
    { label: isAway ? "last heard running" : "running", text: String(study.byState.running.size) },
    ...(study.workers.size === 0 ? [] : [{ label: "workers", text: String(study.workers.size) }]),
    ...(study.pace.starts === 0
      ? []
      : [{ label: "starts", text: String(study.pace.starts), hint: startsText(study) }]),
    ...(copies === 0 ? [] : [{ label: "models copied", text: String(copies) }]),
    { label: "time", text: durationText(study.elapsed), hint: "While a coordinator ran the study." },
    ...(worth === undefined
      ? []
      : [
          {
            label: "chance of a new best",
            text: `${Math.round(100 * worth.chance)} %`,
            hint: `With ${worthText(worth, study.definition.goal)}.`,
          },
        ]),
  ];
}

const fateViews: readonly FateView[] = FATES.map(({ state, colour, dash }) => ({ state, colour, dash }));

/** How a state looks. */
export function fateOf(state: string): FateView {
  return fateViews.find((fate) => fate.state === state) ?? { state, colour: BEST_COLOUR, dash: "solid" };
}

/** What the reader may do with what is shown. */
export interface ViewContext {
  readonly mayAct: boolean;
  /** The schedulers that a study can be replayed under. */
  readonly schedulers: readonly string[];
  /** The metrics of a front; by default the study's goals. */
  readonly goals?: readonly MetricGoal[];
  /** What going on is worth, if that was judged before: in a study with many trials it takes a second. */
  readonly judged?: { readonly worth: Worth | undefined };
}

/** The schedulers in the order in which one would try them: the flagship first, the study's own last. */
function byInterest(schedulers: readonly string[], own: string): readonly string[] {
  const placeOf = (name: string): number => (name === own ? 3 : name === "none" ? 2 : name === "lcm" ? 0 : 1);
  return schedulers.toSorted((a, b) => placeOf(a) - placeOf(b));
}

/** A study: its overview, and what other views can be asked for. */
export function studyView(
  viewed: ViewedStudy,
  { mayAct, schedulers, goals, judged }: ViewContext,
): StudyView {
  const { study, log, holder, isAway = false } = viewed;
  const { definition } = study;
  const { worth } = judged ?? { worth: worthModelOf(study).worthOf(study) };
  const choices = plotChoices(study, frontGoals(study, goals));
  const ranked = definition.goal.others === undefined ? bestTrial(study) : undefined;
  const best: BestView | null =
    ranked === undefined
      ? null
      : {
          trial: ranked.trial.number,
          value: ranked.value,
          params: paramViews(ranked.trial.params),
          doubt: ranked.complete ? null : `It is ${ranked.trial.state}: no training is complete.`,
        };
  return {
    name: definition.name,
    state: studyState(viewed),
    holder: holder === undefined ? null : `process ${holder.pid} on ${holder.host}`,
    goal: goalText(definition.goal),
    direction: definition.goal.direction,
    metrics: metricsOf(study),
    params: Object.keys(definition.space),
    events: study.events,
    createdAt: study.createdAt,
    updatedAt: study.updatedAt,
    best,
    counts: TRIAL_STATES.map((state) => ({ ...fateOf(state), count: study.byState[state].size })),
    fates: fateViews,
    bestColour: BEST_COLOUR,
    facts: factsOf(study, worth, isAway),
    spent: usedShare(study) ?? null,
    maxSteps: definition.maxSteps ?? null,
    definition: definitionFacts(study),
    plots: choices,
    isPopulation: choices.some(({ part }) => part === "population"),
    schedulers: byInterest(schedulers, definition.scheduler.name),
    tags: study.tags,
    mayAct,
    isAway,
    proposers: proposersOf(study, log.askedFor),
  };
}

/** What is said of a number of trials, such as `12 trials, 3 of them complete`. */
export function trialsSentence({ trials, byState }: Study): string {
  const parts = TRIAL_STATES.filter((state) => byState[state].size > 0).map(
    (state) => `${byState[state].size} ${state}`,
  );
  return `${counted(trials.length, "trial")}${parts.length === 0 ? "" : `: ${parts.join(", ")}`}`;
}
