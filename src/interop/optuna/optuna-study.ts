import { z } from "zod";
import type { Json } from "../../core/json.js";
import { jsonValue, parsePythonJson } from "../python-json.js";

/** Every state of a trial, each at the number by which a journal calls it. */
export const OPTUNA_STATES = ["RUNNING", "COMPLETE", "PRUNED", "FAIL", "WAITING"] as const;
export type OptunaState = (typeof OPTUNA_STATES)[number];

/** Every direction of an objective, each at the number by which a journal calls it. */
export const OPTUNA_DIRECTIONS = ["NOT_SET", "MINIMIZE", "MAXIMIZE"] as const;
export type OptunaDirection = (typeof OPTUNA_DIRECTIONS)[number];

/** What a param was drawn from, as Optuna's own JSON has it. */
export type Distribution =
  | {
      readonly name: "FloatDistribution" | "IntDistribution";
      readonly low: number;
      readonly high: number;
      readonly log: boolean;
      readonly step: number | undefined;
    }
  | { readonly name: "CategoricalDistribution"; readonly choices: readonly Json[] };

/** A param of a trial. */
export interface OptunaParam {
  /** The value; of a categorical one, the choice's place. */
  readonly internal: number;
  readonly distribution: Distribution;
}

/** A trial as both kinds of file have it. Times are in milliseconds since 1970. */
export interface OptunaTrial {
  readonly state: OptunaState;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly params: ReadonlyMap<string, OptunaParam>;
  /** One per objective; absent if none was returned. */
  readonly values: readonly number[] | undefined;
  /** Values by step, in no order. */
  readonly intermediates: ReadonlyMap<number, number>;
  readonly userAttributes: Readonly<Record<string, Json>>;
  readonly systemAttributes: Readonly<Record<string, Json>>;
}

/** A study as both kinds of file have it. */
export interface OptunaStudy {
  readonly name: string;
  readonly directions: readonly OptunaDirection[];
  readonly userAttributes: Readonly<Record<string, Json>>;
  readonly systemAttributes: Readonly<Record<string, Json>>;
  /** Trial n is at place n. */
  readonly trials: readonly OptunaTrial[];
}

const numeric = z.object({
  low: z.number(),
  high: z.number(),
  log: z.boolean().default(false),
  step: z.number().nullish(),
});

/** Also the distributions of Optuna before version 3, which its files still may have. */
const distribution = z.union([
  z
    .object({
      name: z.literal("CategoricalDistribution"),
      attributes: z.object({ choices: z.array(jsonValue) }),
    })
    .transform(({ name, attributes }): Distribution => ({ name, choices: attributes.choices })),
  z.object({ name: z.enum(["FloatDistribution", "IntDistribution"]), attributes: numeric }).transform(
    ({ name, attributes: { step, ...range } }): Distribution => ({
      name,
      ...range,
      step: step ?? undefined,
    }),
  ),
  z
    .object({
      name: z.enum(["UniformDistribution", "LogUniformDistribution"]),
      attributes: z.object({ low: z.number(), high: z.number() }),
    })
    .transform(({ name, attributes }): Distribution => {
      const log = name === "LogUniformDistribution";
      return { name: "FloatDistribution", ...attributes, log, step: undefined };
    }),
  z
    .object({
      name: z.literal("DiscreteUniformDistribution"),
      attributes: z.object({ low: z.number(), high: z.number(), q: z.number() }),
    })
    .transform(({ attributes: { low, high, q } }): Distribution => {
      return { name: "FloatDistribution", low, high, log: false, step: q };
    }),
  z
    .object({
      name: z.enum(["IntUniformDistribution", "IntLogUniformDistribution"]),
      attributes: z.object({ low: z.number(), high: z.number(), step: z.number().default(1) }),
    })
    .transform(({ name, attributes: { low, high, step } }): Distribution => {
      return { name: "IntDistribution", low, high, log: name === "IntLogUniformDistribution", step };
    }),
  z
    .object({ type: z.literal("categorical"), choices: z.array(jsonValue) })
    .transform(({ choices }): Distribution => ({ name: "CategoricalDistribution", choices })),
  numeric.extend({ type: z.enum(["float", "int"]) }).transform(({ type, step, ...range }): Distribution => {
    const name = type === "float" ? "FloatDistribution" : "IntDistribution";
    return { name, ...range, step: step ?? undefined };
  }),
]);

/** Reads a distribution as Optuna writes it. @throws SyntaxError, ZodError if it is not one */
export function parseDistribution(text: string): Distribution {
  return distribution.parse(parsePythonJson(text));
}

/** Writes a distribution as Optuna does. */
export function distributionText(given: Distribution): string {
  if (given.name === "CategoricalDistribution")
    return JSON.stringify({ name: given.name, attributes: { choices: given.choices } });
  const { name, low, high, log } = given;
  const step = given.step ?? (name === "IntDistribution" ? 1 : null);
  return JSON.stringify({ name, attributes: { step, low, high, log } });
}
