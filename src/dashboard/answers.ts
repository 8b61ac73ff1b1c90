import { CurvewiseError } from "../core/errors.js";
import type { StudyEvent } from "../core/events.js";
import type { MetricGoal } from "../core/goal.js";
import { frontGoals } from "../core/goals/front.js";
import { nameHint } from "../core/nearest.js";
import type { Trial } from "../core/trial.js";
import { checkKnownParams, decisionCurves, plots } from "../plots/index.js";
import {
  compareView,
  decisionsOf,
  encodeCurves,
  filterTrials,
  happeningsView,
  plottedDecision,
  plotView,
  populationView,
  rungsView,
  studyView,
  timelineView,
  trialTable,
  trialView,
  viewCurves,
} from "../views/index.js";
import { metricsOf } from "../views/study-view.js";
import { createReplays, type Replays } from "./replay-thread.js";
import { createStudyList } from "./study-list.js";
import type { StudySource } from "./study-source.js";
import { type FolderOf, readOutput, trialFiles } from "./trial-files.js";
import type { StudyWatch, WatchedStudy } from "./watched-study.js";
import { replayableSchedulers } from "./what-if.js";

/** What answers are made from. */
export interface AnswerContext {
  readonly source: StudySource;
  readonly watch: StudyWatch;
  readonly folderOf: FolderOf;
  readonly version: string;
  /** The metrics of a front; by default each study's goals. */
  readonly goals?: readonly MetricGoal[];
  /** Whether the answers go into a file, which does not say where the studies are kept. */
  readonly isReport?: boolean;
  /** By default its own, which end with the process. */
  readonly replays?: Replays;
}

/** What is asked for: the query of a path. */
export type Query = Readonly<Record<string, string | undefined>>;

/** Which plot is asked for. */
export interface PlotQuery {
  readonly metric?: string | undefined;
  readonly params?: readonly string[] | undefined;
}

const text = (value: unknown): string => JSON.stringify(value);

function wholeNumber(value: string | undefined, fallback: number, what: string): number {
  if (value === undefined) return fallback;
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new CurvewiseError("REQUEST_INVALID", `${what} is not a whole number: ${value}`, {
    hint: `Give ${what} as digits.`,
  });
}

function trialOf({ study }: WatchedStudy, number: string): Trial {
  const trial = /^\d+$/.test(number) ? study.trials[Number(number)] : undefined;
  if (trial !== undefined) return trial;
  throw new CurvewiseError("TRIAL_NOT_FOUND", `study "${study.definition.name}" has no trial ${number}`, {
    hint: `It has ${study.trials.length} trials, counted from 0.`,
  });
}

function checkMetric({ study }: WatchedStudy, metric: string | undefined): string {
  const { goal } = study.definition;
  if (metric === undefined || metric === goal.metric) return goal.metric;
  const known = metricsOf(study);
  if (known.includes(metric)) return metric;
  throw new CurvewiseError("METRIC_UNKNOWN", `no trial reported "${metric}"`, {
    hint: nameHint(metric, known),
  });
}

/** The curves of a decision; undefined if it has none. */
export function decisionPlot(
  { study }: WatchedStudy,
  decision: ReturnType<typeof decisionsOf>[number] | undefined,
): string | undefined {
  if (decision?.type !== "decided") return undefined;
  const figure = decisionCurves.render({ study, reports: [], decision: plottedDecision(decision) });
  const { trial, explanation, step, action } = decision;
  return text({
    title: `Trial ${trial} at step ${step}`,
    sentence: `${action === "continue" ? "Let go on" : `Told to ${action}`} at step ${step}: ${explanation.reason}`,
    figure,
    needs: figure.data.length === 0 ? decisionCurves.needs : null,
  });
}

