import { resolve } from "node:path";
import { z } from "zod";
import { type Algorithms, algorithmSchema, chooseAlgorithm } from "../core/algorithm-schema.js";
import { isCurvewiseError } from "../core/errors.js";
import type { SamplerChoice } from "../core/sampler.js";
import type { SchedulerChoice } from "../core/scheduler.js";
import { knownSamplers, knownSchedulers } from "./algorithms.js";
import type { LoadAlgorithm, LoadedAlgorithm } from "./load-algorithm.js";
import { isPath } from "./module-specifier.js";
import type { Path, Problem, YamlSource } from "./yaml-source.js";

/** The kinds of algorithm that a study names. */
export type AlgorithmKind = "sampler" | "scheduler";

/** The algorithms of a kind that a study may name. */
export interface Available<Choice> {
  /** By name: the built-in algorithms, and the package that the study names. */
  readonly named: Algorithms<Choice>;
  /** The module or package that was loaded because the study names it. */
  readonly loaded: LoadedAlgorithm<Choice> | undefined;
  /** A name that is not built in, and the package for it, which was looked for and not found. */
  readonly absent?: { readonly name: string; readonly package: string };
}

/** The algorithms of both kinds that a study may name. */
export interface AvailableAlgorithms {
  readonly sampler: Available<SamplerChoice>;
  readonly scheduler: Available<SchedulerChoice>;
}

/** The algorithms that every study may name. */
export const builtInAlgorithms = (): AvailableAlgorithms => ({
  sampler: { named: knownSamplers(), loaded: undefined },
  scheduler: { named: knownSchedulers(), loaded: undefined },
});

/** The package that a name stands for if no built-in algorithm has it. */
const packageOf = (kind: AlgorithmKind, name: string): string => `curvewise-${kind}-${name}`;

/** The key by which users choose an algorithm from a module. */
const moduleKey = "module";

/** The module that is named as `{module: ...}`; undefined if none is. */
export function namedModule(input: unknown): string | undefined {
  if (typeof input !== "object" || input === null || !(moduleKey in input)) return undefined;
  return typeof input.module === "string" && input.module !== "" ? input.module : undefined;
}

/** The name in `name` and in `{name: options}`; undefined if there is none, or several. */
function nameIn(input: unknown): string | undefined {
  if (typeof input === "string") return input;
  if (typeof input !== "object" || input === null || Array.isArray(input)) return undefined;
  const [name, ...others] = Object.keys(input);
  return others.length === 0 ? name : undefined;
}

/**
 * Loads the algorithm that is named, if it is not built in.
 *
 * @param input `name`, `{name: options}` or `{module: ..., options: ...}`
 * @param folders where packages are looked for; a path is relative to the first one
 * @throws CurvewiseError `ALGORITHM_NOT_FOUND`, `ALGORITHM_INVALID`
 */
async function available<Choice>(
  kind: AlgorithmKind,
  builtIn: Algorithms<Choice>,
  load: LoadAlgorithm<Choice>,
  input: unknown,
  folders: readonly [string, ...string[]],
): Promise<Available<Choice>> {
  const specifier = namedModule(input);
  const name = nameIn(input);
  const mayBePackage = name !== undefined && !builtIn.has(name) && /^[a-z0-9][a-z0-9._-]*$/.test(name);
  if (specifier === undefined && (!mayBePackage || name === moduleKey))
    return { named: builtIn, loaded: undefined };
  // Loaded only when needed: most studies use only built-in algorithms.
  const { findPackage, locateModule } = await import("./module-location.js");
  if (specifier !== undefined)
    return { named: builtIn, loaded: await load(locateModule(specifier, folders)) };
  if (name === undefined) return { named: builtIn, loaded: undefined };
  const found = findPackage(packageOf(kind, name), folders);
  if (found === undefined)
    return { named: builtIn, loaded: undefined, absent: { name, package: packageOf(kind, name) } };
  const loaded = await load(found);
  return { named: new Map([...builtIn, [name, loaded]]), loaded };
}

/** See {@link available}. */
export const availableSamplers = (
  input: unknown,
  folders: readonly [string, ...string[]],
): Promise<Available<SamplerChoice>> =>
  available(
    "sampler",
    knownSamplers(),
    async (location) => (await import("./load-algorithm.js")).loadSampler(location),
    input,
    folders,
  );

