import { CurvewiseError } from "./errors.js";
import type { CurvesTransferred } from "./events.js";
import { type EveryField, nothingElse } from "./fields.js";
import { decodeNumber, encodeNumber, type JsonNumber } from "./json.js";
import type { Pace } from "./pace.js";
import type { Param, Params, ParamValue, Space } from "./param.js";
import { placeOfValue } from "./param-value.js";
import type { Hold } from "./request.js";
import type { FormerWorker, Lead, StudyNote, Worker } from "./study.js";
import type { Budget, StudyDefinition } from "./study-definition.js";
import { type StudyRecord, studyRecord, type TrialRecord } from "./study-record.js";
import { decodeTransferred, encodeTransferred } from "./transferred-study.js";
import { TRIAL_STATES, type TrialState } from "./trial.js";

/** The format's number: an image of another format is ignored, and the log read instead. */
const FORMAT = 14;

/**
 * A param's value: itself, or where it is null, a list or a mapping, `[its place among the param's options]`. If the
 * space has changed and it is no longer an option, `[-1, value]`.
 */
type ParamCell =
  | string
  | number
  | boolean
  | readonly [place: number]
  | readonly [place: number, value: ParamValue]
  | null;

type MetricColumn = readonly (JsonNumber | null)[];

/** The names of the columns: each field of a trial has a column of its name, except for its number and its curve. */
type ColumnName = Exclude<keyof TrialRecord, "number" | "curve"> | "steps" | "metrics";

/** One column per field, one entry per trial: keys are written once, and each trial is read in one go. */
interface TrialColumns extends Readonly<Record<ColumnName, readonly unknown[]>> {
  /** Values in the order of {@link ImageBody.params}; null: the param is off. */
  readonly params: readonly (readonly ParamCell[])[];
  readonly seed: readonly number[];
  readonly sampler: readonly string[];
  readonly state: readonly TrialState[];
  readonly attempt: readonly number[];
  readonly failures: readonly number[];
  readonly worker: readonly (string | null)[];
  readonly steps: readonly number[][];
  /** A metric's name, then its values, then the next metric's, and so on. */
  readonly metrics: readonly (readonly (string | MetricColumn)[])[];
  readonly decision: readonly (NonNullable<TrialRecord["decision"]> | null)[];
  readonly snapshot: readonly (NonNullable<TrialRecord["snapshot"]> | null)[];
  readonly bestSnapshot: readonly (NonNullable<TrialRecord["bestSnapshot"]> | null)[];
  readonly exploiting: readonly (NonNullable<TrialRecord["exploiting"]> | null)[];
  readonly inheritances: readonly TrialRecord["inheritances"][];
  readonly failure: readonly (NonNullable<TrialRecord["failure"]> | null)[];
  readonly askedAt: readonly number[];
  readonly startedAt: readonly (number | null)[];
  readonly endedAt: readonly (number | null)[];
  readonly attemptAt: readonly (number | null)[];
  readonly trainedFor: readonly number[];
  readonly completion: readonly (number | null)[];
  /** 1 or 0. */
  readonly unspared: readonly number[];
  /** 1 or 0. */
  readonly parked: readonly number[];
  readonly pauses: readonly number[][];
  readonly timing: readonly (NonNullable<TrialRecord["timing"]> | null)[];
  readonly replicates: readonly (readonly ReplicateColumns[])[];
}

/** A further training; its metrics as in {@link TrialColumns.metrics}. */
interface ReplicateColumns {
  readonly seed: number;
  readonly steps: number[];
  readonly metrics: readonly (string | MetricColumn)[];
}

interface ImageBody {
  readonly format: number;
  readonly events: number;
  readonly definition: StudyDefinition;
  readonly transferred: readonly CurvesTransferred[];
  readonly params: readonly string[];
  readonly trials: TrialColumns;
  /** The order in which trials entered their states matters to schedulers. */
  readonly order: { readonly [State in TrialState]: readonly number[] };
  readonly elapsed: number;
  readonly bestReported: number | null;
  readonly lead: Lead | null;
  readonly totalSteps: number;
  readonly pace: Pace;
  readonly renewedAt: number;
  readonly outside: readonly number[];
  readonly halt: Hold | null;
  readonly held: readonly (readonly [trial: number, hold: Hold])[];
  readonly tags: readonly string[];
  readonly trialTags: readonly (readonly [trial: number, tags: readonly string[]])[];
  readonly plannedBudget: Budget | null;
  readonly notes: readonly StudyNote[];
  readonly workers: readonly Worker[];
  readonly formerWorkers: readonly FormerWorker[];
  readonly createdAt: number;
  readonly updatedAt: number;
}

