import { z } from "zod";
import { CurvewiseError } from "../core/errors.js";
import { GOAL_ACROSS, GOAL_REPORTS, type GoalInput } from "../core/goal.js";
import type { OneOfGoals } from "../core/goals/parse-goals.js";
import { nameHint } from "../core/nearest.js";
import type { Param, Space } from "../core/param.js";
import { MOST_WORKERS, type Prices, STUDY_NAME, STUDY_NAME_RULE } from "../core/study-definition.js";
import type { RunOptions, StudyOptions } from "./study-options.js";

/*
 * TypeScript checks options as they are written; for programs in JavaScript, and for options from elsewhere, these
 * schemas refuse what would otherwise fail later in words of the inside, or be ignored.
 */

const word = z.string({ error: "must be text" }).min(1, { error: "must not be empty" });
const positive = z.number({ error: "must be a number" }).positive({ error: "must be above 0" });
const count = z.int({ error: "must be a whole number" }).min(1, { error: "must be at least 1" });
const mapping = z.record(z.string(), z.unknown(), { error: "must be an object" });
const PARAM_KINDS: ReadonlySet<unknown> = new Set([
  "float",
  "int",
  "choice",
  "ordinal",
  "fixed",
] satisfies Param["kind"][]);
const param = z.custom(
  (value) => typeof value === "object" && value !== null && "kind" in value && PARAM_KINDS.has(value.kind),
  { error: "must be what a call such as float(0, 1), choice([16, 32]) or fixed(8) returns" },
);
const rule = z.custom((value) => typeof value === "function" || typeof value === "string", {
  error:
    'must be a function of the params that returns true or false, or the limit of a metric such as "<= 16"',
});
const algorithm = (call: string) =>
  z.custom(
    (value) =>
      typeof value === "string" ||
      (typeof value === "object" &&
        value !== null &&
        "create" in value &&
        typeof value.create === "function"),
    { error: `must be a name, or what a call such as ${call} returns` },
  );
const storage = z.custom(
  (value) =>
    typeof value === "string" ||
    (typeof value === "object" &&
      value !== null &&
      "acquire" in value &&
      typeof value.acquire === "function"),
  { error: "must be a location such as ./curvewise.db, or what openStorage resolves to" },
);
const oneOf = (names: readonly string[]) =>
  z.enum(names, { error: `must be ${names.map((name) => `"${name}"`).join(" or ")}` });
/** All keys of the ways to write a goal. */
type GoalKey<Input = GoalInput> = Input extends unknown ? keyof Input : never;
const goalOptions = {
  minimize: word.optional(),
  maximize: word.optional(),
  of: oneOf(GOAL_REPORTS).optional(),
  across: oneOf(GOAL_ACROSS).optional(),
} satisfies Record<GoalKey, z.ZodType>;
const namesOne = (given: { minimize?: unknown; maximize?: unknown }): boolean =>
  (given.minimize === undefined) !== (given.maximize === undefined);
const ONE_METRIC = 'must name one metric, as in { minimize: "loss" }';
const OBJECT = 'must be an object such as { minimize: "loss" }';
const goal = z
  .strictObject(goalOptions, {
    error: ({ input }) =>
      Array.isArray(input)
        ? 'is one goal; several are given as goals: [{ minimize: "loss" }, { minimize: "latency" }]'
        : OBJECT,
  })
  .refine(namesOne, { error: ONE_METRIC });
const oneOfGoals = z
  .strictObject(
    { ...goalOptions, reference: z.number({ error: "must be a number" }).optional() } satisfies Record<
      GoalKey<OneOfGoals>,
      z.ZodType
    >,
    { error: OBJECT },
  )
  .refine(namesOne, { error: ONE_METRIC });

const sources = z.union([z.literal("auto"), z.array(word)]);
const transfer = z.union(
  [
    sources,
    z.strictObject({
      from: sources,
      first: z.int().min(0).optional(),
      columns: z.record(z.string(), word).optional(),
      folder: word.optional(),
    }),
  ],
  {
    error:
      'must be "auto", a list of studies and files, or an object such as { from: ["./old.csv"], first: 1 }',
  },
);

