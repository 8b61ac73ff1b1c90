import { attemptStarted } from "../core/course/attempt.js";
import { trialSeed } from "../core/course/new-trial.js";
import type { EventBody, StudyEvent } from "../core/events.js";
import { ofFields } from "../core/fields.js";
import type { ImportOrigin, StudyDefinition } from "../core/study-definition.js";
import type { ForeignStudy, ForeignTrial } from "./foreign-study.js";
import { refuseFile } from "./refusals.js";

/** Nobody trained for this many milliseconds: the time in between does not count as the study's. */
const IDLE = 60_000;

/** The failure of trials that failed under another tool. */
export const IMPORTED_FAILURE = "IMPORTED_FAILURE";
/** What is said of those that it calls failed without a reason. */
const NO_REASON = "the tool recorded that it failed, not why";

/** The process that imports, for the log. */
export interface Importer {
  readonly host: string;
  readonly pid: number;
}

/** How an imported study is to be recorded. */
export interface ImportedStudy {
  readonly definition: StudyDefinition;
  /** All but the first event, `study-created`, in order of time. */
  readonly events: readonly StudyEvent[];
  /** The time of the first event. */
  readonly createdAt: number;
}

/** The years 1 to 9999, in milliseconds since 1970: other times are damaged, and no date can be written for them. */
const FIRST_TIME = Date.parse("0001-01-01T00:00:00Z");
const LAST_TIME = Date.parse("9999-12-31T23:59:59Z");

/** A time to the millisecond; undefined if it is damaged. */
function usableTime(time: number | undefined): number | undefined {
  return time !== undefined && time >= FIRST_TIME && time <= LAST_TIME ? Math.round(time) : undefined;
}

/** Refuses steps that a log cannot have, or that do not increase. @throws CurvewiseError `IMPORT_INVALID` */
function checkSteps({ tool, name, trials }: ForeignStudy): void {
  for (const [number, { reports }] of trials.entries()) {
    let last = -1;
    for (const { step } of reports) {
      // One is kept free, since steps from 0 are moved by 1.
      if (Number.isSafeInteger(step) && step > last && step < Number.MAX_SAFE_INTEGER) {
        last = step;
        continue;
      }
      refuseFile(`${tool}'s study "${name}"`, `trial ${number} reported a value at step ${step}`, {
        hint: "Steps must be whole numbers from 0 or 1, below 2^53, and increase from report to report.",
      });
    }
  }
}

/** By how much steps are moved: the first step of a training is 1 here. */
const shiftOf = ({ trials }: ForeignStudy): 0 | 1 =>
  trials.some(({ reports }) => (reports[0]?.step ?? 1) === 0) ? 1 : 0;

/** The step at which all complete trainings ended and that no other passed; undefined if there is no such step. */
function commonEnd({ trials }: ForeignStudy): number | undefined {
  const ends = new Set(
    trials.filter(({ state }) => state === "complete").map(({ reports }) => reports.at(-1)?.step ?? 0),
  );
  const [end] = ends;
  if (ends.size !== 1 || end === undefined) return undefined;
  const most = trials.reduce((last, { reports }) => Math.max(last, reports.at(-1)?.step ?? 0), 0);
  return most === end ? end : undefined;
}

function definitionOf(study: ForeignStudy, name: string): StudyDefinition {
  const shift = shiftOf(study);
  const end = commonEnd(study);
  const { tool, goal, space } = study;
  return ofFields<StudyDefinition>({
    name,
    goal,
    space,
    constraints: [],
    maxSteps: end === undefined || end + shift < 1 ? undefined : end + shift,
    sampler: { name: "random", options: {} },
    scheduler: { name: "none", options: {} },
    budget: {},
    seed: 0,
    replicates: undefined,
    countStarts: undefined,
    retries: 0,
    timeout: undefined,
    program: undefined,
    imported: ofFields<ImportOrigin>({
      tool,
      study: study.name,
      firstStep: shift === 1 ? 0 : undefined,
      finalValues: study.finalValues ? true : undefined,
    }),
  });
}

interface Timed {
  readonly time: number;
  readonly body: EventBody;
}

