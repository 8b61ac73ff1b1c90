import { isCurvewiseError } from "../core/errors.js";
import { trialNumberOf } from "../core/event-trial.js";
import type { StudyEvent } from "../core/events.js";
import type { MetricGoal } from "../core/goal.js";
import { evolvingParams } from "../core/lineage.js";
import type { Study } from "../core/study.js";
import { chosenTrials, paramsByImportance } from "../plots/index.js";
import { pathOf } from "../views/answer-path.js";
import type { PlotChoice } from "../views/contract.js";
import { decisionsOf, trialView } from "../views/index.js";
import { studyView } from "../views/study-view.js";
import { type Answers, decisionPlot } from "./answers.js";
import type { StudySource } from "./study-source.js";
import type { StudyWatch, WatchedStudy } from "./watched-study.js";

/** The most trials whose details are in a report: those that failed, the best, and others evenly spaced. */
const MOST_DETAILED = 2000;
/** Of these, the most whose decisions are drawn. */
const MOST_DRAWN = 500;
/** The most metrics, and the most params, for which a plot is in a report. */
const MOST_METRICS = 6;
const MOST_PARAMS = 12;
/** The most params of which all pairs are drawn. */
const MOST_PAIRED = 4;

/** One of so many is few: reading all would take longer. */
const FEW = 8;

/** Answers by path: JSON text, or bytes. */
export type EmbeddedAnswers = ReadonlyMap<string, string | Uint8Array<ArrayBuffer>>;

/** What is put into a report. */
export interface EmbeddedRequest {
  readonly source: StudySource;
  readonly answers: Answers;
  readonly watch: StudyWatch;
  /** The studies; several with one goal are also compared. */
  readonly names: readonly string[];
  /** The metrics of a front; none: each study's goals. */
  readonly goals: readonly MetricGoal[];
}

/** What a report has in itself. */
export interface Embedded {
  readonly answers: EmbeddedAnswers;
  /** The fragment of the address at which it opens. */
  readonly start: string;
  readonly isCompared: boolean;
}

type Add = (path: string, answer: string | Uint8Array<ArrayBuffer>) => void;

/** The trials whose details a report has, the best first. */
function detailedTrials({ study, ranks }: WatchedStudy): number[] {
  const failed = study.trials.filter(({ state }) => state === "failed").slice(0, MOST_DETAILED / 4);
  const others = study.trials.filter(({ state }) => state !== "failed");
  const { trials } = chosenTrials(study, others, MOST_DETAILED - failed.length);
  const places = ranks();
  const placeOf = (number: number): number => places.get(number) ?? Number.POSITIVE_INFINITY;
  return [...failed, ...trials].map(({ number }) => number).sort((a, b) => placeOf(a) - placeOf(b) || a - b);
}

/** The params whose changes are worth a plot: numbers first. */
function changingParams(study: Study): string[] {
  const { space } = study.definition;
  const isNumber = (name: string): boolean => space[name]?.kind === "float" || space[name]?.kind === "int";
  const names = evolvingParams(study);
  return [...names.filter(isNumber), ...names.filter((name) => !isNumber(name))];
}

/** The choices of params for which plots are in a report, by plot. */
function choicesOfParams(watched: WatchedStudy): Readonly<Record<string, readonly (readonly string[])[]>> {
  const { study } = watched;
  const telling = paramsByImportance(study, watched.ends());
  const paired = new Set(telling.slice(0, MOST_PAIRED));
  // In the order of the space, in which the page asks for them.
  const names = Object.keys(study.definition.space).filter((name) => paired.has(name));
  const pairs = names.flatMap((first, place) => names.slice(place + 1).map((second) => [first, second]));
  return {
    slice: telling.slice(0, MOST_PARAMS).map((name) => [name]),
    contour: pairs,
    rank: pairs,
    "param-history": changingParams(study)
      .slice(0, MOST_PARAMS)
      .map((name) => [name]),
  };
}

/** What a plot is asked for: the page's own choice, each metric, and choices of params. */
function wishesFor(
  { takes }: PlotChoice,
  metrics: readonly string[],
  choices: readonly (readonly string[])[] = [],
): { readonly metric?: string; readonly params?: readonly string[] }[] {
  const ofMetrics = takes.includes("metric")
    ? metrics.slice(1, MOST_METRICS).map((metric) => ({ metric }))
    : [];
  return [{}, ...ofMetrics, ...choices.map((params) => ({ params }))];
}

