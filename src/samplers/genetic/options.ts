import { z } from "zod";

/** Options of all genetic samplers. */
export const geneticOptions = {
  population: z
    .int()
    .min(2)
    .max(10_000)
    .default(30)
    .describe("How many trials survive, and how many are drawn at random before evolution begins."),
  crossover: z
    .number()
    .min(0)
    .max(1)
    .default(0.9)
    .describe("The probability that a child mixes two parents rather than changes one."),
  crossoverIndex: z
    .number()
    .min(0)
    .max(1000)
    .default(15)
    .describe("How near the numbers of a child stay to those of its parents: larger is nearer."),
  mutationIndex: z
    .number()
    .min(0)
    .max(1000)
    .default(20)
    .describe("How near a number that mutates stays to what it was: larger is nearer."),
};
