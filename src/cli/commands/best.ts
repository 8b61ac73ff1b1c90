import type { Command } from "commander";
import type { BestOptions } from "../actions/best.js";
import { positiveInteger } from "../arguments.js";
import { addReadOptions } from "../options.js";

/** `curvewise best [study]` */
export function addBestCommand(program: Command): void {
  addReadOptions(program.command("best"))
    .argument("[study]", "the study's name; may be left out when there is one only")
    .option("--top <n>", "how many", positiveInteger, 1)
    .summary("show the best trials")
    .description(
      "Shows the best trials by the goal metric's last value: complete trainings first, since a training that was cut short may promise more than it keeps. Diverged trials never count. Of a population, the params are the last ones; `curvewise schedule` has those of all steps.",
    )
    .addHelpText(
      "after",
      `
With --json: {"study", "goal", "best": [{"complete", "number", "state", "params", "value", "curve", ...}]},
best first, each trial as \`trials --json\` has it; "complete" says whether its training ended of its own
accord. Exit code 1 when there is no trial with a finite value yet.

Examples:
  curvewise best
  curvewise best mnist-mlp --top 5
  curvewise best mnist-mlp --json | jq '.best[0].params'`,
    )
    .action(async (name: string | undefined, options: BestOptions) => {
      const { showBest } = await import("../actions/best.js");
      await showBest(name, options);
    });
}
