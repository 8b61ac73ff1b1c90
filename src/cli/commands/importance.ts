import type { Command } from "commander";
import type { ImportanceCommandOptions } from "../actions/importance.js";
import { shareOfAll } from "../arguments.js";
import { addReadOptions } from "../options.js";

/** `curvewise importance [study]` */
export function addImportanceCommand(program: Command): void {
  addReadOptions(program.command("importance"))
    .argument("[study]", "the study's name; may be omitted if there is only one")
    .option(
      "--share <share>",
      "the share of the trials that counts as the best, such as 0.1",
      shareOfAll,
      0.1,
    )
    .option(
      "--complete",
      "leave out trials whose training is not complete, instead of forecasting their ends",
    )
    .summary("show which params matter")
    .description(
      "Shows how much each param matters for being among the best trials: how far its values there differ from those of all trials (PED-ANOVA), as a share of the sum over all params. A trial that was paused or stopped counts with the forecast of its end. Beside it are the values that the best trials have: of numbers the range without the smallest and the largest tenth, of other params the most frequent value. A conditional param is compared where it is on.",
    )
    .addHelpText(
      "after",
      `
Importance tells what made the difference among the trials of this study, within its ranges. It needs some trials to
be right: at least five should be among the best.

With --json: {"study", "share", "trials": how many were compared, "forecast": how many of them by a forecast,
"bestTrials", "params": [{"param", "importance", "divergence", "best": {"low", "high"} or {"value", "share"}, or null}]},
the most important first.

Examples:
  curvewise importance
  curvewise importance mnist-mlp --share 0.25
  curvewise importance mnist-mlp --json | jq '.params[0].param'`,
    )
    .action(async (name: string | undefined, options: ImportanceCommandOptions) => {
      const { showImportance } = await import("../actions/importance.js");
      await showImportance(name, options);
    });
}
