import { rankTrials } from "../../core/best-trial.js";
import type { Study } from "../../core/study.js";
import { lastStep, type Trial } from "../../core/trial.js";
import type { Worth } from "../../forecast/study-worth.js";
import { shortNumber } from "../../plots/trial-text.js";
import type { StudyView } from "../../views/contract.js";
import { happeningsView, studyView, type ViewedStudy } from "../../views/index.js";
import type { TimeLeft } from "../../views/study-progress.js";

/** A worker, and what it trains at the moment. */
export interface WatchedWorker {
  readonly name: string;
  /** Undefined: nothing. */
  readonly trial: number | undefined;
  readonly step: number;
}

/** Something that happened. */
export interface WatchedHappening {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly text: string;
  /** The trial's new state; undefined for a note. */
  readonly state: string | undefined;
}

/** What the screens of a study show, whichever keys were pressed. */
export interface WatchModel {
  readonly study: Study;
  readonly view: StudyView;
  /** `running`, `held` (paused or stopped by somebody), `idle`, `finished`. */
  readonly stateText: string;
  /** Undefined while too little is known. */
  readonly left: TimeLeft | undefined;
  readonly workers: readonly WatchedWorker[];
  /** Newest first. */
  readonly happenings: readonly WatchedHappening[];
}

/** More would not be seen at once. */
const MOST_HAPPENINGS = 30;

function workersOf({ trials, byState, workers }: Study): WatchedWorker[] {
  const found = new Map<string, WatchedWorker>();
  for (const name of workers.keys()) found.set(name, { name, trial: undefined, step: 0 });
  for (const number of byState.running) {
    const trial = trials[number];
    if (trial?.worker === undefined) continue;
    found.set(trial.worker, { name: trial.worker, trial: number, step: lastStep(trial) });
  }
  return [...found.values()];
}

/** What can be said of a trial that has ended or is paused; undefined for others. */
function endText({ number, state, decision, failure }: Trial): string | undefined {
  switch (state) {
    case "complete":
      return `trial ${number} is complete`;
    case "failed":
      return `trial ${number} failed${failure === undefined ? "" : `: ${failure.message}`}`;
    case "waiting":
    case "running":
      return undefined;
    default:
      return decision === undefined
        ? `trial ${number} was ${state}`
        : `trial ${number} was ${state} at step ${decision.step}: ${decision.reason}`;
  }
}

/** The newest notes and ends of trials. */
function happeningsOf(study: Study): WatchedHappening[] {
  const ended: { readonly time: number; readonly trial: Trial }[] = [];
  for (const trial of study.trials) {
    // Iterating an array with holes gives undefined for trials that were forgotten.
    if (trial?.endedAt !== undefined) ended.push({ time: trial.endedAt, trial });
  }
  ended.sort((a, b) => b.time - a.time);
  const notes = happeningsView(study).happenings.slice(0, MOST_HAPPENINGS);
  return [
    ...notes.map(({ time, trial, message }) => ({
      time,
      text: `${trial === null ? "" : `trial ${trial}: `}${message}`,
      state: undefined,
    })),
    ...ended.slice(0, MOST_HAPPENINGS).flatMap(({ time, trial }) => {
      const text = endText(trial);
      return text === undefined ? [] : [{ time, text, state: trial.state }];
    }),
  ]
    .sort((a, b) => b.time - a.time)
    .slice(0, MOST_HAPPENINGS);
}

function stateText({ halt }: Study, { state, holder }: StudyView): string {
  if (halt !== undefined)
    return `${halt.action === "pause" ? "paused" : "stopped"} by ${halt.by}${holder === null ? "" : `, held by ${holder}`}`;
  return holder === null ? state : `${state}, ${holder}`;
}

/** What is found out apart from the model, because it takes time or goes by a clock. */
export interface WatchContext {
  /** How much longer the study will take. */
  readonly left?: TimeLeft | undefined;
  /** What going on is worth; if it is left out, that is judged now. */
  readonly judged?: { readonly worth: Worth | undefined };
}

/** Makes the model. */
export function watchModel(viewed: ViewedStudy, { left, judged }: WatchContext = {}): WatchModel {
  const view = studyView(viewed, {
    mayAct: false,
    schedulers: [],
    ...(judged === undefined ? {} : { judged }),
  });
  return {
    study: viewed.study,
    view,
    stateText: stateText(viewed.study, view),
    left,
    workers: workersOf(viewed.study),
    happenings: happeningsOf(viewed.study),
  };
}

/** How trials are listed below those that run. */
export type TrialOrder = "newest" | "best";

/** The trials in the order of the list: running ones first. */
export function listedTrials(study: Study, order: TrialOrder): readonly Trial[] {
  const running = [...study.byState.running].flatMap((number) => study.trials[number] ?? []);
  const known = study.trials.filter(({ state }) => state !== "running");
  const newest = known.toReversed();
  if (order === "newest") return [...running.toReversed(), ...newest];
  const ranked = rankTrials(study).flatMap(({ trial }) => (trial.state === "running" ? [] : [trial]));
  const seen = new Set(ranked.map(({ number }) => number));
  return [...running.toReversed(), ...ranked, ...newest.filter(({ number }) => !seen.has(number))];
}

/** A number for a narrow column. */
export const briefNumber = (value: number | null): string =>
  value === null ? "-" : shortNumber(Number(value.toPrecision(4)));