/** When each trial was asked for: numbers count in that order, and a trial that waited began later than others. */
function askTimes(trials: readonly ForeignTrial[], latest: number): number[] {
  const times: number[] = [];
  let next = latest;
  for (const { startedAt } of trials.toReversed()) {
    next = Math.min(next, startedAt ?? next);
    times.push(next);
  }
  return times.reverse();
}

function endOf(trial: ForeignTrial, number: number): EventBody | undefined {
  const place = { trial: number, attempt: 1 };
  switch (trial.state) {
    case "complete":
    case "stopped":
      return { type: "finished", ...place, state: trial.state };
    case "failed":
      return {
        type: "failed",
        ...place,
        error: { code: IMPORTED_FAILURE, message: trial.failure ?? NO_REASON },
        output: [],
        retry: false,
      };
    case "paused":
      return { type: "paused", ...place };
    case "running":
    case "waiting":
      return undefined;
  }
}

/** What happened to one trial. Tools do not record when something was reported: reports are spread evenly. */
function happenings(
  trial: ForeignTrial,
  { number, askedAt, tool, shift }: { number: number; askedAt: number; tool: string; shift: number },
): Timed[] {
  const { params, attributes, reports } = trial;
  const hasMore = Object.keys(attributes).length > 0;
  const asked: EventBody = {
    type: "trial-asked",
    trial: number,
    params,
    seed: trialSeed(0, number),
    sampler: tool,
    ...(hasMore ? { attributes } : {}),
  };
  if (trial.state === "waiting") return [{ time: askedAt, body: asked }];
  const start = Math.max(askedAt, trial.startedAt ?? askedAt);
  const end = Math.max(start, trial.endedAt ?? start);
  const timeOf = (place: number): number =>
    start + Math.round(((end - start) * (place + 1)) / reports.length);
  const ended = endOf(trial, number);
  return [
    { time: askedAt, body: asked },
    { time: start, body: attemptStarted({ number, attempt: 0 }, tool, 0) },
    ...reports.map(({ step, metrics }, place): Timed => {
      const body = { type: "reported", trial: number, attempt: 1, step: step + shift, metrics } as const;
      return { time: timeOf(place), body };
    }),
    ...(ended === undefined ? [] : [{ time: end, body: ended }]),
  ];
}

/** Opens the study again wherever nobody trained for a while, so that this time does not count. */
function withPauses(timed: readonly Timed[], opened: EventBody): StudyEvent[] {
  const events: StudyEvent[] = [];
  let before: number | undefined;
  let running = 0;
  for (const { time, body } of timed) {
    const isFirst = before === undefined;
    if (isFirst || (running === 0 && time - (before ?? time) > IDLE)) events.push({ ...opened, time });
    if (body.type === "attempt-started") running += 1;
    if (body.type === "finished" || body.type === "failed" || body.type === "paused") running -= 1;
    events.push({ ...body, time });
    before = time;
  }
  return events;
}

/**
 * The log of another tool's study, as if it had been run here. Times that no calendar has are left out.
 *
 * @param name the study's name here
 * @param now the time of what the tool gives no time for, in milliseconds since 1970
 * @throws CurvewiseError `IMPORT_INVALID` when a step is not a whole number from 0
 */
export function importedStudy(
  foreign: ForeignStudy,
  name: string,
  importer: Importer,
  now: number,
): ImportedStudy {
  checkSteps(foreign);
  const timely = foreign.trials.map((trial): ForeignTrial => {
    return { ...trial, startedAt: usableTime(trial.startedAt), endedAt: usableTime(trial.endedAt) };
  });
  const study: ForeignStudy = { ...foreign, trials: timely };
  const shift = shiftOf(study);
  const known = study.trials.flatMap(({ startedAt, endedAt }) => [startedAt ?? [], endedAt ?? []].flat());
  const latest = known.reduce((last, time) => Math.max(last, time), Number.NEGATIVE_INFINITY);
  const times = askTimes(study.trials, known.length === 0 ? now : latest);
  const timed = study.trials
    .flatMap((trial, number) => {
      return happenings(trial, { number, askedAt: times[number] ?? now, tool: study.tool, shift });
    })
    .sort((a, b) => a.time - b.time);
  return {
    definition: definitionOf(study, name),
    events: withPauses(timed, { type: "study-opened", ...importer }),
    createdAt: times[0] ?? now,
  };
}
