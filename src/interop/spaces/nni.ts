import { z } from "zod";
import type { Json } from "../../core/json.js";
import { isMapping } from "../../core/json.js";
import { jsonValue } from "../python-json.js";
import {
  choiceOf,
  type DescribedSearch,
  endless,
  intRange,
  literally,
  logStepped,
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
  stepped,
  uniform,
  values,
} from "./described-search.js";
import { lineWithStandIn } from "./stand-in-command.js";

const parameter = z.object({ _type: z.string(), _value: z.array(jsonValue) });

/** The branches of a choice that has params of its own in each. */
const branch = z.looseObject({ _name: z.string() });

function entryOf(kind: string, given: readonly Json[], place: Place): ParamEntry {
  const numbers = (count: number): readonly number[] => {
    const read = readAt({ ...place, path: `${place.path}._value` }, z.array(numeric), given);
    if (read.length !== count) {
      refuseAt(place, `is ${kind} of ${read.length} numbers`, `Give ${count} numbers in \`_value\`.`);
    }
    return read;
  };
  switch (kind) {
    case "choice":
      return choiceOf(readAt(place, values, given));
    case "randint": {
      const [low = 0, high = 0] = numbers(2);
      // NNI leaves the upper end out.
      return intRange(Math.ceil(low), Math.ceil(high) - 1, false, place);
    }
    case "uniform": {
      const [low = 0, high = 0] = numbers(2);
      return uniform(low, high, place);
    }
    case "loguniform": {
      const [low = 0, high = 0] = numbers(2);
      return logUniform(low, high, place);
    }
    case "quniform": {
      const [low = 0, high = 0, q = 0] = numbers(3);
      return stepped(low, high, q, place);
    }
    case "qloguniform": {
      const [low = 0, high = 0, q = 0] = numbers(3);
      return logStepped(low, high, q, place);
    }
    case "normal":
    case "qnormal":
    case "lognormal":
    case "qlognormal": {
      const [mean = 0, deviation = 0] = numbers(kind.startsWith("q") ? 3 : 2);
      return endless(kind, mean, deviation, kind.endsWith("lognormal"), place);
    }
    default:
      return refuseAt(place, `has the type ${kind}`, "Write `uniform`, `quniform`, `randint` or `choice`.");
  }
}

/** Params of a branch exist where the choice above is that branch. */
function spaceOf(
  given: Readonly<Record<string, unknown>>,
  place: Place,
  prefix: string,
  when: ParamEntry["when"],
): [string, ParamEntry][] {
  return Object.entries(given).flatMap(([name, value]): [string, ParamEntry][] => {
    if (name === "_name") return [];
    const here = { ...place, path: place.path === "" ? name : `${place.path}.${name}` };
    const { _type: kind, _value: listed } = readAt(here, parameter, value);
    const path = `${prefix}${name}`;
    const condition = when === undefined ? {} : { when };
    if (kind !== "choice" || !listed.some((each) => isMapping(each) && "_name" in each))
      return [[path, { ...entryOf(kind, listed, here), ...condition }]];
    const branches = readAt({ ...here, path: `${here.path}._value` }, z.array(branch), listed);
    const names = branches.map(({ _name }) => _name);
    return [
      [path, { choice: names, ...condition }],
      ...branches.flatMap((each) => spaceOf(each, here, `${path}.`, { [path]: each._name })),
    ];
  });
}

/** Whether a document is a search space of NNI by itself. */
export const isNniSpace = (document: unknown): boolean => {
  const space = z.record(z.string(), parameter).safeParse(document);
  return space.success && Object.keys(space.data).length > 0;
};

const algorithm = z.looseObject({
  name: z.string().optional(),
  classArgs: z.looseObject({ optimize_mode: z.enum(["maximize", "minimize"]).optional() }).nullish(),
});
const experiment = z.looseObject({
  experimentName: z.string().optional(),
  searchSpace: mapping.optional(),
  searchSpaceFile: z.string().optional(),
  trialCommand: z.string().optional(),
  trialConcurrency: z.int().positive().optional(),
  maxTrialNumber: z.int().positive().optional(),
  maxExperimentDuration: z.union([z.string(), z.number()]).optional(),
  maxTrialDuration: z.union([z.string(), z.number()]).optional(),
  tuner: algorithm.optional(),
  assessor: algorithm.optional(),
});
/** What says where trials run, and nothing about the search. */
const ELSEWHERE = new Set(["trainingService", "trialCodeDirectory", "trialGpuNumber", "logLevel", "debug"]);

