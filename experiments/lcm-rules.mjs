// The rules that lcm and scale compare: each a sampler with a scheduler.

/** The rule that the others are compared with. */
export const RANDOM = "random search";
export const PUBLISHED = "LCM as published";
export const FLAGSHIP = "LCM, promote + curve";

const KEPT = 3;

/**
 * The rules by name, each with its colour.
 *
 * @param table `configurations`: how many there are; `maxSteps`
 * @param trainings the budget, in complete trainings
 */
export function rulesOf({ configurations, maxSteps }, trainings) {
  const steps = trainings * maxSteps;
  const accumulate = Math.max(2, Math.round(trainings / 4));
  // What the budget suffices for, if all begin and the best few go on to the end.
  const batch = Math.max(KEPT, Math.min(configurations, steps - KEPT * (maxSteps - 1)));
  const random = "random";
  return [
    { name: RANDOM, colour: "#7a828c", sampler: random, scheduler: "none" },
    {
      name: PUBLISHED,
      colour: "#e8730c",
      sampler: random,
      scheduler: { lcm: { mode: "poster", accumulate, curve: "loss" } },
    },
    { name: FLAGSHIP, colour: "#1f6fe5", sampler: "curve", scheduler: "lcm" },
    { name: "LCM, promote", colour: "#2a9d6f", sampler: random, scheduler: "lcm" },
    { name: "ASHA, eta 4", colour: "#a15bc0", sampler: random, scheduler: { asha: { eta: 4 } } },
    { name: "Hyperband", colour: "#c2410c", sampler: random, scheduler: "hyperband" },
    { name: "median rule", colour: "#0e7490", sampler: random, scheduler: "median" },
    {
      name: "discard",
      colour: "#8a6d00",
      sampler: random,
      scheduler: { discard: { steps: 1, keep: KEPT, batch } },
    },
  ];
}
