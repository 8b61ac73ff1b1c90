import { type Command, InvalidArgumentError } from "commander";
import type { ReplayOptions } from "../actions/replay.js";
import { positiveInteger } from "../arguments.js";
import { addReadOptions, DEFAULT_SEEDS } from "../options.js";

const DEFAULT_BUDGETS = "10,20,50";

/** Reads `10,20,50`. */
function budgetList(text: string): number[] {
  const budgets = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (budgets.some((budget) => !Number.isFinite(budget) || budget <= 0)) {
    throw new InvalidArgumentError("It must be numbers above zero with commas between, such as 10,20,50.");
  }
  return budgets;
}

const fileList = (text: string): string[] => text.split(",").map((file) => file.trim());

/** `curvewise replay <study|file> [--scheduler X]` */
export function addReplayCommand(program: Command): void {
  addReadOptions(program.command("replay"))
    .argument("<study|file>", "a study's name, or a JSON file of recorded curves")
    .option(
      "--scheduler <scheduler>",
      "the rule: a name, or `{name: {option: value}}` as in study.yaml, or a module's path (without it, a study's own decisions are checked and nothing is played)",
    )
    .option(
      "--sampler <sampler>",
      "who chooses among the recorded configurations, written alike (default: random)",
    )
    .option(
      "--module <module>",
      "of a study with a scheduler of your own: its file or package, where it is no longer where the study loaded it, or has changed",
    )
    .option(
      "--transfer <files>",
      "of a file: other files of recorded curves, with commas between, as the earlier studies that the scheduler's and the sampler's `transfer` name by their tasks",
      fileList,
    )
    .option("--budgets <list>", "budgets in complete trainings", budgetList, budgetList(DEFAULT_BUDGETS))
    .option(
      "--seeds <n>",
      `replays, each with a seed of its own (default: ${DEFAULT_SEEDS}; of a study: once, in the recorded order)`,
      positiveInteger,
    )
    .option("--workers <n>", "trainings at the same time", positiveInteger, 1)
    .summary("play recorded curves under another scheduler")
    .description(
      "Plays the curves that a study or a file recorded under any scheduler, without training anything: how good the best value would have been, what it would have cost, and which good trials it would have lost.",
    )
    .addHelpText(
      "after",
      `
Regret: (best observed - best of the table) / (median final value - best of the table), after so many complete
trainings' worth of steps; 0 is the best there is. Its interval is the 95 % bootstrap interval of the mean over seeds.
Resuming a paused trial costs nothing.

Of a study, trainings that were stopped are continued in two ways: pessimistic, they stay where they were;
optimistic, they improve as much as the most improving training did from there. The regret's zero is then the best value
recorded, so it may be below zero. "saved" is against training everything to its end. Good trials are the best
tenth of the complete ones; lost, if the rule stops them or never lets them go on. The study's own decisions are made
again from its log, and compared.

Without --scheduler only that is done. A study of a population, whose trials go on with each other's models and other
params, can be checked so, its lineage as well, and not be played under other rules (REPLAY_IMPOSSIBLE): its trials have
no learning curves of their own.

With --json, of a file one line: {"task", "scheduler", "budgets", "seeds", "regret": {"mean", "low", "high"}}, a
number a budget each, null where there is none. Of a study: {"study", "scheduler", "sampler", "budgets", "seeds",
"workers", "recorded", "whatIf": {"pessimistic", "optimistic"}, "verification": {"compared", "differences",
"recordedCode": whether the scheduler's code is the recorded one}|null}, and without --scheduler {"study", "verification", "lineage": {"exploits", "flaws"}}. A scheduler of your own is loaded from where the
study loaded it, and only if its code is still the recorded one; --module names another place, and agrees to other code.

Examples:
  curvewise replay mnist-mlp
  curvewise replay mnist-mlp --scheduler median
  curvewise replay mnist-mlp --scheduler ./my-scheduler.mjs
  curvewise replay mnist-mlp --scheduler '{median: {startup: 10}}' --seeds 30
  curvewise replay curves.json --scheduler lcm --budgets 10,20,50 --seeds 30 --json
  curvewise replay b.json --transfer a.json --scheduler lcm --sampler '{curve: {transfer: [name of the task in a.json]}}'`,
    )
    .action(async (subject: string, options: ReplayOptions) => {
      const { replay } = await import("../actions/replay.js");
      await replay(subject, options);
    });
}
