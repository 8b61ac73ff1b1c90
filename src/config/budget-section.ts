import { z } from "zod";
import { ofFields } from "../core/fields.js";
import type { Budget, Prices } from "../core/study-definition.js";
import { DURATION, secondsOf } from "./duration.js";
import type { Problem, YamlSource } from "./yaml-source.js";

const NUMBER = String.raw`(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)`;
const PRICE = new RegExp(String.raw`^\s*${NUMBER}\s*(?:/\s*(h|min|s))?\s*$`, "iu");
const VALUE = new RegExp(String.raw`^\s*${NUMBER}\s*(?:per\s+${NUMBER})?\s*$`, "iu");
const PER_HOUR: Readonly<Record<string, number>> = { h: 1, min: 60, s: 3600 };

const count = z.int().positive();
/** Seconds, or a text such as 4h. */
export const duration = z.union([
  z.number().positive(),
  z.string().regex(DURATION, "must be seconds, or a duration such as 4h, 90m, 1h30m, 30s"),
]);

/** The section `budget`. */
export const budgetSection = z.strictObject({
  trials: count.optional().describe("How many trials, whatever their outcome."),
  time: duration
    .optional()
    .describe("How long, in seconds or as 4h, 90m, 30s; pauses between runs do not count."),
  totalSteps: count.optional().describe("How many steps, summed over the trials."),
  target: z
    .number()
    .optional()
    .describe("The goal metric's value that is good enough: the study ends when a training reports it."),
  noBetterFor: count.optional().describe("After how many trials without a better one no new trials begin."),
  until: z
    .literal("worthwhile")
    .optional()
    .describe("No new trials begin once what they are expected to gain is worth less than they cost."),
  price: z
    .union([z.number().positive(), z.string().regex(PRICE, "must be a price such as 2.1/h")])
    .optional()
    .describe("For `until`: what an hour of training on one worker costs, in a unit of your own: 2.1/h."),
  value: z
    .union([z.number().positive(), z.string().regex(VALUE, "must be a value such as 100 per 0.01")])
    .optional()
    .describe(
      "For `until`: what a better goal metric is worth, in the same unit: `100 per 0.01` if 0.01 less loss is worth 100.",
    ),
});

/** The section `budget`, as it was read. */
export type BudgetInput = z.output<typeof budgetSection>;

function pricesOf({ until, price, value }: BudgetInput): Prices | undefined {
  if (until === undefined || price === undefined || value === undefined) return undefined;
  const [, amount, unit = "h"] = PRICE.exec(String(price)) ?? [];
  const [, worth, difference = "1"] = VALUE.exec(String(value)) ?? [];
  return {
    price: Number(amount) * (PER_HOUR[unit.toLowerCase()] ?? 1),
    value: Number(worth) / Number(difference),
  };
}

/** Checks that `until`, `price` and `value` are given together. */
export function checkBudget(input: BudgetInput, source: YamlSource): Problem[] {
  const keys = ["until", "price", "value"] as const;
  const first = keys.find((key) => input[key] !== undefined);
  if (first === undefined) return [];
  const missing = keys.filter((key) => input[key] === undefined);
  const hint = "For example: budget: {until: worthwhile, price: 2.1/h, value: 100 per 0.01}";
  if (missing.length > 0) {
    return [
      {
        position: source.keyAt(["budget", first]),
        message: `\`budget.${first}\` needs ${missing.map((key) => `\`budget.${key}\``).join(" and ")}`,
        hint,
      },
    ];
  }
  const prices = pricesOf(input);
  const isFine =
    prices !== undefined && Object.values(prices).every((each) => each > 0 && Number.isFinite(each));
  return isFine
    ? []
    : [
        {
          position: source.keyAt(["budget", "until"]),
          message: "`budget.price` and `budget.value` must be above 0",
          hint,
        },
      ];
}

/** The budget that the section says. */
export function readBudget(input: BudgetInput): Budget {
  const { trials, time, totalSteps, target, noBetterFor } = input;
  return ofFields<Budget>({
    trials,
    time: time === undefined ? undefined : secondsOf(time),
    totalSteps,
    target,
    noBetterFor,
    worthwhile: pricesOf(input),
  });
}
