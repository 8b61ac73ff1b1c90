import { parse } from "yaml";
import { isPath } from "../config/module-specifier.js";
import {
  type Available,
  availableSamplers,
  availableSchedulers,
  chosenOf,
  namedModule,
} from "../config/outside-algorithms.js";
import { CurvewiseError, messageOf } from "../core/errors.js";
import type { Json } from "../core/json.js";
import { nameHint } from "../core/nearest.js";
import type { SamplerChoice } from "../core/sampler.js";
import type { SchedulerChoice } from "../core/scheduler.js";

/** Loads the algorithm that the input names, relative to the folders. */
type Load<Choice> = (input: unknown, folders: readonly [string, ...string[]]) => Promise<Available<Choice>>;

function readYaml(text: string, refuse: (problem: string, cause?: unknown) => never): unknown {
  try {
    const input: unknown = parse(text, { logLevel: "error" });
    return input;
  } catch (error) {
    return refuse(messageOf(error).split("\n")[0] ?? "it is not valid YAML", error);
  }
}

/**
 * Reads an algorithm from the command line: `asha`, or with options as in study.yaml, `{asha: {eta: 4}}`; for
 * a file its path, or `{module: ./file.mjs, options: {..}}`.
 */
async function readAlgorithm<Choice>(
  noun: "sampler" | "scheduler",
  load: Load<Choice>,
  text: string,
  option: string = noun,
): Promise<Choice> {
  const example = `\`--${option} '{NAME: {OPTION: VALUE}}'\``;
  const refuse = (problem: string, cause?: unknown): never => {
    throw new CurvewiseError("USAGE", `--${option} ${text}: ${problem}`, {
      hint: `Write a name, or ${example}; for a file its path, or \`--${option} '{module: PATH, options: {OPTION: VALUE}}'\`.`,
      cause,
    });
  };
  const read = isPath(text) ? { module: text } : readYaml(text, refuse);
  const isMapping = typeof read === "object" && read !== null && !Array.isArray(read);
  const input = isMapping ? read : text.trim();
  const names = typeof input === "object" ? Object.keys(input) : [input];
  const isModule = namedModule(input) !== undefined;
  const isRight = isModule ? names.every((key) => ["module", "options"].includes(key)) : names.length === 1;
  if (!isRight || Array.isArray(read)) refuse(`it must name one ${noun}`);
  const available = await load(input, [process.cwd()]);
  const [name = ""] = names;
  if (!isModule && !available.named.has(name)) {
    throw new CurvewiseError(`${noun.toUpperCase()}_UNKNOWN`, `there is no ${noun} "${name}"`, {
      hint: `${nameHint(name, [...available.named.keys()])}${available.absent === undefined ? "" : ` (there is no package ${available.absent.package} either)`}`,
    });
  }
  return chosenOf(available, input) ?? refuse("it is unknown");
}

/**
 * @param option the name of the option, for messages
 * @throws CurvewiseError `USAGE`, `SCHEDULER_UNKNOWN`, `OPTIONS_INVALID`, `ALGORITHM_NOT_FOUND`, `ALGORITHM_INVALID`
 */
export function schedulerArgument(text: string, option = "scheduler"): Promise<SchedulerChoice> {
  return readAlgorithm("scheduler", availableSchedulers, text, option);
}

/** @throws CurvewiseError `USAGE`, `SAMPLER_UNKNOWN`, `OPTIONS_INVALID`, `ALGORITHM_NOT_FOUND`, `ALGORITHM_INVALID` */
export function samplerArgument(text: string): Promise<SamplerChoice> {
  return readAlgorithm("sampler", availableSamplers, text);
}

/** The defaults of an algorithm whose defaults are not known. */
export const NO_DEFAULTS = { options: {} };

/** A choice as shown to people: its name, and the options that differ from their defaults. */
export function algorithmText(
  choice: Pick<SamplerChoice | SchedulerChoice, "name" | "options">,
  defaults: { readonly options: object },
): string {
  const usual = new Map<string, unknown>(Object.entries(defaults.options));
  const set = Object.entries(choice.options).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(usual.get(name)),
  );
  if (set.length === 0) return choice.name;
  const inline = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value));
  return `${choice.name} {${set.map(([name, value]) => `${name}: ${inline(value)}`).join(", ")}}`;
}