/** Keys as they are in YAML files: Python's API has them with underscores. */
const camelCase = (key: string): string =>
  key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** NNI also counts in days. */
function durationOf(given: string | number | undefined): string | number | undefined {
  const days = typeof given === "string" ? /^(\d+(?:\.\d+)?)d$/.exec(given) : null;
  return days === null ? given : Number(days[1]) * 86_400;
}

const SAMPLERS: Readonly<Record<string, string>> = {
  random: "random",
  gridsearch: "grid",
  tpe: "tpe",
  gp: "gp",
  metis: "gp",
  smac: "forest",
};

/**
 * An experiment of NNI 2 and 3, or its search space alone. The program is told its params by NNI's stand-in, which calls
 * the goal metric `default`.
 *
 * @param readSpace reads the search space's file that an experiment names
 * @throws CurvewiseError `IMPORT_INVALID`, `IMPORT_UNSUPPORTED`
 */
export function searchFromNni(
  document: unknown,
  file: string,
  readSpace: (path: string) => unknown,
): DescribedSearch {
  const whole = { file, path: "" };
  if (isNniSpace(document)) {
    return {
      tool: "NNI",
      name: undefined,
      goal: undefined,
      metric: "default",
      command: undefined,
      space: spaceOfEntries(spaceOf(readAt(whole, mapping, document), whole, "", undefined), whole),
      warnings: [],
    };
  }
  const given = readAt(whole, mapping, document);
  if ("authorName" in given || "searchSpacePath" in given) {
    refuseAt(
      { file, path: "authorName" in given ? "authorName" : "searchSpacePath" },
      "is of NNI 1",
      "Give the search space's JSON file instead, or write the experiment as NNI 2 and 3 have it.",
    );
  }
  const settings = readAt(
    whole,
    experiment,
    Object.fromEntries(Object.entries(given).map(([key, value]) => [camelCase(key), value])),
  );
  const { searchSpace, searchSpaceFile, trialCommand, tuner, assessor } = settings;
  const warnings: string[] = [];
  const space = searchSpace ?? (searchSpaceFile === undefined ? undefined : readSpace(searchSpaceFile));
  if (space === undefined) {
    refuseAt({ file, path: "searchSpace" }, "is missing", "Give `searchSpace`, or `searchSpaceFile`.");
  }
  const place =
    searchSpace === undefined ? { file: searchSpaceFile ?? file, path: "" } : { file, path: "searchSpace" };
  const entries = spaceOf(readAt(place, mapping, space), place, "", undefined);
  if (entries.some(([, { when }]) => when !== undefined)) {
    warnings.push("The program gets the params of nested choices by names with points, such as layer.size.");
  }
  const sampler = tuner?.name === undefined ? undefined : samplerFor(SAMPLERS, "tuner", tuner.name, warnings);
  const isMedian = assessor?.name?.toLowerCase() === "medianstop";
  if (assessor?.name !== undefined && !isMedian) {
    warnings.push(
      `The assessor ${assessor.name} has no counterpart; \`curvewise schedulers\` lists what there is.`,
    );
  }
  const others = Object.keys(settings).filter(
    (key) => !Object.hasOwn(experiment.shape, key) && !ELSEWHERE.has(key),
  );
  if (others.length > 0)
    warnings.push(`Left out, since Curvewise has no such settings: ${others.join(", ")}.`);
  return {
    tool: "NNI",
    name: settings.experimentName,
    goal: searchGoal(tuner?.classArgs?.optimize_mode ?? "maximize", "default"),
    command: trialCommand === undefined ? undefined : lineWithStandIn(literally(trialCommand)),
    space: spaceOfEntries(entries, place),
    ...(sampler === undefined ? {} : { sampler }),
    ...(isMedian ? { scheduler: "median" } : {}),
    budget: { trials: settings.maxTrialNumber, time: durationOf(settings.maxExperimentDuration) },
    workers: settings.trialConcurrency,
    timeout: durationOf(settings.maxTrialDuration),
    warnings,
  };
}
