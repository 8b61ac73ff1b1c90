import { pathToFileURL } from "node:url";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { z } from "zod";
import type { Algorithm } from "../core/algorithm-schema.js";
import { checkedSamplerChoice } from "../core/checked-sampler.js";
import { checkedSchedulerChoice } from "../core/checked-scheduler.js";
import { checkOptions, optionsHint, optionsJsonSchema } from "../core/define.js";
import { CurvewiseError, isCurvewiseError, messageOf } from "../core/errors.js";
import { whileLoading } from "../core/loading-module.js";
import type { SamplerChoice, SamplerDefinition } from "../core/sampler.js";
import type { SchedulerChoice, SchedulerDefinition } from "../core/scheduler.js";
import type { AlgorithmModule } from "../core/study-definition.js";
import { knownSamplers, knownSchedulers } from "./algorithms.js";
import { digestModule } from "./module-digest.js";
import type { ModuleLocation } from "./module-location.js";
import { offerOwnPackage } from "./own-package.js";

/** An algorithm from a module. */
export interface LoadedAlgorithm<Choice> extends Algorithm<Choice> {
  /** Its name, from its definition. */
  readonly name: string;
  readonly module: AlgorithmModule;
  /** The JSON Schema of its options, if there is one. */
  readonly optionsSchema: Readonly<Record<string, unknown>> | undefined;
}

type Noun = "sampler" | "scheduler";

const defining = (noun: Noun): string => (noun === "sampler" ? "defineSampler" : "defineScheduler");

/** Throws an error whose message is the module's specifier and the problem. */
function refuse(specifier: string, problem: string, hint: string, cause?: unknown): never {
  throw new CurvewiseError("ALGORITHM_INVALID", `${specifier} ${problem}`, { hint, cause });
}

function loadHint(error: unknown, file: string): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ERR_UNKNOWN_FILE_EXTENSION") {
    return "Node runs TypeScript from version 22.18; for older versions, compile it to an .mjs file.";
  }
  if (code === "ERR_MODULE_NOT_FOUND") return "Install what it imports, or correct the path.";
  if (isCurvewiseError(error) && error.hint !== undefined) return error.hint;
  if (error instanceof SyntaxError && /does not provide an export named/.test(error.message))
    return "Correct the imported name, or export it there.";
  if (error instanceof SyntaxError) return `\`node --check ${file}\` shows where.`;
  return "Correct the module; CURVEWISE_DEBUG=1 shows where it failed.";
}

async function importModule({ specifier, file }: ModuleLocation): Promise<unknown> {
  offerOwnPackage(file);
  try {
    return await whileLoading<unknown>(specifier, () => import(pathToFileURL(file).href));
  } catch (cause) {
    return refuse(specifier, `cannot be loaded: ${messageOf(cause)}`, loadHint(cause, file), cause);
  }
}

/** Whether a value has the shape of the wanted definition; another copy of this package may have made it. */
function isDefinition(value: unknown, nameKey: "samplerName" | "schedulerName"): boolean {
  if (typeof value !== "function" || typeof Reflect.get(value, nameKey) !== "string") return false;
  const options: unknown = Reflect.get(value, "options");
  const hasSchema = (typeof options === "object" && options !== null) || typeof options === "function";
  return hasSchema && "~standard" in options && typeof Reflect.get(value, "summary") === "string";
}

const isSamplerDefinition = (value: unknown): value is SamplerDefinition =>
  isDefinition(value, "samplerName");
const isSchedulerDefinition = (value: unknown): value is SchedulerDefinition =>
  isDefinition(value, "schedulerName");

/** Why a default export is not a definition, for its author. */
function refuseExport(noun: Noun, specifier: string, loaded: unknown): never {
  const hint = `It must say: export default ${defining(noun)}({...}).`;
  const hasDefault = typeof loaded === "object" && loaded !== null && "default" in loaded;
  if (!hasDefault) refuse(specifier, "has no default export", hint);
  const { default: given } = loaded;
  const other: Noun = noun === "sampler" ? "scheduler" : "sampler";
  if (isDefinition(given, `${other}Name`)) {
    refuse(specifier, `defines a ${other}, not a ${noun}`, `Name it as the study's ${other}.`);
  }
  if (typeof given === "object" && given !== null && "create" in given && "options" in given) {
    const problem =
      "summary" in given
        ? `does not call ${defining(noun)}`
        : `exports a ${noun} that already has its options`;
    refuse(
      specifier,
      `${problem}: its default export is not a definition`,
      `${hint} The study gives the options.`,
    );
  }
  refuse(specifier, "has a default export that is not a definition", hint);
}

