import { z } from "zod";
import { CurvewiseError } from "./errors.js";
import { schemaOf } from "./fields.js";
import { paramValue } from "./param-schema.js";
import {
  type BudgetRequest,
  type ControlRequest,
  type EnqueueRequest,
  MOST_CHARACTERS,
  type NoteRequest,
  type StudyAction,
  type StudyRequest,
  type TagsRequest,
  type WorkersRequest,
} from "./request.js";
import { MOST_WORKERS } from "./study-definition.js";

const trial = z.int().min(0).describe("Which trial it is about; without it, the study.");
const limit = z.number().positive();
const tag = z
  .string()
  .min(1)
  .max(MOST_CHARACTERS.tag)
  // A number would be taken for a trial's, and lists are separated by commas and spaces.
  .regex(/^(?!\d+$)[^\s,\p{Cc}]+$/u, "must have no spaces or commas, and not be a number");

/** Who asks. */
export const requester = z
  .string()
  .min(1)
  .max(MOST_CHARACTERS.by)
  .regex(/^[^\p{Cc}]+$/u, "must be one line")
  .describe("Who asks, as the log names it, such as `page`.");

const control = schemaOf<ControlRequest>()(
  z.strictObject({
    kind: z.enum(["pause", "resume", "stop"]),
    trial: trial.exactOptional(),
  }),
);
const enqueue = schemaOf<EnqueueRequest>()(
  z.strictObject({
    kind: z.literal("enqueue"),
    params: z
      .record(z.string(), paramValue)
      .describe("What to try next; missing params are drawn at random."),
  }),
);
const budget = schemaOf<BudgetRequest>()(
  z
    .strictObject({
      kind: z.literal("budget"),
      trials: z.int().positive().exactOptional(),
      totalSteps: z.int().positive().exactOptional(),
      time: limit.exactOptional().describe("Seconds."),
    })
    .refine(
      ({ trials, totalSteps, time }) => [trials, totalSteps, time].some((given) => given !== undefined),
      "must name trials, totalSteps or time",
    ),
);
const workers = schemaOf<WorkersRequest>()(
  z.strictObject({
    kind: z.literal("workers"),
    workers: z.int().min(1).max(MOST_WORKERS).describe("How many to train at the same time."),
  }),
);
const note = schemaOf<NoteRequest>()(
  z.strictObject({
    kind: z.literal("note"),
    trial: trial.exactOptional(),
    text: z.string().min(1).max(MOST_CHARACTERS.text),
  }),
);
const tags = schemaOf<TagsRequest>()(
  z
    .strictObject({
      kind: z.literal("tags"),
      trial: trial.exactOptional(),
      add: z.array(tag).max(100).default([]),
      remove: z.array(tag).max(100).default([]),
    })
    .refine(({ add, remove }) => add.length + remove.length > 0, "must name tags to add or to remove"),
);

/** What may be asked of a study. */
export const studyAction = z.discriminatedUnion("kind", [control, enqueue, budget, workers, note, tags]);

const request = z.strictObject({ by: requester, action: studyAction });

/**
 * Checks a request where it enters.
 *
 * @throws CurvewiseError `REQUEST_INVALID`
 */
export function checkedRequest(by: string, action: StudyAction): StudyRequest {
  const checked = request.safeParse({ by, action });
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const where = issue?.path.filter((part) => part !== "action").join(".") ?? "";
  throw new CurvewiseError(
    "REQUEST_INVALID",
    `the request is invalid: ${where === "" ? "it" : `\`${where}\``} ${issue?.message ?? "cannot be read"}`,
    { hint: "Correct it and ask again; nothing was changed." },
  );
}
