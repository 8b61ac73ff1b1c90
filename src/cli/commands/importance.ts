import { type Command, Option } from "commander";
import { CurvewiseError } from "../../core/errors.js";
import type { ImportanceCommandOptions, ImportanceMethod } from "../actions/importance.js";
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
    .addOption(
      new Option("--method <method>", "how importance is measured")
        .choices(["ped-anova", "fanova"] satisfies ImportanceMethod[])
        .default("ped-anova"),
    )
    .option("--pairs", "with --method fanova: also what pairs of params explain together")
    .option(
      "--complete",
      "leave out trials whose training is not complete, instead of forecasting their ends",
    )
    .summary("show which params matter")
    .description(
      "Shows how much each param matters for being among the best trials: how far its values there differ from those of all trials (PED-ANOVA), as a share of the sum over all params. A trial that was paused or stopped counts with the forecast of its end. Beside it are the values that the best trials have: of numbers the range without the smallest and the largest tenth, of other params the most frequent value. A conditional param is compared where it is on. With --method fanova, it shows how much of the variance of the ends, over the whole space, each param explains (functional ANOVA).",
    )
    .addHelpText(
      "after",
      `
Importance tells what made the difference among the trials of this study, within its ranges. It needs some trials to
be right: at least five should be among the best.

With --json: {"study", "share", "trials": how many were compared, "forecast": how many of them by a forecast,
"bestTrials", "params": [{"param", "importance", "divergence", "best": {"low", "high"} or {"value", "share"}, or null}]},
the most important first. With --method fanova: {"study", "method", "trials", "forecast", "fitted": to how many of them
trees were fitted (2000 at most), "explained": how much of the variance of other trials these explain, "conditional":
params without a share, "params": [{"param", "importance", "best"}], "pairs": [{"params": [.., ..], "importance"}]}.

Examples:
  curvewise importance
  curvewise importance mnist-mlp --share 0.25
  curvewise importance mnist-mlp --method fanova --pairs
  curvewise importance mnist-mlp --json | jq '.params[0].param'`,
    )
    .action(async (name: string | undefined, options: ImportanceCommandOptions) => {
      if (options.pairs === true && options.method !== "fanova") {
        throw new CurvewiseError("USAGE", "--pairs is only for --method fanova", {
          hint: "Add --method fanova, or leave out --pairs.",
        });
      }
      const { showImportance } = await import("../actions/importance.js");
      await showImportance(name, options);
    });
}
