import type { Command } from "commander";
import type { ReportOptions } from "../actions/report.js";
import { addStorageOption } from "../options.js";

/** `curvewise report [study...]` */
export function addReportCommand(program: Command): void {
  addStorageOption(program.command("report"))
    .argument("[studies...]", "the studies' names; may be left out when there is one only")
    .option("--output <file>", "where to write the page (replaced if it exists)", "report.html")
    .summary("write an HTML report")
    .description(
      "Writes one self-contained HTML file: learning curves coloured by fate, best so far against steps spent, parallel coordinates, of a grid its first three params in space, a table of all trials. Several studies with the same goal are compared. It opens without a network.",
    )
    .addHelpText(
      "after",
      `
Examples:
  curvewise report --output report.html
  curvewise report random-search lcm --output comparison.html`,
    )
    .action(async (names: readonly string[], options: ReportOptions) => {
      const { report } = await import("../actions/report.js");
      await report(names, options);
    });
}
