import { type Command, InvalidArgumentError, Option } from "commander";
import type { ReplayOptions } from "../actions/replay.js";
import { positiveInteger, workerCount } from "../arguments.js";
import { addReadOptions, DEFAULT_SEEDS } from "../options.js";

const DEFAULT_BUDGETS = "10,20,50";

/** Reads `10,20,50`. */
function budgetList(text: string): number[] {
  const budgets = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (budgets.some((budget) => !Number.isFinite(budget) || budget <= 0)) {
    throw new InvalidArgumentError(
      "It must be a comma-separated list of numbers above zero, such as 10,20,50.",
    );
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
      "a name, `{name: {option: value}}` as in study.yaml, or a module's path (without it, a study's own decisions are checked and nothing is replayed)",
    )
    .option(
      "--sampler <sampler>",
      "chooses among the recorded configurations; written the same way (default: random)",
    )
    .option(
      "--module <module>",
      "for a study with a scheduler of your own: its file or package, if it has moved or changed since the study loaded it",
    )
    .option(
      "--transfer <files>",
      "for a file: other files of recorded curves, separated by commas. They are the earlier studies that the scheduler's and the sampler's `transfer` names by task",
      fileList,
    )
    .addOption(
      new Option("--budgets <list>", "budgets in complete trainings")
        .argParser(budgetList)
        .default(budgetList(DEFAULT_BUDGETS), DEFAULT_BUDGETS),
    )
    .option(
      "--seeds <n>",
      `replays, each with its own seed (default: ${DEFAULT_SEEDS}; for a study: one, in the recorded order)`,
      positiveInteger,
    )
    .option("--workers <n>", "trainings at the same time", workerCount, 1)
    .summary("replay recorded curves under another scheduler")
    .description(
      "Replays the curves of a study or a file under any scheduler, without training anything: how good the best value would have been, what it would have cost, and which good trials would have been lost.",
    )
    .addHelpText(
      "after",
      `
Regret: (best observed - best of the table) / (median final value - best of the table), once the budget is
spent; 0 is the best possible. Best is the best of all reports, even if the goal has \`of: last\`. The regret's interval
is the 95 % bootstrap interval of the mean over seeds. Resuming a paused trial costs nothing.

For a study, trainings that were stopped are continued in two ways: pessimistic, they stay where they were; optimistic,
they improve as much as the training that improved most from there. A regret of zero is then the best value recorded,
so it may be below zero; with fewer than three complete trainings there is none. "saved" is relative to training
everything to the end without a pause, where a step takes as long as in \`curvewise status\`. Good trials are the best tenth of the
complete ones; they are lost if the scheduler stops them or never resumes them. The study's own decisions are made
again from its log, and compared.

Without --scheduler, only this check is made. A population's trials go on with each other's models and other params, so
they have no learning curves of their own: such a study and its lineage can be checked, but not replayed under another
scheduler (REPLAY_IMPOSSIBLE).

With --json, for a file, one line: {"task", "scheduler", "budgets", "seeds", "regret": {"mean", "low", "high"}}, each with
one number per budget, null if there is none. For a study: {"study", "scheduler", "sampler", "budgets", "seeds",
"workers", "recorded", "whatIf": {"pessimistic", "optimistic"}, "verification": {"compared", "differences",
"recordedCode": whether the scheduler's code is the recorded code}|null}, and without --scheduler {"study",
"verification", "lineage": {"exploits", "flaws"}}. A scheduler of your own is loaded from where the study loaded it, and
only if its code is still the recorded code; --module names another place, and accepts other code.

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
