import JSON5 from "json5";
import { z } from "zod";
import { CurvewiseError } from "../core/errors.js";
import { MAX_METRIC_NAME, MAX_METRICS } from "../core/events.js";
import { encodeNumber, namesPrototype } from "../core/json.js";
import { paramValue } from "../core/param-schema.js";
import { jsonSchemaOf } from "../core/protocol-schema.js";

/** Bytes of one line of the protocol. */
export const MAX_LINE = 1024 * 1024;

const step = z
  .int({ error: "a step must be a whole number" })
  .min(0, { error: "a step cannot be negative" })
  .describe(
    "The step reached, counted in the program's own unit from 1, or from 0 if the study has firstStep: 0.",
  );

/** JavaScript's JSON writes NaN as null. */
export const metricValue = z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"]), z.null()], {
  error: 'a metric must be a number, "NaN", "Infinity" or "-Infinity", or null for NaN',
});

const metrics = z
  .record(z.string().min(1).max(MAX_METRIC_NAME), metricValue)
  .refine((record) => Object.keys(record).length > 0, { error: "a report must have at least one metric" })
  .refine((record) => Object.keys(record).length <= MAX_METRICS, {
    error: `a report must have at most ${MAX_METRICS} metrics`,
  })
  .meta({ description: "The metrics by name.", minProperties: 1, maxProperties: MAX_METRICS });

const reportMessage = z
  .strictObject({
    report: z.strictObject({
      step,
      metrics,
      exploit: z
        .boolean()
        .optional()
        .describe(
          "Whether the program can go on with another trial's model; if not, it is stopped and restarted from it.",
        ),
    }),
  })
  .describe("Reports metrics at a step. Answered with an action.");

const snapshotMessage = z
  .strictObject({
    snapshot: z.strictObject({
      step,
      path: z.string().min(1).describe("Absolute, or relative to CURVEWISE_DIR."),
    }),
  })
  .describe("Reports a saved model of a step that was reported. Answered with ok.");

const parkMessage = z
  .strictObject({ park: z.strictObject({}) })
  .describe(
    "Only with CURVEWISE_PARK: told to pause, the program has saved and waits to go on. Answered when that is decided.",
  );

/** What a program may send. */
export const programMessageSchema = z.union([reportMessage, snapshotMessage, parkMessage]);

const actionAnswer = z
  .strictObject({ action: z.enum(["continue", "pause", "stop"]) })
  .describe("continue: continue training. pause: save a snapshot, report it and end. stop: end.");
const goOnAnswer = z
  .strictObject({ action: z.literal("continue"), attempt: z.int().min(1) })
  .describe(
    "To park: train the next step, as this attempt. A program that is not to go on is answered with stop.",
  );
const exploitAnswer = z
  .strictObject({
    action: z.literal("exploit"),
    resume: z.string().describe("The snapshot to load: an absolute path."),
    step: z.int().min(0).describe("The snapshot's step; continue training with the next one."),
    params: z.record(z.string(), paramValue).describe("All params from now on."),
  })
  .describe("Load another trial's model and continue training. Only for reports with exploit: true.");
const okAnswer = z.strictObject({ ok: z.literal(true) });
const errorAnswer = z
  .strictObject({
    error: z.strictObject({ code: z.string(), message: z.string(), hint: z.string().optional() }),
  })
  .describe("The message was refused and changed nothing; the training may go on.");

/** The answers to a program: one line for each line that it sent, in order. */
export const answerSchema = z.union([actionAnswer, goOnAnswer, exploitAnswer, okAnswer, errorAnswer]);

/** A message of a program. */
export type ProgramMessage = z.output<typeof programMessageSchema>;
/** The answer to one. */
export type Answer = z.output<typeof answerSchema>;

/**
 * Reads JSON in which NaN, Infinity and -Infinity may be bare words, as Python's `json` writes them; they are
 * returned as strings.
 *
 * @throws SyntaxError if the text is not even that
 */
export function parseLooseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (strict) {
    if (!/NaN|Infinity/.test(text)) throw strict;
    return JSON5.parse<unknown>(text, (_key, value: unknown) =>
      typeof value === "number" ? encodeNumber(value) : value,
    );
  }
}

function explain(error: z.ZodError): string {
  const [first] = error.issues;
  if (first === undefined) return "it does not follow the protocol";
  const where = first.path.join(".");
  return where === "" ? first.message : `${where}: ${first.message}`;
}

const HINT = 'Send {"report":{"step":3,"metrics":{"loss":0.31}}} or {"snapshot":{"step":3,"path":"s3.bin"}}.';

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}

/**
 * Reads a line that a program sent.
 *
 * @throws CurvewiseError `MESSAGE_INVALID` if it is not valid JSON or not a message of the protocol,
 *   `REPORT_INVALID` or `SNAPSHOT_INVALID` if it is one with invalid contents
 */
export function parseMessage(text: string): ProgramMessage {
  let value: unknown;
  try {
    value = parseLooseJson(text);
  } catch (cause) {
    throw new CurvewiseError(
      "MESSAGE_INVALID",
      `the program sent a line that is not valid JSON: ${shorten(text)}`,
      {
        hint: HINT,
        cause,
      },
    );
  }
  if (namesPrototype(value)) {
    throw new CurvewiseError("MESSAGE_INVALID", `the program sent the name "__proto__": ${shorten(text)}`, {
      hint: "Give that metric another name: no object of JavaScript can hold it.",
    });
  }
  const parsed = programMessageSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  if (typeof value === "object" && value !== null && "report" in value) {
    const report = reportMessage.safeParse(value);
    throw new CurvewiseError(
      "REPORT_INVALID",
      `a report is invalid: ${explain(report.error ?? parsed.error)}`,
      {
        hint: HINT,
      },
    );
  }
  if (typeof value === "object" && value !== null && "snapshot" in value) {
    const snapshot = snapshotMessage.safeParse(value);
    throw new CurvewiseError(
      "SNAPSHOT_INVALID",
      `a snapshot message is invalid: ${explain(snapshot.error ?? parsed.error)}`,
      { hint: HINT },
    );
  }
  throw new CurvewiseError("MESSAGE_INVALID", `the program sent an unknown message: ${shorten(text)}`, {
    hint: HINT,
  });
}

/** The protocol's messages as one JSON Schema: what `protocol/trial-protocol.schema.json` holds. */
export const protocolSchema = (): object =>
  jsonSchemaOf(
    {
      title: "Curvewise trial protocol",
      description:
        "One message per line, UTF-8, at most 1 MiB. Every line of the program is answered with one line.",
    },
    { program: programMessageSchema, answer: answerSchema },
  );
