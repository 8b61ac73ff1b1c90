import { z } from "zod";
import type { Json } from "../../core/json.js";
import { ownNames } from "../foreign-names.js";
import {
  choiceOf,
  type DescribedSearch,
  endless,
  intRange,
  literally,
  logStepped,
  logUniform,
  numeric,
  type ParamEntry,
  type Place,
  readAt,
  refuseAt,
  samplerFor,
  searchGoal,
  spaceOfEntries,
  steppedFrom,
  uniform,
  values,
} from "./described-search.js";

const parameter = z.looseObject({
  name: z.string(),
  parameterType: z.enum(["double", "int", "discrete", "categorical"]),
  feasibleSpace: z.looseObject({
    min: numeric.optional(),
    max: numeric.optional(),
    step: numeric.optional(),
    list: values.optional(),
    distribution: z.string().optional(),
  }),
});
type Parameter = z.output<typeof parameter>;

function rangeOf({ parameterType, feasibleSpace }: Parameter, place: Place): ParamEntry {
  const { min, max, step, distribution = "uniform" } = feasibleSpace;
  if (min === undefined || max === undefined) {
    return refuseAt(place, `is ${parameterType} without min and max`, "Give both ends of `feasibleSpace`.");
  }
  const isInt = parameterType === "int";
  switch (distribution) {
    case "uniform":
      if (step !== undefined && !(isInt && step === 1)) return steppedFrom(min, max, step, place);
      return isInt ? intRange(min, max, false, place) : uniform(min, max, place);
    case "logUniform":
      if (isInt) return intRange(min, max, true, place);
      return step === undefined ? logUniform(min, max, place) : logStepped(min, max, step, place);
    case "normal":
    case "logNormal":
      // Katib takes the middle of the range, and a sixth of it.
      return endless(distribution, (min + max) / 2, (max - min) / 6, false, place);
    default:
      return refuseAt(place, `has the distribution ${distribution}`, "Write uniform or logUniform.");
  }
}

/** Lists hold texts, since the manifest's schema has no other values. */
const numberOrText = (value: Json): Json => {
  const number = numeric.safeParse(value);
  return number.success ? number.data : value;
};

function entryOf(given: Parameter, place: Place): ParamEntry {
  const { list } = given.feasibleSpace;
  switch (given.parameterType) {
    case "double":
    case "int":
      return rangeOf(given, place);
    case "discrete":
    case "categorical":
      if (list === undefined) return refuseAt(place, "lists no values", "Give `feasibleSpace.list`.");
      return choiceOf(given.parameterType === "discrete" ? list.map(numberOrText) : list);
  }
}

const container = z.looseObject({
  name: z.string().optional(),
  command: z.array(z.string()).default([]),
  args: z.array(z.string()).default([]),
});
const experiment = z.looseObject({
  metadata: z.looseObject({ name: z.string().optional() }).default({}),
  spec: z.looseObject({
    objective: z.looseObject({
      type: z.enum(["minimize", "maximize"]),
      goal: numeric.optional(),
      objectiveMetricName: z.string(),
    }),
    algorithm: z.looseObject({ algorithmName: z.string() }).optional(),
    earlyStopping: z.looseObject({ algorithmName: z.string(), algorithmSettings: z.unknown() }).optional(),
    parallelTrialCount: z.int().positive().optional(),
    maxTrialCount: z.int().positive().optional(),
    maxFailedTrialCount: z.int().optional(),
    parameters: z.array(z.unknown()).min(1),
    trialTemplate: z
      .looseObject({
        primaryContainerName: z.string().optional(),
        trialParameters: z.array(z.looseObject({ name: z.string(), reference: z.string() })).default([]),
        trialSpec: z.unknown().optional(),
      })
      .optional(),
  }),
});
type Experiment = z.output<typeof experiment>;

/** Every list of containers in a job's description, however deep it is. */
function containersOf(spec: unknown): z.output<typeof container>[] {
  if (Array.isArray(spec)) return spec.flatMap(containersOf);
  if (typeof spec !== "object" || spec === null) return [];
  return Object.entries(spec).flatMap(([key, value]) => {
    const listed = key === "containers" ? z.array(container).safeParse(value) : undefined;
    return listed?.success === true ? listed.data : containersOf(value);
  });
}

