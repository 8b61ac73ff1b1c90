import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import type { StudyEvent } from "../../core/events.js";
import type { Storage } from "../../core/storage.js";
import { readStudy } from "../../engine/read-study.js";
import { type ReportedStudy, renderReport } from "../../report/index.js";
import { addStorageOption, pickStudy, withDatabase } from "../database.js";
import { outputFailed } from "../line-output.js";
import { tell } from "../output.js";

interface ReportOptions {
  readonly storage: string;
  readonly output: string;
}

async function readReported(storage: Storage, name: string | undefined): Promise<ReportedStudy> {
  const summary = await pickStudy(storage, name);
  const events: StudyEvent[] = [];
  for await (const { event } of storage.readEvents(summary.name)) events.push(event);
  return { study: await readStudy(storage, summary.name), events };
}

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
      await withDatabase(options.storage, "read", async (storage) => {
        const first = await readReported(storage, names[0]);
        const comparison: ReportedStudy[] = [];
        for (const name of names.slice(1)) comparison.push(await readReported(storage, name));
        const page = renderReport({ ...first, comparison, generatedAt: Date.now() });
        try {
          await writeFile(options.output, page);
        } catch (cause) {
          throw outputFailed(options.output, cause);
        }
      });
      tell(`The report is in ${options.output}`);
    });
}
