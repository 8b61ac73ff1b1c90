import { z } from "zod";
import { checkExactlyOne, exactlyOne } from "../core/exactly-one.js";
import { FILE_FORMATS, OUTPUT_STREAMS, PRINTED_FORMATS } from "../core/metric-reading.js";
import { paramValue } from "../core/param-schema.js";
import { MOST_WORKERS, STUDY_NAME, STUDY_NAME_RULE } from "../core/study-definition.js";
import { budgetSection, duration } from "./budget-section.js";
import { constraintsSection, goalSection, goalsSection } from "./goal-section.js";
import { launcherSection } from "./launcher-section.js";
import { type AvailableAlgorithms, choiceSchema } from "./outside-algorithms.js";
import { scheduleSchema } from "./schedule-schema.js";
import { trackersSection } from "./trackers-section.js";
import { transferSection } from "./transfer-section.js";

export type { Algorithm, Algorithms } from "../core/algorithm-schema.js";

const scalar = z.union([z.number(), z.string(), z.boolean()]);

const range = z.tuple([z.number(), z.number()]).meta({ minItems: 2, maxItems: 2 });

const when = z
  .record(
    z.string(),
    z.union([
      scalar,
      z.null(),
      z.array(paramValue).min(1),
      z.strictObject({ min: z.number().optional(), max: z.number().optional() }),
    ]),
  )
  .describe(
    "The param exists only in trials in which every named param has this value, one of these values, or a number between min and max. A list or a mapping is written as one of several: [[64, 64]].",
  );

const prior = z
  .union([
    z
      .strictObject({
        around: z.number().describe("The number that is most likely the best; it is tried first."),
        factor: z
          .number()
          .optional()
          .describe(
            "With `log`: the best value is at most this factor away from `around`, with a probability of 68 %.",
          ),
        within: z
          .number()
          .optional()
          .describe(
            "Without `log`: the best value is at most this far from `around`, with a probability of 68 %.",
          ),
      })
      .meta(exactlyOne(["factor", "within"])),
    z.strictObject({
      weights: z
        .record(z.string(), z.number())
        .meta({ minProperties: 1 })
        .describe("How much likelier some values are to be the best; those that are not named weigh 1."),
    }),
  ])
  .describe(
    "Where you expect the best value: trials are drawn from there more often at first, and less the more trials there are.",
  );

const PLAIN_KINDS = ["float", "int", "choice", "ordinal", "fixed"] as const;
/** The keys that say what a param is. */
export const PARAM_KINDS = [...PLAIN_KINDS, "schedule"] as const;

const paramKeys = {
  float: range.optional().describe("A real number between two ends, both included."),
  int: range.optional().describe("A whole number between two ends, both included."),
  choice: z
    .array(paramValue)
    .min(1)
    .optional()
    .describe("One of several unordered values: numbers, text, true, false, null, lists or mappings."),
  ordinal: z
    .array(paramValue)
    .min(1)
    .optional()
    .describe("One of several values whose order matters: neighbours are similar."),
  fixed: paramValue.optional().describe("The same value in every trial."),
  log: z
    .boolean()
    .optional()
    .describe(
      "For float and int: uniform in the logarithm, for params whose ratios matter more than their differences.",
    ),
  step: z
    .number()
    .positive()
    .optional()
    .describe("For float and int: the distance between neighbouring values."),
  default: paramValue
    .optional()
    .describe("A value that is known not to be bad: the first trial has the defaults of all params."),
  prior: prior.optional(),
  when: when.optional(),
};

/** What is wrong with the form of a param's prior. */
function priorProblem(
  belief: unknown,
  kinds: { [Key in "float" | "int" | "choice" | "ordinal"]?: unknown },
): string | undefined {
  const isNumber = kinds.float !== undefined || kinds.int !== undefined;
  if (!isNumber && kinds.choice === undefined && kinds.ordinal === undefined)
    return "is only for float, int, choice and ordinal";
  const hasWeights = typeof belief === "object" && belief !== null && "weights" in belief;
  if (isNumber && hasWeights)
    return "must be {around: ..., factor: ...} or {around: ..., within: ...} for float and int";
  if (!isNumber && !hasWeights) return "must be {weights: {...}} for choice and ordinal";
  return undefined;
}

