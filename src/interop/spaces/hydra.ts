import { z } from "zod";
import type { Json } from "../../core/json.js";
import { textOfValue } from "../../core/param-value.js";
import { jsonValue } from "../python-json.js";
import {
  choiceOf,
  type DescribedSearch,
  intRange,
  logUniform,
  mapping,
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
} from "./described-search.js";
import { type Argument, type Call, numberOf, plainValue, readArguments } from "./expression.js";

/** A part of a sweep: how it was tagged, and whether `int(...)` makes whole numbers of it. */
interface Modifiers {
  readonly tags: ReadonlySet<string>;
  readonly isInt: boolean;
}

function sweepOf(call: Call, { tags, isInt }: Modifiers, place: Place, isOptuna: boolean): ParamEntry {
  const { name, args, named } = call;
  const inner = (argument: Argument | undefined, modifiers: Modifiers): ParamEntry =>
    argument?.kind === "call"
      ? sweepOf(argument.call, modifiers, place, isOptuna)
      : refuseAt(place, `has ${name}(...) of no sweep`, "Write interval, range or choice in it.");
  const number = (index: number, key: string): number => numberOf(args[index] ?? named[key], key, place);
  switch (name) {
    case "tag": {
      const words = args.slice(0, -1).map((each) => textOfValue(plainValue(each, place)));
      return inner(named["sweep"] ?? args.at(-1), { tags: new Set([...tags, ...words]), isInt });
    }
    case "int":
      return inner(args[0], { tags, isInt: true });
    case "float":
    case "shuffle":
    case "sort":
      return inner(args[0] ?? named["sweep"], { tags, isInt });
    case "choice":
      return choiceOf(args.map((each) => plainValue(each, place)));
    case "interval": {
      const [low, high] = [number(0, "start"), number(1, "end")];
      const log = tags.has("log");
      if (isInt) return intRange(Math.round(low), Math.round(high), log, place);
      return log ? logUniform(low, high, place) : uniform(low, high, place);
    }
    case "range": {
      const isShort = args.length === 1 && named["stop"] === undefined;
      const [start, stop] = isShort ? [0, number(0, "stop")] : [number(0, "start"), number(1, "stop")];
      const step = args[2] === undefined && named["step"] === undefined ? 1 : number(2, "step");
      if (!(step > 0)) refuseAt(place, `has steps of ${step}`, "Give steps above zero.");
      // Optuna's sweeper takes the end for one of the values, the others do not.
      const count = (stop - start) / step;
      const most = isOptuna ? Math.floor(count + 1e-9) : Math.ceil(count - 1e-9) - 1;
      if (most < 0) refuseAt(place, "has no values", "Give a range whose end is above its start.");
      return steppedFrom(start, Number((start + most * step).toPrecision(12)), step, place);
    }
    default:
      return refuseAt(
        place,
        `is ${name}(...), which has no counterpart here`,
        "Write interval, range or choice.",
      );
  }
}

/** A value of `hydra.sweeper.params`, as on a command line of Hydra. */
function entryOf(value: Json, place: Place, isOptuna: boolean): ParamEntry {
  if (typeof value !== "string") return { fixed: value };
  const parts = readArguments(value, place);
  const [only] = parts;
  if (parts.length > 1) return choiceOf(parts.map((each) => plainValue(each, place)));
  if (only?.kind === "call") return sweepOf(only.call, { tags: new Set(), isInt: false }, place, isOptuna);
  return { fixed: only === undefined ? value : plainValue(only, place) };
}

/** The search space of Optuna's sweeper up to Hydra 1.1. */
const oldParameter = z.object({
  type: z.enum(["int", "float", "categorical"]),
  low: numeric.nullish(),
  high: numeric.nullish(),
  step: numeric.nullish(),
  log: z.boolean().default(false),
  choices: z.array(jsonValue).nullish(),
});

function oldEntryOf(given: unknown, place: Place): ParamEntry {
  const { type, low, high, step, log, choices } = readAt(place, oldParameter, given);
  if (type === "categorical") {
    if (choices === null || choices === undefined)
      return refuseAt(place, "lists no values", "Give `choices`.");
    return choiceOf(choices);
  }
  if (low === null || low === undefined || high === null || high === undefined)
    return refuseAt(place, "lacks an end", "Give `low` and `high`.");
  if (type === "int" && log) return intRange(low, high, true, place);
  if (log) return logUniform(low, high, place);
  if (step !== null && step !== undefined) return steppedFrom(low, high, step, place);
  return type === "int" ? intRange(low, high, false, place) : uniform(low, high, place);
}

