import type { Command } from "commander";
import { addReadOptions, type ReadOptions } from "../options.js";

/** `curvewise explain [study] <trial>` */
export function addExplainCommand(program: Command): void {
  addReadOptions(program.command("explain"))
    .argument("[study]", "the study's name; may be omitted if there is only one")
    .argument("[trial]", "the trial's number; required")
    .usage("[options] [study] <trial>")
    .summary("explain why a trial went as it did")
    .description(
      "Explains what became of a trial and why. It shows, as far as there is any: the trial's state, value, steps and params; its learning curve in numbers; each decision of the scheduler in words and numbers, with the curves that the trial was compared with; a chart of these curves; where its model came from; its failures, with what the program printed last; notes; and in one sentence how it ended.",
    )
    .addHelpText(
      "after",
      `
With --json: {"study", "trial": as in \`trials --json\`, "attempts": [...], "decisions": [{"step", "action",
"rule", "reason", "values", "steps", "neighbours": [{"trial", "study": only if an earlier one, "distance",
"performance" or "forecast"}],
"exploit": {"parent", "step", "value", "params"}|null}], "resumptions": likewise, "exploits": [{"time", "at", "reached",
"parent", "step", "value", "before", "copied", "params"}], "failedExploits": [...], "history": [{"fromStep", "toStep",
"trial", "params"}], "failures": [...], "notes": [...], "requests": [{"action", "by", "time"}], "lateReports": [...]}.

For a member of a population: where it went on with another trial's model, which params were changed from that trial's,
and how its present model was trained from the beginning, by which trials and with which params.

The chart shows the last decision that compared curves: the trial's own and up to five others, in full; the broken line
is the step of the decision. The others are the nearest curves or, for \`median\`, complete trainings from the best to
the worst at that step, the median among them. It is plain ASCII unless the locale (LC_ALL, LC_CTYPE, LANG) says UTF-8.

Examples:
  curvewise explain 37
  curvewise explain mnist-mlp 37
  curvewise explain mnist-mlp 37 --json | jq '.decisions[-1].values'`,
    )
    .action(async (first: string | undefined, second: string | undefined, options: ReadOptions) => {
      const { explain } = await import("../actions/explain.js");
      await explain(first, second, options);
    });
}
