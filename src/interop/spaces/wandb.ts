import { z } from "zod";
import type { Json } from "../../core/json.js";
import {
  choiceOf,
  type DescribedSearch,
  endless,
  intRange,
  logStepped,
  logUniform,
  mapping,
  numeric,
  type ParamEntry,
  type Place,
  readAt,
  refuseAt,
  searchGoal,
  spaceOfEntries,
  stepped,
  uniform,
  values,
} from "./described-search.js";
import { withStandIn } from "./stand-in-command.js";

const parameter = z.looseObject({
  distribution: z.string().optional(),
  value: z.json().optional(),
  values: values.optional(),
  min: numeric.optional(),
  max: numeric.optional(),
  mu: numeric.optional(),
  sigma: numeric.optional(),
  q: numeric.optional(),
  probabilities: z.unknown().optional(),
  parameters: mapping.optional(),
});
type Parameter = z.output<typeof parameter>;

/** The number whose logarithm a file has, without the last digits that only come from rounding. */
const exponential = (logarithm: number): number => Number(Math.exp(logarithm).toPrecision(12));

/** Whether the number at a place is a float in Python, as 1.0 is. */
type IsFloat = (keys: readonly string[]) => boolean;

/** The distribution that W&B takes where none is named: by Python's types. */
function impliedDistribution(
  { value, values: listed, min, max }: Parameter,
  isFloat: (key: string) => boolean,
): string | undefined {
  if (value !== undefined) return "constant";
  if (listed !== undefined) return "categorical";
  if (min === undefined || max === undefined) return undefined;
  const isInt = [min, max].every(Number.isInteger) && !isFloat("min") && !isFloat("max");
  return isInt ? "int_uniform" : "uniform";
}

function entryOf(given: Parameter, place: Place, isFloat: (key: string) => boolean): ParamEntry {
  const kind = given.distribution ?? impliedDistribution(given, isFloat);
  if (kind === undefined)
    return refuseAt(place, "has neither values nor a range", "Give value, values, or min and max.");
  if (given.probabilities !== undefined) {
    refuseAt(place, "has probabilities", "All values are equally likely here: leave `probabilities` out.");
  }
  const { min, max, mu = 0, sigma = 1, q = 1 } = given;
  const between = (make: (low: number, high: number) => ParamEntry): ParamEntry =>
    min === undefined || max === undefined
      ? refuseAt(place, `is ${kind} without min and max`, "Give both ends.")
      : make(min, max);
  switch (kind) {
    case "constant":
      return { fixed: given.value ?? null };
    case "categorical":
      return given.values === undefined
        ? refuseAt(place, "lists no values", "Give `values`.")
        : choiceOf(given.values);
    case "int_uniform":
      return between((low, high) => intRange(low, high, false, place));
    case "uniform":
      return between((low, high) => uniform(low, high, place));
    case "q_uniform":
      return between((low, high) => {
        const entry = stepped(low, high, q, place);
        // The values are of the type of `q`.
        return entry.int !== undefined && isFloat("q") ? { float: entry.int, step: q } : entry;
      });
    case "log_uniform_values":
      return between((low, high) => logUniform(low, high, place));
    case "log_uniform":
      // Its ends are the logarithms.
      return between((low, high) => logUniform(exponential(low), exponential(high), place));
    case "q_log_uniform_values":
      return between((low, high) => logStepped(low, high, q, place));
    case "q_log_uniform":
      return between((low, high) => logStepped(exponential(low), exponential(high), q, place));
    case "normal":
    case "q_normal":
      return endless(kind, mu, sigma, false, place);
    case "log_normal":
    case "q_log_normal":
      return endless(kind, mu, sigma, true, place);
    default:
      return refuseAt(place, `has the distribution ${kind}`, "Write the range or the values that you mean.");
  }
}

function spaceOf(
  parameters: Readonly<Record<string, unknown>>,
  place: Place,
  isFloat: IsFloat,
  prefix = "",
): Record<string, ParamEntry> {
  const entries = Object.entries(parameters).flatMap(([name, value]): [string, ParamEntry][] => {
    const here = { ...place, path: `${place.path}.${name}` };
    const given = readAt(here, parameter, value);
    const path = `${prefix}${name}`;
    if (given.parameters !== undefined)
      return Object.entries(
        spaceOf(
          given.parameters,
          { ...here, path: `${here.path}.parameters` },
          (keys) => isFloat([name, "parameters", ...keys]),
          `${path}.`,
        ),
      );
    return [[path, entryOf(given, here, (key) => isFloat([name, key]))]];
  });
  return spaceOfEntries(entries, place);
}