function encodeColumn(column: readonly (number | null)[]): MetricColumn {
  const plain = column.every((value) => value === null || Number.isFinite(value));
  return plain ? column : column.map((value) => (value === null ? null : encodeNumber(value)));
}

const encodeMetrics = (metrics: TrialRecord["curve"]["metrics"]): (string | MetricColumn)[] =>
  [...metrics].flatMap(([name, column]): (string | MetricColumn)[] => [name, encodeColumn(column)]);

function decodeColumn(column: MetricColumn): (number | null)[] {
  return column.map((value) => (value === null ? null : decodeNumber(value)));
}

const optionsOf = (param: Param | undefined): readonly ParamValue[] =>
  param === undefined ? [] : param.kind === "fixed" ? [param.value] : "options" in param ? param.options : [];

function listedValue(
  param: Param | undefined,
  [place, other]: readonly [place: number, value?: ParamValue],
): ParamValue | undefined {
  return place < 0 ? other : optionsOf(param)[place];
}

function encodeParam(param: Param | undefined, value: ParamValue | undefined): ParamCell {
  if (value === undefined) return null;
  if (typeof value !== "object") return value;
  const place = placeOfValue(optionsOf(param), value);
  return place < 0 ? [place, value] : [place];
}

function encodeTrials(trials: readonly TrialRecord[], names: readonly string[], space: Space): TrialColumns {
  return {
    params: trials.map(({ params }) => names.map((name) => encodeParam(space[name], params[name]))),
    seed: trials.map(({ seed }) => seed),
    sampler: trials.map(({ sampler }) => sampler),
    state: trials.map(({ state }) => state),
    attempt: trials.map(({ attempt }) => attempt),
    failures: trials.map(({ failures }) => failures),
    worker: trials.map(({ worker }) => worker ?? null),
    steps: trials.map(({ curve }) => curve.steps),
    metrics: trials.map(({ curve }) => encodeMetrics(curve.metrics)),
    decision: trials.map(({ decision }) => decision ?? null),
    snapshot: trials.map(({ snapshot }) => snapshot ?? null),
    bestSnapshot: trials.map(({ bestSnapshot }) => bestSnapshot ?? null),
    exploiting: trials.map(({ exploiting }) => exploiting ?? null),
    inheritances: trials.map(({ inheritances }) => inheritances),
    failure: trials.map(({ failure }) => failure ?? null),
    askedAt: trials.map(({ askedAt }) => askedAt),
    startedAt: trials.map(({ startedAt }) => startedAt ?? null),
    endedAt: trials.map(({ endedAt }) => endedAt ?? null),
    attemptAt: trials.map(({ attemptAt }) => attemptAt ?? null),
    trainedFor: trials.map(({ trainedFor }) => trainedFor),
    completion: trials.map(({ completion }) => completion ?? null),
    unspared: trials.map(({ unspared }) => Number(unspared)),
    parked: trials.map(({ parked }) => Number(parked)),
    pauses: trials.map(({ pauses }) => pauses),
    timing: trials.map(({ timing }) => timing ?? null),
    replicates: trials.map(({ replicates }) =>
      replicates.map(({ seed, curve }) => ({
        seed,
        steps: curve.steps,
        metrics: encodeMetrics(curve.metrics),
      })),
    ),
  };
}

function decodeParams(names: readonly string[], cells: readonly ParamCell[], space: Space): Params {
  const params: Record<string, ParamValue> = {};
  for (let index = 0; index < names.length; index++) {
    const name = names[index];
    const cell = cells[index];
    if (name === undefined || cell === null || cell === undefined) continue;
    const value = typeof cell === "object" ? listedValue(space[name], cell) : cell;
    if (value !== undefined) params[name] = value;
  }
  return Object.freeze(params);
}

function decodeMetrics(flat: readonly (string | MetricColumn)[]): Map<string, (number | null)[]> {
  const metrics = new Map<string, (number | null)[]>();
  for (let index = 0; index + 1 < flat.length; index += 2) {
    const name = flat[index];
    const column = flat[index + 1];
    if (typeof name === "string" && typeof column === "object") metrics.set(name, decodeColumn(column));
  }
  return metrics;
}

