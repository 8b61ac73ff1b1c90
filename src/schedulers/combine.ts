import { z } from "zod";
import { type Algorithms, algorithmSchema, chooseAlgorithm } from "../core/algorithm-schema.js";
import type { Decision } from "../core/decision.js";
import { defineScheduler } from "../core/define.js";
import { CurvewiseError } from "../core/errors.js";
import type { Json } from "../core/json.js";
import type { Scheduler, SchedulerChoice, SchedulerSetup } from "../core/scheduler.js";
import { allWishes } from "../core/transferred-study.js";

const NAME = "combine";

function inOrder(choices: readonly SchedulerChoice[], setup: SchedulerSetup): Scheduler {
  const schedulers = choices.map(({ create }) => create(setup));
  const pausing = choices.filter((_, index) => schedulers[index]?.resume !== undefined);
  if (pausing.length > 1) {
    throw new CurvewiseError(
      "OPTIONS_INVALID",
      `scheduler combine: only one of its schedulers may pause trials, but ${pausing.map(({ name }) => name).join(" and ")} do`,
      { hint: "Give only one of them; for asha, `type: stopping` does not pause." },
    );
  }
  const resumer = schedulers.find(({ resume }) => resume !== undefined);
  const { population, snapshotEvery } = resumer ?? {};
  const transfer = allWishes(schedulers.map((scheduler) => scheduler.transfer));
  const plans = schedulers.flatMap(({ plan }, index) =>
    plan === undefined ? [] : [`${choices[index]?.name} ${plan}`],
  );
  return {
    ...(plans.length === 0 ? {} : { plan: plans.join("; ") }),
    ...(population === undefined ? {} : { population }),
    ...(snapshotEvery === undefined ? {} : { snapshotEvery }),
    ...(transfer === undefined ? {} : { transfer }),
    restore: (study) => {
      for (const scheduler of schedulers) scheduler.restore(study);
    },
    observe: (event, study) => {
      for (const scheduler of schedulers) scheduler.observe(event, study);
    },
    decide: (trial, step, study) => {
      let last: Decision = { action: "continue" };
      for (const scheduler of schedulers) {
        const decision = scheduler.decide(trial, step, study);
        if (decision.action !== "continue") return decision;
        if (decision.explanation !== undefined) last = decision;
      }
      return last;
    },
    ...(resumer === undefined
      ? {}
      : { resume: (study, isEnding, isClosed) => resumer.resume?.(study, isEnding, isClosed) }),
  };
}

const written = ({ name, options }: SchedulerChoice): { readonly [name: string]: Json } => ({
  [name]: options,
});

const transferringAll = (
  choices: readonly SchedulerChoice[],
  studies: readonly string[],
): SchedulerChoice[] => choices.map((choice) => choice.transferring?.(studies) ?? choice);

/**
 * Several schedulers, asked in order: the first that stops or pauses a trial decides, and the trial goes on if none
 * does. At most one of them may pause trials; it alone decides which ones go on. Put the most important first:
 * `threshold` before `lcm` stops hopeless trials before their curves are compared.
 *
 * @example createStudy({ scheduler: combined(threshold({ bound: 2.3, from: 3 }), lcm()), maxSteps: 30 })
 * @throws CurvewiseError `OPTIONS_INVALID` when the scheduler is created and several of them pause trials
 */
export function combined(...choices: readonly SchedulerChoice[]): SchedulerChoice {
  return {
    name: NAME,
    options: { schedulers: choices.map(written) },
    transferring: (studies) => combined(...transferringAll(choices, studies)),
    create: (setup) => inOrder(choices, setup),
  };
}

/**
 * Creates the scheduler `combine`: {@link combined} from names and options. The explanation is that of the scheduler
 * that decided, or of the last one that gave any.
 *
 * @param known the schedulers that may be named
 */
export function defineCombine(known: Algorithms<SchedulerChoice>) {
  const choiceOf = (input: unknown): SchedulerChoice => {
    const choice = chooseAlgorithm(known, input);
    if (choice !== undefined) return choice;
    throw new CurvewiseError(
      "OPTIONS_INVALID",
      `scheduler combine: there is no scheduler ${JSON.stringify(input)}`,
      {
        hint: `The schedulers are ${[...known.keys()].join(", ")}.`,
      },
    );
  };
  return defineScheduler({
    name: NAME,
    summary: "Asks several schedulers in order: the first that stops or pauses a trial decides.",
    options: z.strictObject({
      schedulers: z
        .array(algorithmSchema(known).transform((input) => written(choiceOf(input))))
        .min(1)
        .describe(
          "The schedulers in order, each a name or `{name: {option: value}}`; at most one may pause trials.",
        ),
    }),
    severalGoals: true,
    transferring: ({ schedulers }, studies) => ({
      schedulers: transferringAll(schedulers.map(choiceOf), studies).map(written),
    }),
    create: ({ schedulers }, setup): Scheduler => inOrder(schedulers.map(choiceOf), setup),
  });
}