/** Refuses keys on params that they mean nothing for. */
function checkMeaning(
  context: z.core.ParsePayload<{
    [Key in "float" | "int" | "choice" | "ordinal" | "log" | "step" | "default" | "prior"]?: unknown;
  }>,
): void {
  const { float, int, choice, ordinal, default: first } = context.value;
  if (first !== undefined && [float, int, choice, ordinal].every((values) => values === undefined)) {
    const message = "is only for float, int, choice and ordinal";
    context.issues.push({ code: "custom", message, input: first, path: ["default"] });
  }
  if (first !== undefined && typeof first !== "number" && (float !== undefined || int !== undefined)) {
    context.issues.push({ code: "custom", message: "must be a number", input: first, path: ["default"] });
  }
  const { prior: belief } = context.value;
  if (belief !== undefined) {
    const message = priorProblem(belief, context.value);
    if (message !== undefined)
      context.issues.push({ code: "custom", message, input: belief, path: ["prior"] });
  }
  if (float !== undefined || int !== undefined) return;
  for (const key of ["log", "step"] as const) {
    const input = context.value[key];
    if (input === undefined) continue;
    context.issues.push({ code: "custom", message: "is only for float and int", input, path: [key] });
  }
}

/** A param with one value, as opposed to a schedule. */
export const plainParam = z
  .strictObject(paramKeys)
  .check(checkExactlyOne(PLAIN_KINDS), checkMeaning)
  .meta({ ...exactlyOne(PLAIN_KINDS), id: "param" });

const paramObject = z
  .strictObject({
    ...paramKeys,
    schedule: scheduleSchema(plainParam)
      .optional()
      .describe(
        "A learning rate that changes during training: the kinds to choose from, with their options.",
      ),
  })
  .check(checkExactlyOne(PARAM_KINDS), checkMeaning)
  .meta(exactlyOne(PARAM_KINDS));

/** A param with one value, as in `study.yaml`. */
export type PlainParamInput = z.output<typeof plainParam>;

/** A param, as in `study.yaml`. */
export type ParamInput = z.output<typeof paramObject> | z.output<typeof scalar>;

const count = z.int().positive();

/** Of the ways to read metrics exactly one; a file's format is a part of it. */
const READINGS = ["pairs", "pattern", "patterns", "file", "format"] as const;
const checkReading = checkExactlyOne(READINGS);

/** The same as {@link checkReading}, in JSON Schema. */
const oneReading = {
  oneOf: READINGS.map((key) =>
    key === "format" ? { required: [key], not: { required: ["file"] } } : { required: [key] },
  ),
};