function checkName(noun: Noun, specifier: string, name: string, builtIn: ReadonlyMap<string, unknown>): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name)) {
    refuse(
      specifier,
      `names its ${noun} ${JSON.stringify(name)}`,
      "A name has at most 100 letters, digits and . _ -, and begins with a letter or a digit.",
    );
  }
  if (builtIn.has(name)) {
    refuse(
      specifier,
      `names its ${noun} ${name}, like a built-in one`,
      "Choose another name: logs and reports tell them apart by it.",
    );
  }
}

/** The schema of an outside algorithm's options, as part of a study's schema. */
function optionsSchema(schema: StandardSchemaV1): z.ZodType {
  return z.record(z.string(), z.unknown()).check((context) => {
    const checked = checkOptions(schema, context.value);
    if ("options" in checked) return;
    const hint = optionsHint(schema);
    for (const { message, path } of checked.issues) {
      const options = path.length > 0 || hint === undefined ? "" : `. ${hint}`;
      const told = `is wrong: ${message}${options}`;
      context.issues.push({ code: "custom", message: told, input: context.value, path: [...path] });
    }
  });
}

async function moduleOf({ specifier, folder, file, version }: ModuleLocation): Promise<AlgorithmModule> {
  const digest = await digestModule(file);
  return { specifier, folder, digest, ...(version === undefined ? {} : { version }) };
}

interface Definition<Choice> {
  (options?: unknown): Choice;
  readonly summary: string;
  readonly options: StandardSchemaV1;
}

interface Kind<Defined, Choice> {
  readonly noun: Noun;
  readonly isDefinition: (value: unknown) => value is Defined;
  readonly nameOf: (definition: Defined) => string;
  readonly builtIn: () => ReadonlyMap<string, unknown>;
  /** The same choice, from this module, with its answers checked. */
  readonly checked: (choice: Choice, module: AlgorithmModule) => Choice;
}

async function load<Defined extends Definition<Choice>, Choice>(
  { noun, isDefinition, nameOf, builtIn, checked }: Kind<Defined, Choice>,
  location: ModuleLocation,
): Promise<LoadedAlgorithm<Choice>> {
  const { specifier } = location;
  // Before the import, so that a change to the file in between is noticed the next time.
  const module = await moduleOf(location);
  const loaded = await importModule(location);
  const isModule = typeof loaded === "object" && loaded !== null && "default" in loaded;
  const definition: unknown = isModule ? loaded.default : undefined;
  if (!isDefinition(definition)) return refuseExport(noun, specifier, loaded);
  const name = nameOf(definition);
  checkName(noun, specifier, name, builtIn());
  const { summary, options } = definition;
  return {
    name,
    module,
    summary,
    options: optionsSchema(options),
    optionsSchema: optionsJsonSchema(options),
    choose: (given) => checked(definition(given), module),
  };
}

/** Loads an algorithm of one kind from a module. */
export type LoadAlgorithm<Choice> = (location: ModuleLocation) => Promise<LoadedAlgorithm<Choice>>;

/**
 * Loads a sampler's definition. The sampler's answers are checked: see {@link checkedSamplerChoice}.
 *
 * @throws CurvewiseError `ALGORITHM_INVALID` if the module cannot be loaded, or its default export is not one
 */
export const loadSampler: LoadAlgorithm<SamplerChoice> = (location) =>
  load(
    {
      noun: "sampler",
      isDefinition: isSamplerDefinition,
      nameOf: ({ samplerName }) => samplerName,
      builtIn: knownSamplers,
      checked: (choice, module) => checkedSamplerChoice({ ...choice, module }),
    },
    location,
  );

/**
 * Loads a scheduler's definition. The scheduler's answers are checked: see {@link checkedSchedulerChoice}.
 *
 * @throws CurvewiseError `ALGORITHM_INVALID` if the module cannot be loaded, or its default export is not one
 */
export const loadScheduler: LoadAlgorithm<SchedulerChoice> = (location) =>
  load(
    {
      noun: "scheduler",
      isDefinition: isSchedulerDefinition,
      nameOf: ({ schedulerName }) => schedulerName,
      builtIn: knownSchedulers,
      checked: (choice, module) => checkedSchedulerChoice({ ...choice, module }),
    },
    location,
  );
