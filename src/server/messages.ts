import { z } from "zod";
import { MAX_METRIC_NAME, MAX_METRICS, type WorkerJoined } from "../core/events.js";
import type { Failure } from "../core/failure.js";
import { type DeepReadonly, schemaOf } from "../core/fields.js";
import type { Assignment, AttemptEnd, ExploitAnswer, ReportAnswer } from "../core/launcher.js";
import { FILE_FORMATS, OUTPUT_STREAMS, PRINTED_FORMATS } from "../core/metric-reading.js";
import { paramValue } from "../core/param-schema.js";
import { jsonSchemaOf } from "../core/protocol-schema.js";
import type { ProgramDefinition } from "../core/study-definition.js";

/** The version of the protocol between workers and coordinators. Both must use the same. */
export const PROTOCOL = 1;
/** Bytes of one frame. */
export const MAX_FRAME = 1024 * 1024;
/** How many earlier answers of an attempt are kept, in case one has to be given again. */
export const ANSWER_WINDOW = 64;
/** Lines of output that come with a failure. */
export const MAX_OUTPUT = 100;

/** Names of workers: they appear in the log, in tables and in URLs. */
export const workerName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:@-]{0,99}$/)
  .describe("Letters, digits and . _ : @ -, at most 100; unique among the study's workers.");

const messageId = z.int().min(1).describe("Chosen by the worker; the answer names it in `to`.");
const trial = z.int().min(0).describe("The trial's number.");
const attempt = z.int().min(1).describe("Attempts at a trial count from 1.");
const place = { trial, attempt };
/** A message's number among those of its attempt. */
export const sequence = z
  .int()
  .min(1)
  .describe(
    "Counts the attempt's messages from 1. A repeated message is answered as before, and not recorded again.",
  );
/** A step of a training. */
export const step = z.int().min(1).describe("The step reached, counted from 1.");

const jsonNumber = z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"])]);
/** The metrics of a report: NaN and the infinities as words. */
export const metrics = z
  .record(z.string().min(1).max(MAX_METRIC_NAME), jsonNumber)
  .refine((record) => Object.keys(record).length >= 1 && Object.keys(record).length <= MAX_METRICS, {
    error: `a report must have from 1 to ${MAX_METRICS} metrics`,
  })
  .meta({ description: "The metrics by name.", minProperties: 1, maxProperties: MAX_METRICS });

/** A path below the study's folder: never absolute, and never out of it. */
export const innerPath = z
  .string()
  .max(4096)
  .regex(/^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$))[^\0\n]+$/)
  .describe("Relative to the study's folder, and inside it.");

/** A trial's params. */
export const params = z.record(z.string(), paramValue);
/** What went wrong. */
export const failure = schemaOf<Failure>()(
  z.strictObject({
    code: z
      .string()
      .regex(/^[A-Z][A-Z0-9_]{0,63}$/)
      .describe("Stable, in capitals."),
    message: z.string().max(10_000),
    hint: z.string().max(10_000).optional(),
  }),
);
/** A failure, as sent. */
export type WireFailure = DeepReadonly<z.output<typeof failure>>;
const resume = z.strictObject({ step, path: innerPath }).describe("The snapshot to continue from.");

/** What a worker says about itself, besides its name. */
export type WorkerDescription = Omit<WorkerJoined, "type" | "worker">;
/** The schema of {@link WorkerDescription}. */
export const workerDescription = schemaOf<WorkerDescription>()(
  z.strictObject({
    host: z.string().min(1).max(255),
    pid: z.int().min(0),
    slots: z.int().min(1).max(100_000).describe("How many trials it trains at the same time."),
    gpus: z.array(z.string().max(200)).max(1000).describe("Which GPUs the slots use, one entry per slot."),
    labels: z
      .record(z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/), z.string().max(200))
      .refine((labels) => Object.keys(labels).length <= 32, { error: "there are more than 32 labels" })
      .describe("Whatever says where it runs, such as SLURM_JOB_ID."),
  }),
).shape;

const hello = z
  .strictObject({
    id: messageId,
    type: z.literal("hello"),
    protocol: z.int(),
    worker: workerName,
    ...workerDescription,
    attempts: z.array(z.strictObject(place)).max(100_000).describe("The attempts that it is working on."),
  })
  .describe("The first message on every connection. Answered with welcome.");
const ask = z
  .strictObject({
    id: messageId,
    type: z.literal("ask"),
    request: z
      .string()
      .min(1)
      .max(100)
      .describe("Unique among the worker's; repeated after a reconnect, it gets the same attempt."),
    parked: z
      .array(z.strictObject(place))
      .max(10_000)
      .exactOptional()
      .describe("The attempts whose programs wait in the worker's memory, to go on without a start."),
  })
  .describe("Asks for a trial. Answered with assignment or none, as soon as there is either.");
