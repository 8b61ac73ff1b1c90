import type { Command } from "commander";
import type { ReportOptions } from "../actions/report.js";
import { addReadOptions, addRemoteOptions } from "../options.js";

/** `curvewise report [study...]` */
export function addReportCommand(program: Command): void {
  addRemoteOptions(addReadOptions(program.command("report")), "show")
    .argument("[studies...]", "the studies' names; may be omitted if there is only one")
    .option("--all", "every study of the database")
    .option("--output <file>", "where to write the page (replaced if it exists)", "report.html")
    .option("--minimize <metrics...>", "also show the front of these metrics, of which less is better")
    .option("--maximize <metrics...>", "also show the front of these metrics, of which more is better")
    .summary("write the dashboard's page into a file")
    .description(
      "Writes the page of `curvewise dashboard` into one HTML file with all that it shows: every learning curve, the table of all trials, why each was stopped, rungs, params, fronts, populations and workers. Several studies with the same goal are compared. The page works offline, and can be sent to others.",
    )
    .addHelpText(
      "after",
      `
Examples:
  curvewise report --output report.html
  curvewise report mnist-mlp --minimize val_loss latency_ms
  curvewise report random-search lcm --output comparison.html
  curvewise report --rendezvous /shared/tuning/curvewise-files/mnist-mlp`,
    )
    .action(async (names: readonly string[], options: ReportOptions) => {
      const { report } = await import("../actions/report.js");
      await report(names, options);
    });
}