const studyOptions = z.strictObject({
  name: word.regex(STUDY_NAME, { error: STUDY_NAME_RULE }),
  goal: goal.optional(),
  goals: z
    .array(oneOfGoals, {
      error:
        'must be a list such as [{ minimize: "loss" }, { minimize: "latency" }]; one goal is given as goal',
    })
    .min(2, { error: "must have at least two goals; one is given as `goal`" })
    .optional(),
  space: z.record(z.string(), param, { error: "must be an object" }),
  constraints: z.record(z.string(), rule, { error: "must be an object" }).optional(),
  maxSteps: count.optional(),
  sampler: algorithm("random()").optional(),
  scheduler: algorithm("asha()").optional(),
  seed: z.unknown().optional(),
  storage: storage.optional(),
  folder: word.optional(),
  enqueue: z.array(mapping, { error: "must be a list of params" }).optional(),
  transfer: transfer.optional(),
  replicates: count.optional(),
  retries: z.int({ error: "must be a whole number" }).min(0, { error: "cannot be negative" }).optional(),
  timeout: positive.optional(),
} satisfies Record<keyof StudyOptions<Space>, z.ZodType>);

const runOptions = z.strictObject({
  trials: count.optional(),
  time: positive.optional(),
  totalSteps: count.optional(),
  target: z.number({ error: "must be a number" }).optional(),
  noBetterFor: count.optional(),
  worthwhile: z
    .strictObject({ price: positive, value: positive } satisfies Record<keyof Prices, z.ZodType>, {
      error: "must be an object such as { price: 2.1, value: 10_000 }",
    })
    .optional(),
  workers: count.max(MOST_WORKERS, { error: `must be at most ${MOST_WORKERS}` }).optional(),
  change: z.boolean({ error: "must be true or false" }).optional(),
  standby: z.boolean({ error: "must be true or false" }).optional(),
  lease: z.unknown().optional(),
  signal: z.custom((value) => value instanceof AbortSignal, { error: "must be an AbortSignal" }).optional(),
} satisfies Record<keyof RunOptions, z.ZodType>);

function check(schema: z.ZodObject, call: string, given: unknown, example: string): void {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new CurvewiseError("STUDY_INVALID", `${call} needs an object of options`, { hint: example });
  }
  const { error } = schema.safeParse(given);
  const [issue] = error?.issues ?? [];
  if (issue === undefined) return;
  if (issue.code === "unrecognized_keys") {
    const [key = ""] = issue.keys;
    const known = issue.path.length === 0 ? Object.keys(schema.shape) : Object.keys(goalOptions);
    const place = issue.path.length === 0 ? "" : `${issue.path.join(".")}.`;
    throw new CurvewiseError("STUDY_INVALID", `${call}: "${place}${key}" is not an option`, {
      hint: nameHint(key, known),
    });
  }
  const path = issue.path.join(".");
  const value = issue.path.reduce<unknown>(
    (inner, key) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined),
    given,
  );
  const message = value === undefined ? `${path} is missing` : `${path} ${issue.message}`;
  throw new CurvewiseError("STUDY_INVALID", `${call}: ${message}`, { hint: example });
}

/** Checks what `createStudy` is given. @throws CurvewiseError `STUDY_INVALID` */
export function checkStudyOptions(given: unknown): void {
  const hint =
    'For example: createStudy({ name: "mnist", goal: { minimize: "loss" }, space: { lr: float(1e-4, 1) } }).';
  check(studyOptions, "createStudy", given, hint);
  const { goal: one, goals: several } = studyOptions.parse(given);
  if (one === undefined && several === undefined)
    throw new CurvewiseError("STUDY_INVALID", "createStudy: goal is missing", { hint });
  if (one !== undefined && several !== undefined)
    throw new CurvewiseError("STUDY_INVALID", "createStudy: a study has either goal or goals", {
      hint: "Write all goals under goals, and remove goal.",
    });
}

/** Checks what `run` and `open` of a study are given. @throws CurvewiseError `STUDY_INVALID` */
export const checkRunOptions = (given: unknown): void =>
  check(runOptions, "the options of the run", given, "For example: { trials: 100, workers: 4 }.");