/** See {@link available}. */
export const availableSchedulers = (
  input: unknown,
  folders: readonly [string, ...string[]],
): Promise<Available<SchedulerChoice>> =>
  available(
    "scheduler",
    knownSchedulers(),
    async (location) => (await import("./load-algorithm.js")).loadScheduler(location),
    input,
    folders,
  );

/** The part of a study's file that names an algorithm. */
function sectionOf(document: unknown, kind: AlgorithmKind): unknown {
  if (typeof document !== "object" || document === null || Array.isArray(document)) return undefined;
  return Object.entries(document).find(([key]) => key === kind)?.[1];
}

/**
 * Loads the algorithms that a study file names and that are not built in.
 *
 * @param problems receives what cannot be loaded
 */
export async function algorithmsOfStudy(
  source: YamlSource,
  folders: readonly [string, ...string[]],
  problems: Problem[],
): Promise<AvailableAlgorithms> {
  const none = builtInAlgorithms();
  const load = async <Choice>(
    kind: AlgorithmKind,
    loadNamed: (input: unknown, folders: readonly [string, ...string[]]) => Promise<Available<Choice>>,
    otherwise: Available<Choice>,
  ): Promise<Available<Choice>> => {
    const section = sectionOf(source.value, kind);
    try {
      return await loadNamed(section, folders);
    } catch (error) {
      if (!isCurvewiseError(error)) throw error;
      const path: Path = namedModule(section) === undefined ? [kind] : [kind, moduleKey];
      const hint = error.hint === undefined ? {} : { hint: error.hint };
      problems.push({
        position: source.valueAt(path),
        message: `\`${path.join(".")}\`: ${error.message}`,
        ...hint,
      });
      return otherwise;
    }
  };
  return {
    sampler: await load("sampler", availableSamplers, none.sampler),
    scheduler: await load("scheduler", availableSchedulers, none.scheduler),
  };
}

/** What helps with a wrong option of an algorithm that is not built in. */
export function optionsAdvice(algorithms: AvailableAlgorithms, [section, key]: Path): string | undefined {
  if (key === undefined || (section !== "sampler" && section !== "scheduler")) return undefined;
  const { loaded } = algorithms[section];
  if (loaded === undefined) return undefined;
  if (key !== "options")
    return key === loaded.name ? `\`curvewise ${section}s ${key}\` shows its options.` : undefined;
  const { specifier, folder } = loaded.module;
  const isElsewhere = isPath(specifier) && folder !== process.cwd();
  return `\`curvewise ${section}s ${isElsewhere ? resolve(folder, specifier) : specifier}\` shows its options.`;
}

/** Adds to problems with unknown names that there is no package for them either. */
export function withAbsentPackages(problems: readonly Problem[], algorithms: AvailableAlgorithms): Problem[] {
  const absent = (["sampler", "scheduler"] as const).flatMap((kind) => {
    const missing = algorithms[kind].absent;
    return missing === undefined
      ? []
      : [{ ...missing, beginnings: [`unknown key \`${kind}.${missing.name}\``, `\`${kind}\` cannot be`] }];
  });
  return problems.map((problem) => {
    const missing = absent.find(({ beginnings }) =>
      beginnings.some((each) => problem.message.startsWith(each)),
    );
    if (missing === undefined) return problem;
    const message = `${problem.message} (there is no package ${missing.package} either)`;
    return {
      ...problem,
      message,
      hint: `Correct the name, or install the package: npm install ${missing.package}.`,
    };
  });
}

/** The schema of a choice as users write it: `name`, `{name: options}`, or `{module: ..., options: ...}`. */
export function choiceSchema(kind: AlgorithmKind, { named, loaded }: Available<unknown>) {
  const options =
    loaded === undefined ? z.record(z.string(), z.unknown()).optional() : loaded.options.prefault({});
  return z.union([
    ...algorithmSchema(named).options,
    z.strictObject({
      module: z
        .string()
        .min(1)
        .describe(
          `A module whose default export is your ${kind}: a path, relative to this file, or a package.`,
        ),
      options: options.describe("Its options."),
    }),
  ]);
}

/**
 * Creates the choice from input that a schema of {@link choiceSchema} has checked; undefined if the name is
 * unknown.
 */
export function chosenOf<Choice>({ named, loaded }: Available<Choice>, input: unknown): Choice | undefined {
  if (namedModule(input) === undefined) return chooseAlgorithm(named, input);
  const options = Object.entries(input ?? {}).find(([key]) => key === "options")?.[1];
  return loaded?.choose(options);
}
