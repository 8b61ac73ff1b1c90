import type { Command } from "commander";
import type { BestOptions } from "../actions/best.js";
import { positiveInteger } from "../arguments.js";
import { addReadOptions } from "../options.js";

/** `curvewise best [study]` */
export function addBestCommand(program: Command): void {
  addReadOptions(program.command("best"))
    .argument("[study]", "the study's name; may be omitted if there is only one")
    .option("--top <n>", "how many to show", positiveInteger, 1)
    .summary("show the best trials")
    .description(
      "Shows the best trials by the goal metric's last value: complete trainings first, since a training that was cut short may look better than it would have ended. Diverged trials never count. In a population, the params are the latest; `curvewise schedule` has those of every step.",
    )
    .addHelpText(
      "after",
      `
With --json: {"study", "goal", "best": [{"complete", "number", "state", "params", "value", "curve", ...}]},
best first, each trial as in \`trials --json\`; "complete" says whether its training ended by itself.
Exit code 1 if no trial has a finite value yet.

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
