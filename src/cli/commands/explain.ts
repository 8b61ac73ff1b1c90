import type { Command } from "commander";
import { addReadOptions, type ReadOptions } from "../options.js";

/** `curvewise explain [study] <trial>` */
export function addExplainCommand(program: Command): void {
  addReadOptions(program.command("explain"))
    .argument("<study>", "the study's name; may be omitted if there is only one")
    .argument("[trial]", "the trial's number")
    .usage("[options] [study] <trial>")
    .summary("explain why a trial went as it did")
    .description(
      "Explains what became of a trial and why: each decision of the scheduler in words and numbers, with the curves that it was compared with (drawn for the last such decision), attempts, failures and what the program printed last.",
    )
    .addHelpText(
      "after",
      `
With --json: {"study", "trial": as in \`trials --json\`, "attempts": [...], "decisions": [{"step", "action",
"rule", "reason", "values", "steps", "neighbours": [{"trial", "study": only if an earlier one, "distance",
"performance" or "forecast"}],
"exploit": {"parent", "step", "value", "params"}|null}], "resumptions": likewise, "exploits": [{"time", "at", "reached",
"parent", "step", "value", "before", "copied", "params"}], "failedExploits": [...], "history": [{"fromStep", "toStep",
"trial", "params"}], "failures": [...], "notes": [...], "lateReports": [...]}.

For a member of a population: where it went on with another trial's model, which params were changed from that trial's,
and how its present model was trained from the beginning, by which trials and with which params.

The chart shows the last decision that compared curves: the trial's own and up to five of the nearest, in full; the
broken line is the step of the decision. It is plain ASCII unless the locale (LC_ALL, LC_CTYPE, LANG) says UTF-8.

Examples:
  curvewise explain 37
  curvewise explain mnist-mlp 37
  curvewise explain mnist-mlp 37 --json | jq '.decisions[-1].values'`,
    )
    .action(async (first: string, second: string | undefined, options: ReadOptions) => {
      const { explain } = await import("../actions/explain.js");
      await explain(first, second, options);
    });
}