const metrics = z.union([
  z.enum(["lines", ...PRINTED_FORMATS, "lightning-csv", "tensorboard"]),
  z
    .strictObject({
      pairs: z
        .strictObject({
          step: z
            .string()
            .min(1)
            .describe("A regular expression whose one group is the step, such as `epoch (\\d+)`."),
          names: z.array(z.string().min(1)).min(1).describe("The metrics that are read as `name=value`."),
        })
        .optional()
        .describe("`name=value` pairs on the line on which a step is printed, and on those that follow."),
      pattern: z
        .string()
        .min(1)
        .optional()
        .describe("A regular expression with named groups: `step`, and one for each metric, by its name."),
      patterns: z
        .array(z.string().min(1))
        .min(1)
        .optional()
        .describe(
          "Several of them, whose groups are merged up to the next step. One without the group `step` belongs to the step that was printed last.",
        ),
      format: z
        .enum([...PRINTED_FORMATS, ...FILE_FORMATS])
        .optional()
        .describe("A tool whose output is read as it prints it; or, with `file`, the file's format."),
      file: z
        .string()
        .min(1)
        .optional()
        .describe(
          "A file that the program writes during the training, in which `{dir}` and params are filled in. With `*` or `**`, the newest one that matches.",
        ),
      step: z
        .string()
        .min(1)
        .optional()
        .describe(
          "For files of rows: the column or key that is the step (`step`; `epoch` of lightning-csv).",
        ),
      from: z
        .enum(OUTPUT_STREAMS)
        .optional()
        .describe("Which output of the program is read (`stdout`; of a format, what the tool writes to)."),
      take: z
        .enum(["first", "last"])
        .optional()
        .describe(
          "Which report of a step counts if there are several: the `first` (the default), at once; or the `last`, once the next step begins or the output ends, as for progress bars.",
        ),
      decimal: z
        .enum([".", ","])
        .optional()
        .describe("The sign before a number's decimals: a point (the default) or a comma."),
      every: z
        .number()
        .positive()
        .optional()
        .describe("For huggingface: the part of an epoch that is a step; by default each evaluation is one."),
    })
    .check((context) => {
      const { format, ...others } = context.value;
      // Together with a file, its format does not say by itself how to read.
      const value = format === undefined || others.file !== undefined ? others : { ...others, format };
      checkReading({ ...context, value });
    })
    .meta(oneReading),
]);

/** An argument of a command. */
const argument = z.union([z.string(), z.number(), z.boolean()]);

const files = z.record(
  z.string().min(1),
  z.union([
    z.string().min(1),
    z.strictObject({ text: z.string().max(1_000_000).describe("The template itself.") }),
  ]),
);

const snapshot = z.strictObject({
  path: z
    .string()
    .min(1)
    .describe(
      "The file or folder that the program saves, such as `{dir}/checkpoint-{step}.pt`; `*` and `**` match any name.",
    ),
  wait: duration
    .default(600)
    .describe("How long a program that is told to pause may go on until it has saved, in seconds or as 10m."),
});

/**
 * The schema of `study.yaml`, from which its JSON Schema is also made.
 *
 * @param algorithms what `sampler` and `scheduler` may name, with the schemas of their options
 */
