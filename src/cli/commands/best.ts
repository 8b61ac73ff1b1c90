import type { Command } from "commander";
import type { BestOptions } from "../actions/best.js";
import { positiveInteger } from "../arguments.js";
import { addReadOptions } from "../options.js";

/** `curvewise best [study]` */
export function addBestCommand(program: Command): void {
  addReadOptions(program.command("best"))
    .argument("[study]", "the study's name; may be omitted if there is only one")
    .option("--top <n>", "how many to show (default: 1; of a front: all)", positiveInteger)
    .option("--minimize <metrics...>", "compare trials by these metrics, of which less is better")
    .option("--maximize <metrics...>", "compare trials by these metrics, of which more is better")
    .summary("show the best trials")
    .description(
      "Shows the best trials by the goal metric's last value: complete trainings first, since a training that was cut short may look better than it would have ended. Diverged trials never count. In a population, the params are the latest; `curvewise schedule` has those of every step. With --minimize or --maximize, it shows the Pareto front of any metrics that the program reported: the trials that no other one beats in all of them.",
    )
    .addHelpText(
      "after",
      `
With --json: {"study", "goal", "best": [{"complete", "number", "state", "params", "value", "curve", ...}]},
best first, each trial as in \`trials --json\`; "complete" says whether its training ended by itself.
Of a front: {"study", "goals", "trials": how many were compared, "front": [{"values", "adds", "knee", ...}]}.
Exit code 1 if no trial has a finite value yet.

A front is made of complete trials; of unfinished ones only while none is complete. "adds" is the part of the front's
hypervolume that only this trial contributes, compared with the others' parts. The knee is where a gain in one metric
costs most in the others. --top shows the trials that are most spread out.

Examples:
  curvewise best
  curvewise best mnist-mlp --top 5
  curvewise best mnist-mlp --minimize val_loss latency --maximize accuracy
  curvewise best mnist-mlp --json | jq '.best[0].params'`,
    )
    .action(async (name: string | undefined, options: BestOptions) => {
      const { showBest } = await import("../actions/best.js");
      await showBest(name, options);
    });
}
