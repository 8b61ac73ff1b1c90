import { z } from "zod";
import type { Json } from "../../core/json.js";
import {
  choiceOf,
  type DescribedSearch,
  endless,
  intRange,
  logUniform,
  mapping,
  namedIn,
  type ParamEntry,
  type Place,
  readAt,
  refuseAt,
  samplerFor,
  uniform,
} from "./described-search.js";
import { type Call, numberOf, plainValue, readArguments } from "./expression.js";

/** How a config file of a program marks what Orion is to fill in. */
const MARK = /^orion~\s*/;

/** What is found at a mark: a param, or the number of steps that a training takes. */
type Found = { readonly entry: ParamEntry } | Fidelity;

/** How long trainings take at least and at most, and by which factor Orion makes them longer. */
interface Fidelity {
  readonly minSteps: number;
  readonly maxSteps: number;
  readonly eta: number;
}

function choicesOf({ args, named }: Call, place: Place, warnings: string[]): ParamEntry {
  if (named["probabilities"] !== undefined)
    refuseAt(place, "has probabilities", "All values are equally likely here: leave them out.");
  const [first] = args;
  if (first?.kind === "mapping") {
    warnings.push(`The probabilities of \`${place.path}\` are left out: all values are equally likely here.`);
    return choiceOf(first.entries.map(([value]) => value));
  }
  const listed = first?.kind === "list" ? first.items : args;
  if (listed.length === 0) refuseAt(place, "lists no values", "Name them: choices(['a', 'b']).");
  return choiceOf(listed.map((each) => plainValue(each, place)));
}

function foundAt(text: string, place: Place, warnings: string[]): Found {
  const [argument, ...others] = readArguments(text, place);
  if (argument?.kind !== "call" || others.length > 0)
    return refuseAt(place, `is "${text}", which is not a distribution`, "Write one, such as uniform(0, 1).");
  const { call } = argument;
  const { name, args, named } = call;
  if (named["shape"] !== undefined) {
    refuseAt(place, "has a shape", "Params are single values here: give each element a param of its own.");
  }
  if (named["default_value"] !== undefined) {
    warnings.push(
      `The default value of \`${place.path}\` is left out; \`enqueue\` lists params to try first.`,
    );
  }
  const isInt = named["discrete"]?.kind === "value" && named["discrete"].value === true;
  const ends = (): readonly [number, number] => [
    numberOf(args[0] ?? named["low"], "its lower end", place),
    numberOf(args[1] ?? named["high"], "its upper end", place),
  ];
  switch (name) {
    case "uniform": {
      const [low, high] = ends();
      return {
        entry: isInt ? intRange(Math.ceil(low), Math.floor(high), false, place) : uniform(low, high, place),
      };
    }
    case "loguniform": {
      const [low, high] = ends();
      if (!isInt) return { entry: logUniform(low, high, place) };
      return { entry: intRange(Math.ceil(low), Math.floor(high), true, place) };
    }
    case "choices":
      return { entry: choicesOf(call, place, warnings) };
    case "fidelity": {
      const [minSteps, maxSteps] = ends();
      const base = args[2] ?? named["base"];
      return { minSteps, maxSteps, eta: base === undefined ? 2 : numberOf(base, "its base", place) };
    }
    case "normal":
    case "gaussian": {
      const mean = numberOf(args[0] ?? named["loc"], "its mean", place);
      return endless(name, mean, numberOf(args[1] ?? named["scale"], "its deviation", place), false, place);
    }
    default:
      return refuseAt(
        place,
        `is ${name}, which has no counterpart here`,
        "Write uniform, loguniform, or choices with the values that you mean.",
      );
  }
}

/** All marked texts of a document, with the paths by which Orion calls them. */
function markedTexts(document: unknown, path: string): [path: string, text: string][] {
  if (typeof document === "string") return MARK.test(document) ? [[path, document.replace(MARK, "")]] : [];
  if (typeof document !== "object" || document === null) return [];
  return Object.entries(document).flatMap(([key, value]) =>
    markedTexts(value, path === "" ? key : `${path}.${key}`),
  );
}

/** Whether a document has anything that Orion is to fill in. */
export const isOrion = (document: unknown): boolean => markedTexts(document, "").length > 0;

const algorithm = z.union([z.string(), mapping]);
const settings = z.looseObject({
  experiment: z
    .looseObject({
      name: z.string().optional(),
      max_trials: z.int().positive().optional(),
      algorithm: algorithm.optional(),
      algorithms: algorithm.optional(),
    })
    .optional(),
  worker: z.looseObject({ n_workers: z.int().optional() }).optional(),
});

/** Its rules that stop trials early draw params at random. */
const SAMPLERS: Readonly<Record<string, string>> = {
  random: "random",
  asha: "random",
  hyperband: "random",
  gridsearch: "grid",
  tpe: "tpe",
  bohb: "tpe",
  robo_gp: "gp",
};

/**
 * The config file of a program that Orion tunes (`lr: orion~loguniform(1e-5, 1)`), with or without Orion's own settings.
 * The program reports by Orion's stand-in, which calls the metric `objective`.
 *
 * @throws CurvewiseError `IMPORT_INVALID`, `IMPORT_UNSUPPORTED`
 */
export function searchFromOrion(document: unknown, file: string): DescribedSearch {
  const { experiment, worker } = readAt({ file, path: "" }, settings, document);
  const warnings: string[] = [];
  const space: Record<string, ParamEntry> = {};
  let steps: (Fidelity & { readonly path: string }) | undefined;
  for (const [path, text] of markedTexts(document, "")) {
    const found = foundAt(text, { file, path }, warnings);
    if ("entry" in found) space[path] = found.entry;
    else steps = { ...found, path };
  }
  if (steps !== undefined) {
    warnings.push(
      `The fidelity ${steps.path} is \`maxSteps\`: the program trains {max_steps} steps and reports after each.`,
    );
  }
  const given = experiment?.algorithm ?? experiment?.algorithms;
  const name = typeof given === "string" ? given : Object.keys(given ?? {})[0];
  const algorithm = name?.toLowerCase() ?? "random";
  const sampler = samplerFor(SAMPLERS, "algorithm", algorithm, warnings);
  const schedulers: Readonly<Record<string, Json>> = {
    asha: { asha: { minSteps: steps?.minSteps ?? 1, eta: Math.max(2, Math.round(steps?.eta ?? 4)) } },
    hyperband: "hyperband",
  };
  const scheduler = namedIn(schedulers, algorithm);
  warnings.push(
    "Orion writes params into a copy of the program's config file; here they are arguments, or `files` fills in a template.",
  );
  return {
    tool: "Orion",
    name: experiment?.name,
    goal: { minimize: "objective" },
    metric: "objective",
    command: undefined,
    space,
    maxSteps: steps?.maxSteps,
    ...(sampler === undefined ? {} : { sampler }),
    ...(scheduler === undefined ? {} : { scheduler }),
    budget: { trials: experiment?.max_trials },
    workers: worker?.n_workers !== undefined && worker.n_workers > 0 ? worker.n_workers : undefined,
    warnings,
  };
}
