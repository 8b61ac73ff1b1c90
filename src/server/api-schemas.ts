import { z } from "@hono/zod-openapi";
import { type EveryField, schemaOf } from "../core/fields.js";
import { GOAL_ACROSS, GOAL_REPORTS, type Goal, LIMIT_COMPARISONS } from "../core/goal.js";
import type { Assignment } from "../core/launcher.js";
import { requester, studyAction } from "../core/request-schema.js";
import type { FormerWorker, Worker } from "../core/study.js";
import { TRIAL_STATES } from "../core/trial.js";
import {
  answerSchema,
  attemptEnd,
  metrics,
  params,
  sequence,
  step,
  workerDescription,
  workerName,
} from "./messages.js";

const moment = z.number().describe("Milliseconds since 1970, by the coordinator's clock.");
const jsonValue = z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"]), z.null()]);
const trialState = z.enum(TRIAL_STATES);

/** Every error. */
export const errorSchema = z
  .object({
    error: z.object({
      code: z.string().describe("Stable, in capitals."),
      message: z.string(),
      hint: z.string().nullable().describe("What to do about it."),
    }),
  })
  .openapi("Error");

const reference = z
  .number()
  .exactOptional()
  .describe("Of several goals: the value from which hypervolume is measured.");

/** A study's state. */
export const studySchema = z
  .looseObject({
    name: z.string(),
    goal: schemaOf<Goal>()(
      z.object({
        metric: z.string(),
        direction: z.enum(["minimize", "maximize"]),
        of: z.enum(GOAL_REPORTS).exactOptional().describe("Which report of a training counts."),
        across: z.enum(GOAL_ACROSS).exactOptional().describe("What counts of a trial's replicates."),
        reference,
        others: z
          .array(z.object({ metric: z.string(), direction: z.enum(["minimize", "maximize"]), reference }))
          .exactOptional()
          .describe("Further goals."),
        constraints: z
          .array(z.object({ metric: z.string(), comparison: z.enum(LIMIT_COMPARISONS), limit: z.number() }))
          .exactOptional()
          .describe("Constraints on metrics."),
      }),
    ),
    state: z.enum(["running", "idle", "finished"]),
    maxSteps: z.number().nullable(),
    seed: z.number(),
    budget: z.looseObject({}),
    trials: z.looseObject({ total: z.int() }).describe("How many there are, in total and by state."),
    totalSteps: z.number(),
    elapsed: z.number().describe("Seconds for which a coordinator has worked on it."),
    best: z.looseObject({ trial: z.int(), value: z.number(), complete: z.boolean(), params }).nullable(),
    events: z.int().describe("How many events the log has."),
    createdAt: moment,
    updatedAt: moment,
  })
  .openapi("Study");

/** A trial with its learning curve. */
export const trialSchema = z
  .looseObject({
    number: z.int(),
    state: trialState,
    params,
    value: z.number().nullable().describe("The goal metric's last value, if it is finite."),
    curve: z.array(z.object({ step: z.int() }).catchall(jsonValue)).describe("One entry per reported step."),
    step: z.int(),
    attempt: z.int(),
    failures: z.int(),
    worker: z.string().nullable(),
    askedAt: moment,
    startedAt: moment.nullable(),
    endedAt: moment.nullable(),
    seconds: z.number().nullable().describe("For how long it was trained; null while it is."),
  })
  .openapi("Trial");

/** An event of the log with its position. */
export const loggedEventSchema = z
  .object({
    sequence: z.int().min(1).describe("The position in the log; the first is 1."),
    event: z.looseObject({ type: z.string(), time: moment }),
  })
  .openapi("LoggedEvent");

/** A worker that is present, or was. */
interface ListedWorker extends Worker {
  readonly state: "present" | FormerWorker["reason"];
  readonly goneAt: FormerWorker["goneAt"] | null;
  /** Why it has gone. */
  readonly message: FormerWorker["message"] | null;
  /** The trials that it trains. */
  readonly trials: readonly number[];
}
/** The schema of a worker that is present, or was. */
export const workerSchema = schemaOf<ListedWorker>()(
  z
    .object({
      name: z.string(),
      state: z.enum(["present", "left", "silent", "coordinator-ended"]),
      ...workerDescription,
      joinedAt: moment,
      goneAt: moment.nullable(),
      message: z.string().nullable().describe("Why it has gone."),
      trials: z.array(z.int()).describe("The trials that it trains."),
    })
    .openapi("Worker"),
);

/** The path of a study. */
export const studyPath = z.object({
  study: z
    .string()
    .min(1)
    .max(200)
    .openapi({ param: { name: "study", in: "path" }, example: "mnist-mlp" }),
});
/** The path of a trial. */
export const trialPath = studyPath.extend({
  trial: z.coerce
    .number()
    .int()
    .min(0)
    .openapi({ param: { name: "trial", in: "path", required: true }, type: "integer", example: 7 }),
});
/** The path of a worker. */
export const workerPath = studyPath.extend({
  // A copy: schemas made before this file's library was loaded do not have its method.
  worker: workerName.clone().openapi({ param: { name: "worker", in: "path" }, example: "tuner-1" }),
});