function decodeTrials(columns: TrialColumns, names: readonly string[], space: Space): TrialRecord[] {
  return columns.seed.map(
    (seed, number): EveryField<TrialRecord> => ({
      number,
      params: decodeParams(names, columns.params[number] ?? [], space),
      seed,
      sampler: columns.sampler[number] ?? "",
      state: columns.state[number] ?? "waiting",
      attempt: columns.attempt[number] ?? 0,
      failures: columns.failures[number] ?? 0,
      worker: columns.worker[number] ?? undefined,
      curve: { steps: columns.steps[number] ?? [], metrics: decodeMetrics(columns.metrics[number] ?? []) },
      decision: columns.decision[number] ?? undefined,
      snapshot: columns.snapshot[number] ?? undefined,
      bestSnapshot: columns.bestSnapshot[number] ?? undefined,
      exploiting: columns.exploiting[number] ?? undefined,
      inheritances: columns.inheritances[number] ?? [],
      failure: columns.failure[number] ?? undefined,
      askedAt: columns.askedAt[number] ?? 0,
      startedAt: columns.startedAt[number] ?? undefined,
      endedAt: columns.endedAt[number] ?? undefined,
      attemptAt: columns.attemptAt[number] ?? undefined,
      trainedFor: columns.trainedFor[number] ?? 0,
      completion: columns.completion[number] ?? undefined,
      unspared: columns.unspared[number] === 1,
      parked: columns.parked[number] === 1,
      pauses: columns.pauses[number] ?? [],
      timing: columns.timing[number] ?? undefined,
      replicates: (columns.replicates[number] ?? []).map((each) => ({
        seed: each.seed,
        curve: { steps: each.steps, metrics: decodeMetrics(each.metrics) },
      })),
    }),
  );
}

/** Writes a study's state as one string of JSON. */
export function encodeImage(study: StudyRecord): string {
  // How many trials each sampler proposed is recounted when the image is read.
  const { askedBy: _counted, transferred, trials, byState, workers, formerWorkers, ...others } = study;
  const {
    halt,
    held,
    tags,
    trialTags,
    plannedBudget,
    definition,
    events,
    elapsed,
    bestReported,
    lead,
    totalSteps,
    pace,
    renewedAt,
    outside,
    notes,
    createdAt,
    updatedAt,
    ...unknown
  } = others;
  nothingElse(unknown);
  const params = Object.keys(definition.space);
  const body: ImageBody = {
    format: FORMAT,
    events,
    definition,
    transferred: transferred.map(encodeTransferred),
    params,
    trials: encodeTrials(trials, params, definition.space),
    order: {
      waiting: [...byState.waiting],
      running: [...byState.running],
      paused: [...byState.paused],
      complete: [...byState.complete],
      stopped: [...byState.stopped],
      failed: [...byState.failed],
    },
    elapsed,
    bestReported: bestReported ?? null,
    lead: lead ?? null,
    totalSteps,
    pace,
    renewedAt,
    outside: [...outside],
    halt: halt ?? null,
    held: [...held],
    tags,
    trialTags: [...trialTags],
    plannedBudget: plannedBudget ?? null,
    notes,
    workers: [...workers.values()],
    formerWorkers: [...formerWorkers.values()],
    createdAt,
    updatedAt,
  };
  return JSON.stringify(body);
}

/**
 * Reads what {@link encodeImage} wrote; undefined if it is in another format.
 *
 * @throws CurvewiseError `IMAGE_INVALID` when it is not an image at all
 */
export function decodeImage(text: string): StudyRecord | undefined {
  const body = parse(text);
  if (body.format !== FORMAT) return undefined;
  const study = studyRecord(body.definition, body.createdAt);
  study.events = body.events;
  study.elapsed = body.elapsed;
  study.bestReported = body.bestReported ?? undefined;
  study.lead = body.lead ?? undefined;
  study.totalSteps = body.totalSteps;
  study.pace = body.pace;
  study.renewedAt = body.renewedAt;
  study.outside = new Set(body.outside);
  study.halt = body.halt ?? undefined;
  for (const [trial, hold] of body.held) study.held.set(trial, hold);
  study.tags = body.tags;
  for (const [trial, tags] of body.trialTags) study.trialTags.set(trial, tags);
  study.plannedBudget = body.plannedBudget ?? undefined;
  study.updatedAt = body.updatedAt;
  for (const each of body.transferred) study.transferred.push(decodeTransferred(each));
  for (const { trial, code, message, hint, by, time } of body.notes) {
    const note: EveryField<StudyNote> = { trial, code, message, hint, by, time };
    study.notes.push(note);
  }
  for (const worker of body.workers) study.workers.set(worker.name, worker);
  for (const worker of body.formerWorkers) study.formerWorkers.set(worker.name, worker);
  for (const trial of decodeTrials(body.trials, body.params, body.definition.space)) {
    study.trials.push(trial);
    study.askedBy.set(trial.sampler, (study.askedBy.get(trial.sampler) ?? 0) + 1);
  }
  for (const state of TRIAL_STATES) for (const number of body.order[state]) study.byState[state].add(number);
  return study;
}

function parse(text: string): ImageBody {
  try {
    const body: ImageBody = JSON.parse(text);
    return body;
  } catch (cause) {
    throw new CurvewiseError("IMAGE_INVALID", "the study's image is not valid JSON", {
      hint: "Delete the row of the table `images`; the log holds everything.",
      cause,
      kind: "failure",
    });
  }
}