/** The events of some trials, each in order: of few among many, they are asked for trial by trial. */
async function eventsOfTrials(
  source: StudySource,
  { definition: { name }, trials }: Study,
  numbers: readonly number[],
): Promise<ReadonlyMap<number, readonly StudyEvent[]>> {
  const events = new Map(numbers.map((number): [number, StudyEvent[]] => [number, []]));
  if (numbers.length * FEW < trials.length) {
    for (const [trial, own] of events)
      for await (const { event } of source.readEvents(name, { trial })) own.push(event);
    return events;
  }
  for await (const { event } of source.readEvents(name)) {
    const number = trialNumberOf(event);
    if (number !== undefined) events.get(number)?.push(event);
  }
  return events;
}

async function addTrials({ source }: EmbeddedRequest, watched: WatchedStudy, add: Add): Promise<void> {
  const { study } = watched;
  const { name } = study.definition;
  const numbers = detailedTrials(watched);
  const events = await eventsOfTrials(source, study, numbers);
  const ranks = watched.ranks();
  for (const [place, number] of numbers.entries()) {
    const trial = study.trials[number];
    const own = events.get(number);
    if (trial === undefined || own === undefined) continue;
    const path = (...parts: readonly (string | number)[]): string =>
      pathOf(["studies", name, "trials", number, ...parts]);
    add(path(), JSON.stringify(trialView(study, trial, { events: own, ranks })));
    if (place >= MOST_DRAWN) continue;
    for (const [index, decision] of decisionsOf(own).entries()) {
      const drawn = decisionPlot(watched, decision);
      if (drawn !== undefined) add(path("decisions", index), drawn);
    }
  }
}

async function addStudy(request: EmbeddedRequest, watched: WatchedStudy, add: Add): Promise<void> {
  const { answers, goals } = request;
  const { name } = watched.study.definition;
  const view = studyView(watched, { mayAct: false, schedulers: [], goals });
  const path = (...parts: readonly (string | number)[]): string => pathOf(["studies", name, ...parts]);
  add(path(), JSON.stringify(view));
  add(path("trials"), await answers.trials(name, {}));
  add(path("rungs"), await answers.rungs(name));
  add(path("timeline"), await answers.timeline(name));
  add(path("happenings"), await answers.happenings(name));
  if (view.isPopulation) add(path("population"), await answers.population(name));
  for (const [place, metric] of view.metrics.slice(0, MOST_METRICS).entries()) {
    const query = place === 0 ? {} : { metric };
    add(pathOf(["studies", name, "curves"], query), await answers.curves(name, query));
  }
  const choices = choicesOfParams(watched);
  for (const plot of view.plots) {
    for (const { metric, params } of wishesFor(plot, view.metrics, choices[plot.name])) {
      const drawn = await answers.plot(name, plot.name, { metric, params });
      add(pathOf(["studies", name, "plots", plot.name], { metric, params }), drawn);
    }
  }
  await addTrials(request, watched, add);
}

/** The comparison of studies; undefined if their goals differ. */
async function comparison({ answers, names }: EmbeddedRequest): Promise<string | undefined> {
  if (names.length < 2) return undefined;
  try {
    return await answers.compare(names);
  } catch (thrown) {
    if (isCurvewiseError(thrown) && thrown.code === "STUDIES_INCOMPARABLE") return undefined;
    throw thrown;
  }
}

/**
 * Everything that the page asks for about some studies, so that it needs nobody to ask.
 *
 * @throws CurvewiseError `STUDY_NOT_FOUND`; `GOALS_INVALID` for a metric of the front that no trial reported, or that is
 *   named twice
 */
export async function embeddedAnswers(request: EmbeddedRequest): Promise<Embedded> {
  const { answers, watch, names } = request;
  const all = new Map<string, string | Uint8Array<ArrayBuffer>>();
  const add: Add = (path, answer) => void all.set(path, answer);
  add("studies", await answers.studies(false, names));
  for (const name of names) await addStudy(request, await watch.look(name), add);
  const compared = await comparison(request);
  const [only] = names;
  if (compared !== undefined) {
    const path = pathOf(["compare"], { studies: names });
    add(path, compared);
    return { answers: all, start: `#/${path}`, isCompared: true };
  }
  const start = names.length === 1 && only !== undefined ? pathOf(["studies", only, "overview"]) : "studies";
  return { answers: all, start: `#/${start}`, isCompared: false };
}