export function studySchema(algorithms: AvailableAlgorithms) {
  return z
    .strictObject({
      study: z
        .string()
        .regex(STUDY_NAME, STUDY_NAME_RULE)
        .describe("The study's name in the database: letters, digits, `.`, `_` and `-`."),
      goal: goalSection
        .optional()
        .describe("The metric to tune for, and the direction in which it improves."),
      goals: goalsSection
        .optional()
        .describe(
          "In place of `goal`: several metrics that count as much as each other. All of a trial's values are taken where the first goal takes its own.",
        ),
      command: z
        .union([z.string().min(1), z.array(z.union([argument, z.array(argument).min(1)])).min(1)])
        .optional()
        .describe(
          "The training program and its arguments, as a list. `{name}` is replaced by a param's value (`{name:.6g}` with a format); an argument that is just `${args}` by --name=value for every param. A list among the arguments is left out where its param is. Not run by a shell, unless `shell: true`; then it is one line of text. Absent if trials are trained by workers of your own (`curvewise run --listen`).",
        ),
      shell: z.boolean().default(false).describe("Whether the command is one line for `/bin/sh -c`."),
      space: z
        .record(z.string(), z.union([scalar, paramObject]))
        .describe("The hyperparameters by name. A plain value is the same in every trial."),
      constraints: constraintsSection
        .default([])
        .describe(
          "Rules across params that every trial obeys, such as `width1 >= width2`, and limits of metrics, as in `{memory_gb: <= 16}`: trials beyond one are worse than all others. A rule that names a param which is off in a trial holds there.",
        ),
      maxSteps: count
        .optional()
        .describe(
          "The step at which a training is complete, in the program's own steps (epochs, iterations).",
        ),
      sampler: choiceSchema("sampler", algorithms.sampler)
        .default("auto")
        .describe(
          "Proposes params: a name, or `{name: {option: value}}`; for your own, `{module: ./file.mjs}`.",
        ),
      scheduler: choiceSchema("scheduler", algorithms.scheduler)
        .default("none")
        .describe(
          "Decides which trainings go on: a name, or `{name: {option: value}}`; for your own, `{module: ./file.mjs}`.",
        ),
      budget: budgetSection.default({}).describe("When the study ends: at whichever limit comes first."),
      seed: z.int().nonnegative().default(0).describe("All random numbers of the study follow from it."),
      workers: count
        .max(MOST_WORKERS)
        .optional()
        .describe(
          "How many trainings at the same time, by default one per processor core; with a launcher other than local, how many workers.",
        ),
      launcher: launcherSection
        .optional()
        .describe("Where the workers run: here, or as jobs of a batch system."),
      countStarts: z
        .boolean()
        .default(false)
        .describe(
          "Whether rules count what a start costs, as measured in the study: nothing pauses so early that starts cost more than the pauses save.",
        ),
      replicates: z
        .int()
        .min(1)
        .max(1000)
        .optional()
        .describe("How many trainings a trial has, each with another seed; `goal.across` says what counts."),
      retries: z.int().nonnegative().default(0).describe("How often a failed trial is tried again."),
      timeout: duration.optional().describe("How long one attempt at a trial may take, in seconds or as 2h."),
      firstStep: z
        .literal([0, 1])
        .default(1)
        .describe(
          "How the program calls its first step. What it calls step 0 is then step 1 to everything else: maxSteps is the number of steps.",
        ),
      killAfter: duration
        .default(30)
        .describe("How long a program has to save and end when it is told to, before it is killed."),
      park: z
        .union([z.literal("auto"), z.int().min(0)], { error: "must be auto, or how many" })
        .default("auto")
        .describe(
          "How many paused programs may wait in memory, in each process that runs programs, and then go on without a start, if they can: those that have come furthest. `auto`: as many as memory allows, and none that uses a GPU; 0: none.",
        ),
      metrics: metrics
        .default("lines")
        .describe(
          'How metrics are read from the output of a program that does not speak the protocol. `lines`: lines such as `curvewise {"step": 3, "loss": 0.31}`; the name of a tool: as it prints them.',
        ),
      buffering: z
        .enum(["line", "none-of-ours"])
        .default("line")
        .describe(
          "`line`: programs are started so that they pass on each printed line at once, as far as they let us; `none-of-ours`: nothing is done about it.",
        ),
      env: z
        .record(z.string(), scalar)
        .default({})
        .describe("Additional environment variables of the program, with placeholders as in `command`."),
      files: files
        .default({})
        .describe(
          "Files that are written for each trial, such as config files: their path in the trial's folder, and the template, in which `{{name}}` is replaced by a param's value.",
        ),
      snapshot: snapshot
        .optional()
        .describe(
          "The models that a program saves by itself, so that it can be paused although it does not use the protocol; `{resume}` in the command is what it goes on from.",
        ),
      folder: z.string().min(1).default(".").describe("The program's working folder, relative to this file."),
      trackers: trackersSection
        .default([])
        .describe("Where other tools show the study while it runs: MLflow, TensorBoard."),
      enqueue: z
        .array(z.record(z.string(), paramValue))
        .default([])
        .describe("Params to try first, before the sampler's; params that are left out are drawn at random."),
      transfer: transferSection
        .optional()
        .describe(
          "Earlier trials to begin with: `auto`, all studies of the database that fit; or a list of studies and of .csv and .jsonl files.",
        ),
    })
    .meta({ title: "Curvewise study", ...exactlyOne(["goal", "goals"]) });
}

/** What `study.yaml` holds, once it has been checked against the schema. */
export type StudyInput = z.output<ReturnType<typeof studySchema>>;