const report = z
  .strictObject({
    id: messageId,
    type: z.literal("report"),
    ...place,
    sequence,
    step,
    metrics,
    canExploit: z.boolean().optional().describe("Whether the training can go on with another trial's model."),
  })
  .describe("Reports metrics at a step. Answered with action once it is durable.");
const snapshot = z
  .strictObject({ id: messageId, type: z.literal("snapshot"), ...place, sequence, step, path: innerPath })
  .describe("Reports a saved model. Answered with ok once it is recorded.");
const note = z
  .strictObject({ id: messageId, type: z.literal("note"), ...place, sequence, note: failure })
  .describe("Tells people about something odd. Answered with ok.");
/** How an attempt ended, as far as a worker can tell: only the coordinator can say that it is lost. */
export type ToldEnd =
  | Exclude<AttemptEnd, { readonly kind: "released" }>
  | { readonly kind: "released"; readonly reason: "interrupted" };
/** The schema of {@link ToldEnd}. */
export const attemptEnd = schemaOf<ToldEnd>()(
  z.discriminatedUnion("kind", [
    z
      .strictObject({
        kind: z.literal("ended"),
        unspared: z.literal(true).exactOptional().describe("Told to stop, it went on to its last step."),
        parked: z.literal(true).exactOptional().describe("Told to pause, it waits in the worker's memory."),
      })
      .describe("By itself, or as the last answer said."),
    z.strictObject({
      kind: z.literal("failed"),
      error: failure,
      output: z.array(z.string().max(10_000)).max(MAX_OUTPUT).describe("The last lines that it printed."),
    }),
    z
      .strictObject({ kind: z.literal("not-started"), error: failure })
      .describe("This host could not start the training."),
    z
      .strictObject({ kind: z.literal("released"), reason: z.literal("interrupted") })
      .describe("Given back, through no fault of the training."),
  ]),
);
const end = z
  .strictObject({ id: messageId, type: z.literal("end"), ...place, sequence, end: attemptEnd })
  .describe("The attempt is over. Answered with ok once that is durable.");
const heartbeat = z
  .strictObject({ id: messageId, type: z.literal("heartbeat") })
  .describe("Keeps the lease, as every other message does. Answered with ok.");
const leave = z
  .strictObject({ id: messageId, type: z.literal("leave"), reason: z.string().max(1000) })
  .describe("The worker leaves. Attempts that it has not ended are given back. Answered with ok.");

/** What a worker may send. */
export const workerMessageSchema = z.discriminatedUnion("type", [
  hello,
  ask,
  report,
  snapshot,
  note,
  end,
  heartbeat,
  leave,
]);
/** A message of a worker. */
export type WorkerMessage = DeepReadonly<z.output<typeof workerMessageSchema>>;
/** A message of a worker by its type. */
export type MessageOf<Type extends WorkerMessage["type"]> = Extract<WorkerMessage, { readonly type: Type }>;

const to = messageId.describe("The message that this answers.");

/** How printed lines are searched. */
const searching = {
  from: z.enum(OUTPUT_STREAMS).exactOptional(),
  take: z.enum(["first", "last"]).exactOptional(),
  decimal: z.literal(",").exactOptional(),
};

/** How the study's program is started. */
const program = schemaOf<ProgramDefinition>()(
  z.strictObject({
    command: z.array(z.union([z.string(), z.array(z.string())])).min(1),
    shell: z.boolean(),
    folder: z.string().min(1),
    env: z.record(z.string(), z.string()),
    metrics: z.discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("lines") }),
      z.strictObject({
        kind: z.literal("pairs"),
        step: z.string(),
        names: z.array(z.string()),
        ...searching,
      }),
      z.strictObject({ kind: z.literal("pattern"), pattern: z.string(), ...searching }),
      z.strictObject({ kind: z.literal("patterns"), patterns: z.array(z.string()), ...searching }),
      z.strictObject({
        kind: z.literal("format"),
        format: z.enum(PRINTED_FORMATS),
        from: searching.from,
        every: z.number().positive().exactOptional(),
      }),
      z.strictObject({
        kind: z.literal("file"),
        file: z.string(),
        format: z.enum(FILE_FORMATS),
        step: z.string().exactOptional(),
      }),
    ]),
    killAfter: z.number().min(0),
    park: z.int().min(0).exactOptional(),
    firstStep: z.literal(0).exactOptional(),
    buffering: z.literal("none-of-ours").exactOptional(),
    files: z.array(z.strictObject({ path: z.string().min(1), text: z.string() })).exactOptional(),
    snapshot: z.strictObject({ path: z.string().min(1), wait: z.number().positive() }).exactOptional(),
  }),
);

