import { z } from "@hono/zod-openapi";
import { type EveryField, schemaOf } from "../core/fields.js";
import { GOAL_REPORTS, type Goal } from "../core/goal.js";
import type { Assignment } from "../core/launcher.js";
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
      hint: z.string().nullable().describe("What can be done about it."),
    }),
  })
  .openapi("Error");

/** A study's state. */
export const studySchema = z
  .looseObject({
    name: z.string(),
    goal: schemaOf<Goal>()(
      z.object({
        metric: z.string(),
        direction: z.enum(["minimize", "maximize"]),
        of: z.enum(GOAL_REPORTS).exactOptional().describe("Which report of a training counts."),
      }),
    ),
    state: z.enum(["running", "idle", "finished"]),
    maxSteps: z.number().nullable(),
    seed: z.number(),
    budget: z.looseObject({}),
    trials: z.looseObject({ total: z.int() }).describe("How many there are, also by state."),
    totalSteps: z.number(),
    elapsed: z.number().describe("Seconds during which a coordinator worked on it."),
    best: z.looseObject({ trial: z.int(), value: z.number(), complete: z.boolean(), params }).nullable(),
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
    value: z.number().nullable().describe("The goal metric's last value, where it is finite."),
    curve: z.array(z.object({ step: z.int() }).catchall(jsonValue)).describe("One entry a reported step."),
    step: z.int(),
    attempt: z.int(),
    failures: z.int(),
    worker: z.string().nullable(),
    askedAt: moment,
    startedAt: moment.nullable(),
    endedAt: moment.nullable(),
  })
  .openapi("Trial");

/** An event of the log with its place. */
export const loggedEventSchema = z
  .object({
    sequence: z.int().min(1).describe("The place in the log; the first is 1."),
    event: z.looseObject({ type: z.string(), time: moment }),
  })
  .openapi("LoggedEvent");

/** A worker that is there, or was. */
interface ListedWorker extends Worker {
  readonly state: "present" | FormerWorker["reason"];
  readonly goneAt: FormerWorker["goneAt"] | null;
  /** Why it went. */
  readonly message: FormerWorker["message"] | null;
  /** The trials that it trains. */
  readonly trials: readonly number[];
}
/** The schema of a worker that is there, or was. */
export const workerSchema = schemaOf<ListedWorker>()(
  z
    .object({
      name: z.string(),
      state: z.enum(["present", "left", "silent", "coordinator-ended"]),
      ...workerDescription,
      joinedAt: moment,
      goneAt: moment.nullable(),
      message: z.string().nullable().describe("Why it went."),
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
  worker: workerName.openapi({ param: { name: "worker", in: "path" }, example: "tuner-1" }),
});

const count = (most: number, usual: number) =>
  z.coerce.number().int().min(1).max(most).default(usual).openapi({ type: "integer" });
const from = z.coerce.number().int().min(0).optional().openapi({ type: "integer" });

/** Which trials are wanted. */
export const trialsQuery = z.object({
  state: trialState.optional().describe("Only trials in this state."),
  after: from.describe("Only trials with a higher number."),
  limit: count(1000, 100),
});
/** Which events are wanted. */
export const eventsQuery = z.object({
  after: from.describe("Only events after this place in the log."),
  trial: from.describe("Only events of this trial."),
  limit: count(10_000, 1000),
});
/** From where live events are wanted. */
export const liveQuery = z.object({
  after: from.describe(
    "Only events after this place; by default those to come. `Last-Event-ID` has precedence.",
  ),
});

const worker = workerName.describe("Chosen by the caller: the same for all that it does.");
const attempt = z.int().min(1);

/** What an outside program says when it asks for a trial. */
export const askBody = z
  .strictObject({
    worker,
    request: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .describe(
        "Unique among the caller's; asked again with it, the same trial is given. Then no trial is lost with an answer.",
      ),
    wait: z
      .number()
      .min(0)
      .max(60)
      .default(0)
      .describe("Seconds to wait for a trial where there is none yet."),
    lease: z
      .number()
      .min(1)
      .max(86_400)
      .optional()
      .describe(
        "Seconds without a call after which the caller counts as lost, from its first call on; by default the server's.",
      ),
    host: workerDescription.host.optional(),
    labels: workerDescription.labels.optional(),
  })
  .openapi("Ask");
/** With null for what is not there. */
type Nullable<T> = {
  readonly [Key in keyof EveryField<T>]: undefined extends EveryField<T>[Key]
    ? Exclude<EveryField<T>[Key], undefined> | null
    : EveryField<T>[Key];
};
/** An attempt as an outside program gets it: whole paths, and null for what is not there. */
export type OutsideAssignment = Nullable<Omit<Assignment, "study">>;
const outsideAssignment = schemaOf<OutsideAssignment>()(
  z.object({
    trial: z.int().min(0),
    attempt,
    params,
    seed: z.int(),
    maxSteps: z.int().nullable(),
    folder: z.string().describe("The trial's own folder, absolute where the coordinator runs; it exists."),
    resume: z
      .object({ step, path: z.string() })
      .nullable()
      .describe("The snapshot to go on from, absolute; null: begin anew."),
    timeout: z.number().nullable(),
    snapshotEvery: z.int().nullable(),
  }),
);
/** The answer to it. */
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
    .describe("Counts the attempt's calls from 1, so that one may be made again safely."),
};
/** Metrics at a step. */
export const reportBody = z
  .strictObject({ ...ofAttempt, step, metrics, canExploit: z.boolean().optional() })
  .openapi("Report");
/** The answer to them. */
export const reportAnswer = z
  .object({
    answer: answerSchema,
    late: z.boolean().describe("The attempt had been given up: the report is kept, and nothing came of it."),
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
/** It is done. */
export const okAnswer = z.object({ ok: z.literal(true) }).openapi("Ok");
