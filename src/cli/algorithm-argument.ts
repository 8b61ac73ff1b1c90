import { parse } from "yaml";
import { chooseAlgorithm, knownSamplers, knownSchedulers } from "../config/algorithms.js";
import type { Algorithms } from "../config/study-schema.js";
import { CurvewiseError, messageOf } from "../core/errors.js";
import type { Json } from "../core/json.js";
import { nameHint } from "../core/nearest.js";
import type { SamplerChoice } from "../core/sampler.js";
import type { SchedulerChoice } from "../core/scheduler.js";

/** An algorithm as the command line names it: `asha`, or with options as in study.yaml, `{asha: {eta: 4}}`. */
function readAlgorithm<Choice>(
  noun: "sampler" | "scheduler",
  known: Algorithms<Choice>,
  text: string,
  option: string = noun,
): Choice {
  const example = `\`--${option} '{NAME: {OPTION: VALUE}}'\``;
  const refuse = (problem: string, hint: string, cause?: unknown): never => {
    throw new CurvewiseError("USAGE", `--${option} ${text}: ${problem}`, { hint, cause });
  };
  let input: unknown;
  try {
    input = parse(text, { logLevel: "error" });
  } catch (error) {
    refuse(messageOf(error).split("\n")[0] ?? "it is no YAML", `Write a name, or ${example}.`, error);
  }
  const names = typeof input === "object" && input !== null ? Object.keys(input) : [String(input)];
  const [name = ""] = names;
  if (names.length !== 1 || Array.isArray(input)) refuse("it must name one", `Write a name, or ${example}.`);
  if (!known.has(name)) {
    throw new CurvewiseError(`${noun.toUpperCase()}_UNKNOWN`, `there is no ${noun} "${name}"`, {
      hint: nameHint(name, [...known.keys()]),
    });
  }
  return (
    chooseAlgorithm(known, typeof input === "object" ? input : name) ?? refuse("it is not known", example)
  );
}

/**
 * @param option what the option is called that it was given to
 * @throws CurvewiseError `USAGE`, `SCHEDULER_UNKNOWN`, `OPTIONS_INVALID`
 */
export function schedulerArgument(text: string, option = "scheduler"): SchedulerChoice {
  return readAlgorithm("scheduler", knownSchedulers(), text, option);
}

/** @throws CurvewiseError `USAGE`, `SAMPLER_UNKNOWN`, `OPTIONS_INVALID` */
export function samplerArgument(text: string): SamplerChoice {
  return readAlgorithm("sampler", knownSamplers(), text);
}

/** What a choice is called for people: its name, with the options that are not at their defaults. */
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
