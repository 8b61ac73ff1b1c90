import type { Command } from "commander";
import { CurvewiseError } from "../../core/errors.js";
import type { SimplifyOptions } from "../actions/simplify.js";
import { positiveNumber } from "../arguments.js";
import { addReadOptions } from "../options.js";

/** `curvewise simplify [study]` */
export function addSimplifyCommand(program: Command): void {
  addReadOptions(program.command("simplify"))
    .argument("[study]", "the study's name; may be omitted if there is only one")
    .option(
      "--tolerance <loss>",
      "how much worse the goal metric may become (default: a tenth of the distance from the best trial to the median one)",
      positiveNumber,
    )
    .option(
      "--complete",
      "leave out trials whose training is not complete, instead of forecasting their ends",
    )
    .option("--write <file>", "write a study file in which the params that can be fixed are")
    .option("--file <file>", "with --write: the file that the study was run from", "study.yaml")
    .summary("show which params could be fixed at no loss")
    .description(
      "Shows what it would cost to fix each param to its default, with an interval (without a default: to a value typical of the best trials, if its value does not matter), and which params could be fixed together at no loss.",
    )
    .addHelpText(
      "after",
      `
The loss is how much worse trials near that value ended than those near the values of the best trials, each compared with
what its other params let expect: see docs/importance.md. Without a default, it is that of a value at random. Verdicts: "fix" at no more than the tolerance, together with all
others that are to be fixed; "keep" at a greater loss; "unclear" if the trials do not tell.

With --json: {"study", "trials", "forecast", "tolerance", "together": {"expected", "low", "high"}, "params": [{"param",
"importance", "value", "default": whether that is its default, "near": how many trials near it were compared,
"loss": {"expected", "low", "high"} or null, "verdict"}]}, the least important first; with --write also "written",
"removed" and "left". Losses are in units of the goal metric, above 0 for worse.

Examples:
  curvewise simplify mnist-mlp
  curvewise simplify mnist-mlp --tolerance 0.001 --write smaller.yaml`,
    )
    .action(async (name: string | undefined, options: SimplifyOptions, command: Command) => {
      if (options.write === undefined && command.getOptionValueSource("file") === "cli") {
        throw new CurvewiseError("USAGE", "--file is only for --write", {
          hint: "Name the file to write with --write.",
        });
      }
      const { simplify } = await import("../actions/simplify.js");
      await simplify(name, options);
    });
}
