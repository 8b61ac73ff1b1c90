import { CurvewiseError } from "./errors.js";
import { decodeNumber, encodeNumber, type JsonNumber } from "./json.js";
import type { StudyNote } from "./study.js";
import type { StudyDefinition } from "./study-definition.js";
import { type StudyRecord, studyRecord, type TrialRecord } from "./study-fold.js";

/** The format's number: an image of another format is ignored, and the log read instead. */
const FORMAT = 1;

type TrialImage = Omit<TrialRecord, "curve"> & {
  readonly steps: readonly number[];
  readonly metrics: readonly (readonly [string, readonly (JsonNumber | null)[]])[];
};

interface ImageBody {
  readonly format: number;
  readonly events: number;
  readonly definition: StudyDefinition;
  readonly trials: readonly TrialImage[];
  /** The order in which trials entered their states matters to schedulers. */
  readonly order: StudyStates;
  readonly elapsed: number;
  readonly totalSteps: number;
  readonly notes: readonly StudyNote[];
  readonly createdAt: number;
  readonly updatedAt: number;
}

type StudyStates = { readonly [State in keyof StudyRecord["byState"]]: readonly number[] };

function encodeColumn(column: readonly (number | null)[]): readonly (JsonNumber | null)[] {
  const plain = column.every((value) => value === null || Number.isFinite(value));
  return plain ? column : column.map((value) => (value === null ? null : encodeNumber(value)));
}

function decodeColumn(column: readonly (JsonNumber | null)[]): (number | null)[] {
  return column.map((value) => (value === null ? null : decodeNumber(value)));
}

/** Writes a study's state as one string of JSON. */
export function encodeImage(study: StudyRecord): string {
  const { definition, events, elapsed, totalSteps, notes, createdAt, updatedAt, byState } = study;
  const body: ImageBody = {
    format: FORMAT,
    events,
    definition,
    trials: study.trials.map(({ curve, ...trial }) => ({
      ...trial,
      steps: curve.steps,
      metrics: [...curve.metrics].map(([name, column]) => [name, encodeColumn(column)] as const),
    })),
    order: {
      waiting: [...byState.waiting],
      running: [...byState.running],
      paused: [...byState.paused],
      complete: [...byState.complete],
      stopped: [...byState.stopped],
      failed: [...byState.failed],
    },
    elapsed,
    totalSteps,
    notes,
    createdAt,
    updatedAt,
  };
  return JSON.stringify(body);
}

/**
 * Reads what {@link encodeImage} wrote; undefined when it is of another format.
 *
 * @throws CurvewiseError `IMAGE_INVALID` when it is no image at all
 */
export function decodeImage(text: string): StudyRecord | undefined {
  const body = parse(text);
  if (body.format !== FORMAT) return undefined;
  const study = studyRecord(body.definition, body.createdAt);
  study.events = body.events;
  study.elapsed = body.elapsed;
  study.totalSteps = body.totalSteps;
  study.updatedAt = body.updatedAt;
  study.notes.push(...body.notes);
  for (const { steps, metrics, ...trial } of body.trials) {
    study.trials.push({
      ...withAbsent(trial),
      curve: {
        steps: [...steps],
        metrics: new Map(metrics.map(([name, column]) => [name, decodeColumn(column)])),
      },
    });
  }
  for (const state of STATES) for (const number of body.order[state]) study.byState[state].add(number);
  return study;
}

const STATES = ["waiting", "running", "paused", "complete", "stopped", "failed"] as const;

/** JSON drops keys that are undefined; they are put back so that a decoded study equals the encoded one. */
function withAbsent(trial: Omit<TrialRecord, "curve">): Omit<TrialRecord, "curve"> {
  const { worker, decision, snapshot, failure, startedAt, endedAt, completion } = trial;
  return { ...trial, worker, decision, snapshot, failure, startedAt, endedAt, completion };
}

function parse(text: string): ImageBody {
  try {
    const body: ImageBody = JSON.parse(text);
    return body;
  } catch (cause) {
    throw new CurvewiseError("IMAGE_INVALID", "the study's image is no JSON", {
      hint: "Delete the row of the table `images`; the log holds everything.",
      cause,
      kind: "failure",
    });
  }
}
