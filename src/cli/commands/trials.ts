import { type Command, Option } from "commander";
import { TRIAL_STATES } from "../../core/trial.js";
import type { TrialsOptions } from "../actions/trials.js";
import { positiveInteger } from "../arguments.js";
import { addReadOptions } from "../options.js";

/** `curvewise trials [study]` */
export function addTrialsCommand(program: Command): void {
  addReadOptions(program.command("trials"))
    .argument("[study]", "the study's name; may be omitted if there is only one")
    .addOption(new Option("--state <states...>", "only trials in these states").choices([...TRIAL_STATES]))
    .option(
      "--sort <by>",
      "number, value (best first), step, time, state, or the name of a param or metric",
      "number",
    )
    .option("--reverse", "reverse the order")
    .option("--limit <n>", "show at most n trials", positiveInteger)
    .summary("list a study's trials")
    .description(
      "Lists a study's trials: state, the goal metric's last value, step, time, params, and why it ended.",
    )
    .addHelpText(
      "after",
      `
With --json: {"study", "trials": [{"number", "state", "params", "value", "curve", "step", "seed", "sampler",
"attempt", "failures", "worker", "decision", "failure", "snapshot", "inheritances", "askedAt", "startedAt",
"endedAt", "seconds"}]}. "seconds": for how long it was trained, in all attempts. "value" is null if the goal metric was never reported or is not finite. "inheritances": the models of
other trials that it went on with, [{"at", "reached": the step and value of its own model until then, "parent",
"parentInheritances": how often the parent had inherited by then, "step" and "value" of the copied model, "before":
its params until then}]. "params" are the latest. In the table, "exploits" counts the inheritances.

Examples:
  curvewise trials --sort value --limit 10
  curvewise trials mnist-mlp --state stopped failed
  curvewise trials mnist-mlp --sort lr --json`,
    )
    .action(async (name: string | undefined, options: TrialsOptions) => {
      const { listTrials } = await import("../actions/trials.js");
      await listTrials(name, options);
    });
}