/** What the trial's container runs, with params in place of Katib's own names for them. */
function commandOf(
  { spec: { trialTemplate } }: Experiment,
  params: readonly string[],
  warnings: string[],
): readonly string[] | undefined {
  const containers = containersOf(trialTemplate?.trialSpec);
  const chosen = containers.find(({ name }) => name === trialTemplate?.primaryContainerName) ?? containers[0];
  if (trialTemplate === undefined || chosen === undefined) return undefined;
  const words = [...chosen.command, ...chosen.args];
  const references = new Map(trialTemplate.trialParameters.map(({ name, reference }) => [name, reference]));
  if (words.length === 0) return undefined;
  const own = ownNames(params);
  const filledIn = (part: string): string => {
    const name = /^\$\{trialParameters\.([^}]+)\}$/.exec(part)?.[1];
    if (name === undefined) return literally(part);
    const param = own.get(references.get(name) ?? name);
    if (param !== undefined) return `{${param}}`;
    warnings.push(`Correct \`command\`: ${part} stands for none of the params.`);
    return literally(part);
  };
  return words.map((word) =>
    word
      .split(/(\$\{trialParameters\.[^}]+\})/)
      .map(filledIn)
      .join(""),
  );
}

const medianSettings = z.array(z.object({ name: z.string(), value: numeric }));

/** Katib's rule of the median: it compares with at least so many complete trials, from so many reports on. */
function medianOf(settings: unknown, place: Place): Json {
  const given = new Map(
    readAt({ ...place, path: `${place.path}.algorithmSettings` }, medianSettings, settings ?? []).map(
      ({ name, value }) => [name, value],
    ),
  );
  return { median: { startup: given.get("min_trials_required") ?? 3, warmup: given.get("start_step") ?? 4 } };
}

const SAMPLERS: Readonly<Record<string, string>> = {
  random: "random",
  grid: "grid",
  tpe: "tpe",
  "multivariate-tpe": "tpe",
  bayesianoptimization: "gp",
  cmaes: "cmaes",
  sobol: "sobol",
};

/** Whether a document is an experiment of Katib. */
export const isKatib = (document: unknown): boolean =>
  z
    .looseObject({ kind: z.literal("Experiment"), apiVersion: z.string().regex(/^kubeflow\.org\//) })
    .safeParse(document).success;

/** An Experiment of Katib (`kubeflow.org/v1beta1`). @throws CurvewiseError `IMPORT_INVALID`, `IMPORT_UNSUPPORTED` */
export function searchFromKatib(document: unknown, file: string): DescribedSearch {
  const given = readAt({ file, path: "" }, experiment, document);
  const { objective, algorithm, earlyStopping, parameters, ...spec } = given.spec;
  const warnings: string[] = [];
  const space = parameters.map((each, index): [string, ParamEntry] => {
    const read = readAt({ file, path: `spec.parameters[${index}]` }, parameter, each);
    return [read.name, entryOf(read, { file, path: `spec.parameters (${read.name})` })];
  });
  const sampler = samplerFor(SAMPLERS, "algorithm", algorithm?.algorithmName ?? "random", warnings);
  const isMedian = earlyStopping?.algorithmName === "medianstop";
  if (earlyStopping !== undefined && !isMedian) {
    warnings.push(
      `The rule ${earlyStopping.algorithmName} has no counterpart; \`curvewise schedulers\` lists others.`,
    );
  }
  if (spec.maxFailedTrialCount !== undefined) {
    warnings.push("Left out: maxFailedTrialCount. A study goes on when trials fail.");
  }
  warnings.push(
    "Katib reads metrics from what a container prints. Here the program reports them with their steps, or `metrics` says how to read them.",
    "The command is that of Katib's container: its paths have to exist where the study runs.",
  );
  return {
    tool: "Katib",
    name: given.metadata.name,
    goal: searchGoal(objective.type, objective.objectiveMetricName),
    command: commandOf(
      given,
      space.map(([name]) => name),
      warnings,
    ),
    space: spaceOfEntries(space, { file, path: "spec.parameters" }),
    ...(sampler === undefined ? {} : { sampler }),
    ...(isMedian
      ? { scheduler: medianOf(earlyStopping.algorithmSettings, { file, path: "spec.earlyStopping" }) }
      : {}),
    budget: { trials: spec.maxTrialCount, target: objective.goal },
    workers: spec.parallelTrialCount,
    warnings,
  };
}