const count = (most: number, usual: number) =>
  z.coerce.number().int().min(1).max(most).default(usual).openapi({ type: "integer" });
const from = z.coerce.number().int().min(0).optional().openapi({ type: "integer" });

/** Which trials to list. */
export const trialsQuery = z.object({
  state: trialState.optional().describe("Only trials in this state."),
  after: from.describe("Only trials with a higher number."),
  limit: count(1000, 100),
});
/** Which events to list. */
export const eventsQuery = z.object({
  after: from.describe("Only events after this position in the log."),
  trial: from.describe("Only events of this trial."),
  limit: count(10_000, 1000),
});
/** Where live events begin. */
export const liveQuery = z.object({
  after: from.describe(
    "Only events after this position; by default, only new ones. `Last-Event-ID` takes precedence.",
  ),
});

const worker = workerName.describe("Chosen by the caller, and the same in all its calls.");
const attempt = z.int().min(1);

/** What an outside program sends to ask for a trial. */
export const askBody = z
  .strictObject({
    worker,
    request: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .describe(
        "Unique among the caller's; asking again with it gives the same trial, so that no trial is lost if an answer is.",
      ),
    wait: z.number().min(0).max(60).default(0).describe("Seconds to wait for a trial if there is none yet."),
    lease: z
      .number()
      .min(1)
      .max(86_400)
      .optional()
      .describe(
        "Seconds without a call after which the caller counts as lost, fixed by its first call; by default the server's.",
      ),
    host: workerDescription.host.optional(),
    labels: workerDescription.labels.optional(),
  })
  .openapi("Ask");
/** With null for what is missing. */
type Nullable<T> = {
  readonly [Key in keyof EveryField<T>]: undefined extends EveryField<T>[Key]
    ? Exclude<EveryField<T>[Key], undefined> | null
    : EveryField<T>[Key];
};
/** An attempt as an outside program gets it: absolute paths, and null for what is missing. */
export type OutsideAssignment = Nullable<Omit<Assignment, "study" | "parked">>;
const outsideAssignment = schemaOf<OutsideAssignment>()(
  z.object({
    trial: z.int().min(0),
    attempt,
    params,
    seed: z.int(),
    maxSteps: z.int().nullable(),
    folder: z
      .string()
      .describe("The trial's own folder, as an absolute path on the coordinator's host; it exists."),
    resume: z
      .object({ step, path: z.string() })
      .nullable()
      .describe("The snapshot to continue from, with an absolute path; null: begin from scratch."),
    timeout: z.number().nullable(),
    snapshotEvery: z.int().nullable(),
  }),
);
/** The answer to {@link askBody}. */
export const askAnswer = z
  .union([
    z.object({ assignment: outsideAssignment }),
    z.object({
      assignment: z.null(),
      reason: z
        .enum(["none-yet", "finished", "interrupted"])
        .describe("none-yet: ask again. Otherwise there will be none."),
    }),
  ])
  .openapi("AskAnswer");

const ofAttempt = {
  worker,
  attempt,
  sequence: sequence
    .optional()
    .describe("Counts the attempt's calls from 1, so that a call can safely be repeated."),
};
/** Metrics at a step. */
export const reportBody = z
  .strictObject({ ...ofAttempt, step, metrics, canExploit: z.boolean().optional() })
  .openapi("Report");
/** The answer to {@link reportBody}. */
export const reportAnswer = z
  .object({
    answer: answerSchema,
    late: z.boolean().describe("The attempt had been given up: the report is recorded, but has no effect."),
  })
  .openapi("ReportAnswer");
/** A saved model. */
export const snapshotBody = z
  .strictObject({
    ...ofAttempt,
    step,
    path: z
      .string()
      .max(4000)
      .regex(/^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$))[^\0\n]+$/)
      .describe("Relative to the trial's folder, and inside it."),
  })
  .openapi("Snapshot");
/** How an attempt ended. */
export const tellBody = z.strictObject({ ...ofAttempt, end: attemptEnd }).openapi("Tell");
/** What somebody asks of a study. */
export const requestBody = z
  .strictObject({
    by: requester
      .exactOptional()
      .describe(
        "What the caller says of itself. In the log it stands in brackets, after the owner of the token, who asks.",
      ),
    action: studyAction,
  })
  .openapi("Request");
/** The answer to {@link requestBody}. */
export const requestAnswer = z
  .object({ number: z.int().describe("The request's number; later ones have greater numbers.") })
  .openapi("RequestAnswer");
/** A request that is not carried out yet. */
export const pendingRequestSchema = z
  .object({ number: z.int(), time: moment, by: z.string(), action: z.looseObject({ kind: z.string() }) })
  .openapi("PendingRequest");
/** The answer of calls that return nothing. */
export const okAnswer = z.object({ ok: z.literal(true) }).openapi("Ok");