const welcome = z
  .strictObject({
    to,
    type: z.literal("welcome"),
    coordinator: z.string().min(1).max(100).describe("A new one each time a coordinator starts."),
    study: z.string().min(1),
    lease: z.number().positive().describe("Seconds of silence after which the worker counts as lost."),
    folder: z.string().min(1).describe("The study's folder on the coordinator's host, absolute."),
    program: program.optional().describe("What trains a trial; absent if the workers know by themselves."),
    over: z
      .array(z.strictObject(place))
      .describe("Those of the worker's attempts that were given to others."),
  })
  .describe("The worker is known.");
const assignmentSchema = schemaOf<Omit<Assignment, "study">>()(
  z.strictObject({
    ...place,
    params,
    seed: z.int().min(0).describe("For the training's own randomness, in [0, 2^31)."),
    maxSteps: z.int().min(1).optional().describe("The step at which the training is complete."),
    folder: innerPath.describe("The trial's own folder, relative to the study's."),
    resume: resume.optional(),
    timeout: z.number().positive().optional().describe("Seconds that the attempt may take."),
    snapshotEvery: z.int().min(1).exactOptional().describe("Save a snapshot every this many steps."),
    parked: z
      .literal(true)
      .exactOptional()
      .describe(
        "Go on in the program that waits since the attempt before; if it is gone, give the attempt back.",
      ),
  }),
);
/** An attempt, as sent: its paths are relative to the study's folder. */
export type WireAssignment = DeepReadonly<z.output<typeof assignmentSchema>>;
const assignment = z.strictObject({ to, type: z.literal("assignment"), assignment: assignmentSchema });
/** Why there is no trial. */
export const noneReason = z.enum(["finished", "interrupted"]);
const none = z
  .strictObject({ to, type: z.literal("none"), reason: noneReason })
  .describe("There will be no trial: the study is finished, or its coordinator is ending before it is.");
/**
 * What a training is told at a report, as sent: always an object, with a path relative to the study's folder.
 */
export type WireAnswer =
  | ExploitAnswer
  | { readonly [Plain in Exclude<ReportAnswer, object>]: { readonly action: Plain } }[Exclude<
      ReportAnswer,
      object
    >];
/** The schema of {@link WireAnswer}. */
export const answerSchema = schemaOf<WireAnswer>()(
  z.discriminatedUnion("action", [
    z.strictObject({ action: z.literal("continue") }),
    z.strictObject({ action: z.literal("pause") }).describe("Save a snapshot, report it, and end."),
    z.strictObject({ action: z.literal("stop") }).describe("End."),
    z
      .strictObject({ action: z.literal("exploit"), params, resume })
      .describe("Load this model, and continue training with these params."),
  ]),
);
const action = z.strictObject({
  to,
  type: z.literal("action"),
  answer: answerSchema,
  late: z
    .boolean()
    .optional()
    .describe("The attempt had been given up: the report is recorded, but has no effect."),
});
const ok = z.strictObject({ to, type: z.literal("ok") });
const error = z
  .strictObject({ to, type: z.literal("error"), error: failure })
  .describe("The message was refused and changed nothing.");
const stop = z
  .strictObject({ type: z.literal("stop"), ...place })
  .describe("Unasked: end this attempt at once. Nothing it does counts any more.");
const interrupt = z
  .strictObject({ type: z.literal("interrupt"), ...place })
  .describe("Unasked: have this attempt save a snapshot and end at its next report.");

/** What a coordinator may send. */
export const coordinatorMessageSchema = z.discriminatedUnion("type", [
  welcome,
  assignment,
  none,
  action,
  ok,
  error,
  stop,
  interrupt,
]);
/** A message of a coordinator. */
export type CoordinatorMessage = DeepReadonly<z.output<typeof coordinatorMessageSchema>>;
/** One that answers a worker's message. */
export type Answering = Extract<CoordinatorMessage, { readonly to: number }>;
/** One that comes unasked. */
export type Order = Exclude<CoordinatorMessage, Answering>;

type Unaddressed<Message> = Message extends unknown ? Omit<Message, "to"> : never;
/** An answer without the number of what it answers. */
export type Reply = Unaddressed<Answering>;
/** A reply by its type. */
export type ReplyOf<Type extends Reply["type"]> = Extract<Reply, { readonly type: Type }>;

/** The messages as one JSON Schema: what `protocol/worker-protocol.schema.json` holds. */
export const workerProtocolSchema = (): object =>
  jsonSchemaOf(
    {
      title: "Curvewise worker protocol",
      description: `Version ${PROTOCOL}. One JSON message per WebSocket text frame of at most 1 MiB.`,
    },
    { worker: workerMessageSchema, coordinator: coordinatorMessageSchema },
  );