/** The words of a sweep's command, with its macros as they are here; the program finds W&B's stand-in. */
function commandOf(
  given: readonly (string | number | boolean)[] | undefined,
  program: string | undefined,
  place: Place,
): readonly string[] | undefined {
  const words = given ?? (program === undefined ? undefined : ["${interpreter}", "${program}", "${args}"]);
  const own = words?.flatMap((word): string[] => {
    switch (word) {
      // The shebang's `/usr/bin/env`: programs are looked up by their names anyway.
      case "${env}":
        return [];
      case "${interpreter}":
        return ["python3"];
      case "${program}":
        return [
          program ?? refuseAt(place, "uses ${program}, which the file does not name", "Give `program`."),
        ];
      case "${args}":
        return ["${args}"];
      default:
        if (typeof word === "string" && /^\$\{(args_|envvar)/.test(word)) {
          return refuseAt(
            place,
            `uses ${word}`,
            "Write ${args} for --name=value, or an argument such as --lr={lr} for each param.",
          );
        }
        return [String(word)];
    }
  });
  return own === undefined ? undefined : withStandIn(own, "wandb");
}

const earlyTerminate = z.looseObject({
  type: z.string(),
  min_iter: z.int().optional(),
  max_iter: z.int().optional(),
  s: z.int().optional(),
  eta: z.number().optional(),
});

/** W&B's `bayes` is a Gaussian process, too. */
const SAMPLERS = { grid: "grid", random: "random", bayes: "gp" } as const;

const sweep = z.looseObject({
  name: z.string().optional(),
  description: z.unknown().optional(),
  project: z.unknown().optional(),
  entity: z.unknown().optional(),
  program: z.string().optional(),
  method: z.enum(["grid", "random", "bayes"]),
  metric: z
    .object({
      name: z.string(),
      goal: z.enum(["minimize", "maximize"]).default("minimize"),
      target: z.number().optional(),
    })
    .optional(),
  parameters: mapping,
  command: z.array(z.union([z.string(), z.number(), z.boolean()])).optional(),
  early_terminate: earlyTerminate.optional(),
  run_cap: z.int().optional(),
});

/**
 * A sweep of Weights & Biases.
 *
 * @param isFloat whether the number at a place of the file is a float in Python
 * @throws CurvewiseError `IMPORT_INVALID`, `IMPORT_UNSUPPORTED`
 */
export function searchFromWandb(document: unknown, file: string, isFloat: IsFloat): DescribedSearch {
  const given = readAt({ file, path: "" }, sweep, document);
  const warnings: string[] = [];
  const { method, metric, early_terminate: early, run_cap: trials } = given;
  if (metric?.target !== undefined)
    warnings.push("W&B only shows `metric.target`; here it would end the study: `budget.target`.");
  const known = Object.keys(sweep.shape);
  const others = Object.keys(given).filter((key) => !known.includes(key));
  if (others.length > 0)
    warnings.push(`Left out, since Curvewise has no such settings: ${others.join(", ")}.`);
  let scheduler: Json | undefined;
  let maxSteps: number | undefined;
  if (early !== undefined) {
    if (early.type !== "hyperband") {
      refuseAt(
        { file, path: "early_terminate.type" },
        `is ${early.type}`,
        "`curvewise schedulers` lists what stops trainings early.",
      );
    }
    // W&B's hyperband never resumes a run: it is successive halving whose rungs begin at min_iter, or end at max_iter.
    const eta = early.eta ?? 3;
    const brackets = early.s ?? 1;
    maxSteps = early.max_iter;
    const first = early.min_iter ?? Math.max(1, Math.floor((early.max_iter ?? 1) / eta ** brackets));
    scheduler = { asha: { type: "stopping", minSteps: first, eta } };
    if (maxSteps === undefined) {
      warnings.push(
        "The file does not say at which step a training is complete: set `maxSteps`, which asha needs.",
      );
    }
  }
  return {
    tool: "W&B",
    name: given.name,
    goal: metric === undefined ? undefined : searchGoal(metric.goal, metric.name),
    command: commandOf(given.command, given.program, { file, path: "command" }),
    space: spaceOf(given.parameters, { file, path: "parameters" }, (keys) =>
      isFloat(["parameters", ...keys]),
    ),
    maxSteps,
    sampler: SAMPLERS[method],
    ...(scheduler === undefined ? {} : { scheduler }),
    budget: { trials },
    warnings,
  };
}
