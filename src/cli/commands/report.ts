import type { Command } from "commander";
import type { ReportOptions } from "../actions/report.js";
import { addReadOptions } from "../options.js";

/** `curvewise report [study...]` */
export function addReportCommand(program: Command): void {
  addReadOptions(program.command("report"))
    .argument("[studies...]", "the studies' names; may be omitted if there is only one")
    .option("--output <file>", "where to write the page (replaced if it exists)", "report.html")
    .option("--minimize <metrics...>", "also show the front of these metrics, of which less is better")
    .option("--maximize <metrics...>", "also show the front of these metrics, of which more is better")
    .summary("write an HTML report")
    .description(
      "Writes one self-contained HTML file: learning curves coloured by outcome, best so far against steps spent, the distribution of final values, parallel coordinates, the importance of params, slices and pairs of them, a grid's first three params in 3D, and a table of all trials. Several studies with the same goal are compared. The page works offline.",
    )
    .addHelpText(
      "after",
      `
Examples:
  curvewise report --output report.html
  curvewise report mnist-mlp --minimize val_loss latency_ms
  curvewise report random-search lcm --output comparison.html`,
    )
    .action(async (names: readonly string[], options: ReportOptions) => {
      const { report } = await import("../actions/report.js");
      await report(names, options);
    });
}