/** Answers the paths of the page's contract about studies, as text of JSON; errors are thrown. */
export function createAnswers({
  source,
  watch,
  folderOf,
  version,
  goals: named = [],
  isReport = false,
  replays = createReplays(),
}: AnswerContext) {
  const schedulers = replayableSchedulers();
  const rowsOf = createStudyList(watch);

  async function* logOf(name: string): AsyncIterable<StudyEvent> {
    for await (const { event } of source.readEvents(name)) yield event;
  }

  async function eventsOf(name: string, trial: number): Promise<StudyEvent[]> {
    const events: StudyEvent[] = [];
    for await (const { event } of source.readEvents(name, { trial })) events.push(event);
    return events;
  }

  return {
    /** @param only by default all */
    studies: async (mayAct: boolean, only?: readonly string[]): Promise<string> => {
      const rows = await rowsOf(only);
      const head = text({ location: isReport ? null : source.location, version, mayAct });
      return `${head.slice(0, -1)},"studies":[${rows.join(",")}]}`;
    },
    study: async (name: string, mayAct: boolean): Promise<string> => {
      const watched = await watch.look(name);
      return watched.once(`study ${mayAct}`, () =>
        text(studyView(watched, { mayAct, schedulers, goals: named })),
      );
    },
    trials: async (name: string, { filter }: Query): Promise<string> => {
      const watched = await watch.look(name);
      const table = (): string => watched.once("trials", () => text(trialTable(watched.study)));
      if (filter === undefined || filter.trim() === "") return table();
      return watched.once(`filter ${filter}`, () => text(filterTrials(trialTable(watched.study), filter)));
    },
    trial: async (name: string, number: string): Promise<string> => {
      const watched = await watch.look(name);
      const trial = trialOf(watched, number);
      const files = await trialFiles(folderOf, watched.study, trial);
      const events = await eventsOf(name, trial.number);
      return text(trialView(watched.study, trial, { events, files, ranks: watched.ranks() }));
    },
    decision: async (name: string, number: string, index: string): Promise<string> => {
      const watched = await watch.look(name);
      const trial = trialOf(watched, number);
      const decisions = decisionsOf(await eventsOf(name, trial.number));
      const drawn = decisionPlot(watched, decisions[wholeNumber(index, 0, "the decision")]);
      if (drawn !== undefined) return drawn;
      throw new CurvewiseError("DECISION_NOT_FOUND", `trial ${number} has no decision ${index} with curves`, {
        hint: "Decisions count from 0.",
      });
    },
    output: async (name: string, number: string, { from }: Query): Promise<string> => {
      const watched = await watch.look(name);
      const trial = trialOf(watched, number);
      const output = await readOutput(folderOf, watched.study, trial, wholeNumber(from, 0, "from"));
      return text(output ?? { from: 0, next: 0, text: "" });
    },
    plot: async (name: string, plot: string, query: PlotQuery): Promise<string> => {
      const watched = await watch.look(name);
      const definition = Object.hasOwn(plots, plot) ? plots[plot] : undefined;
      if (definition === undefined) {
        throw new CurvewiseError("PLOT_UNKNOWN", `there is no plot "${plot}"`, {
          hint: nameHint(plot, Object.keys(plots)),
        });
      }
      const metric = checkMetric(watched, query.metric);
      const { params = [] } = query;
      checkKnownParams(watched.study.definition.space, params);
      return watched.once(`plot ${plot} ${text([metric, params])}`, () => {
        const { study, log } = watched;
        const goals = definition.takes.includes("goals") ? { goals: frontGoals(study, named) } : {};
        const plotted = { study, reports: log.reports, ...goals };
        return text(plotView(definition, plotted, { metric, params, ends: watched.ends() }));
      });
    },
    curves: async (name: string, query: Query): Promise<Uint8Array<ArrayBuffer>> => {
      const watched = await watch.look(name);
      const metric = checkMetric(watched, query["metric"]);
      return encodeCurves(viewCurves(watched, metric, wholeNumber(query["since"], 0, "since")));
    },
    rungs: async (name: string): Promise<string> => {
      const watched = await watch.look(name);
      return watched.once("rungs", () => text(rungsView(watched.study)));
    },
    timeline: async (name: string): Promise<string> => {
      const watched = await watch.look(name);
      return watched.once("timeline", () => text(timelineView(watched)));
    },
    population: async (name: string): Promise<string> => {
      const watched = await watch.look(name);
      return watched.once("population", () => text(populationView(watched)));
    },
    happenings: async (name: string): Promise<string> => text(happeningsView((await watch.look(name)).study)),
    whatIf: async (name: string, { scheduler = "none" }: Query): Promise<string> => {
      const watched = await watch.look(name);
      return watched.later(`what-if ${scheduler}`, async () =>
        text(await replays.whatIf(watched.study, scheduler, () => logOf(name))),
      );
    },
    compare: async (names: readonly string[]): Promise<string> => {
      const studies: WatchedStudy[] = [];
      for (const name of names) studies.push(await watch.look(name));
      return text(compareView(studies));
    },
  };
}

/** What {@link createAnswers} creates. */
export type Answers = ReturnType<typeof createAnswers>;