const sweeper = z.looseObject({
  _target_: z.string().optional(),
  sampler: z.looseObject({ _target_: z.string().optional() }).optional(),
  direction: z.union([z.string(), z.array(z.string())]).optional(),
  study_name: z.string().nullish(),
  n_trials: z.int().positive().optional(),
  max_trials: z.int().positive().optional(),
  n_jobs: z.int().positive().optional(),
  params: mapping.nullish(),
  search_space: mapping.nullish(),
  custom_search_space: z.string().nullish(),
  storage: z.unknown().optional(),
});
type Sweeper = z.output<typeof sweeper>;

const config = z.looseObject({
  hydra: z.looseObject({ sweeper: sweeper.optional() }).optional(),
  sweeper: sweeper.optional(),
  defaults: z.unknown().optional(),
});

/** Where the sweeper's settings are: in a program's config, or in a file of `hydra/sweeper`. */
function sweeperAt(document: unknown): { readonly settings: Sweeper; readonly path: string } | undefined {
  const whole = config.safeParse(document);
  const inner = whole.success ? (whole.data.hydra?.sweeper ?? whole.data.sweeper) : undefined;
  if (inner !== undefined)
    return { settings: inner, path: whole.data?.hydra === undefined ? "sweeper" : "hydra.sweeper" };
  const own = sweeper.safeParse(document);
  return own.success && (own.data._target_?.includes("sweeper") === true || own.data.params !== undefined)
    ? { settings: own.data, path: "" }
    : undefined;
}

/** Whether a document configures a sweeper of Hydra. */
export const isHydra = (document: unknown): boolean => sweeperAt(document) !== undefined;

const SAMPLERS: Readonly<Record<string, string>> = {
  RandomSampler: "random",
  GridSampler: "grid",
  BruteForceSampler: "grid",
  TPESampler: "tpe",
  MOTPESampler: "tpe",
  GPSampler: "gp",
  CmaEsSampler: "cmaes",
  QMCSampler: "sobol",
  NSGAIISampler: "nsga2",
  NSGAIIISampler: "nsga3",
};

/**
 * The sweep in a config of Hydra: `hydra.sweeper.params`. What the program returns is reported by Hydra's stand-in, which
 * calls it `value`.
 *
 * @throws CurvewiseError `IMPORT_INVALID`, `IMPORT_UNSUPPORTED`
 */
export function searchFromHydra(document: unknown, file: string): DescribedSearch {
  const found = sweeperAt(document);
  if (found === undefined) {
    return refuseAt(
      { file, path: "hydra.sweeper" },
      "is missing",
      "Give the config in which the sweep is described.",
    );
  }
  const { settings, path } = found;
  const join = (key: string): string => (path === "" ? key : `${path}.${key}`);
  const { params, search_space: old, direction, custom_search_space: custom } = settings;
  if (custom !== null && custom !== undefined) {
    refuseAt(
      { file, path: join("custom_search_space") },
      "is a function",
      "Write its params under `params`.",
    );
  }
  if (Array.isArray(direction) && direction.length > 1) {
    refuseAt(
      { file, path: join("direction") },
      `names ${direction.length} goals`,
      "Name the one to tune for.",
    );
  }
  const isOptuna = /optuna/i.test(
    `${settings._target_ ?? ""} ${JSON.stringify(config.safeParse(document).data?.defaults ?? "")}`,
  );
  const warnings: string[] = [];
  const space =
    params === null || params === undefined
      ? Object.entries(old ?? {}).map(([name, value]): [string, ParamEntry] => {
          return [name, oldEntryOf(value, { file, path: join(`search_space.${name}`) })];
        })
      : Object.entries(params).map(([name, value]): [string, ParamEntry] => {
          const place = { file, path: join(`params.${name}`) };
          return [name.replace(/^\++/, ""), entryOf(readAt(place, jsonValue, value), place, isOptuna)];
        });
  if (space.length === 0) {
    refuseAt(
      { file, path: join("params") },
      "names no params",
      "Give those of the sweep, as lr: interval(0.001, 1).",
    );
  }
  const class_ = settings.sampler?._target_?.split(".").at(-1);
  const sampler = class_ === undefined ? undefined : samplerFor(SAMPLERS, "sampler", class_, warnings);
  const [goal] = [direction].flat();
  warnings.push("Correct `command`: it starts app.py, whose function `hydra.main` returns the goal's value.");
  return {
    tool: "Hydra",
    name: settings.study_name ?? undefined,
    goal: searchGoal(goal?.toLowerCase() === "maximize" ? "maximize" : "minimize", "value"),
    command: ["python3", "-m", "curvewise.compat", "app.py"],
    space: spaceOfEntries(space, { file, path: join("params") }),
    ...(sampler === undefined ? {} : { sampler }),
    budget: { trials: settings.n_trials ?? settings.max_trials },
    workers: settings.n_jobs,
    warnings,
  };
}
