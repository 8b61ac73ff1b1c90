import { type Command, Option } from "commander";
import type { ScheduleOptions } from "../actions/schedule.js";
import { addStorageOption } from "../options.js";

/** `curvewise schedule [study]` */
export function addScheduleCommand(program: Command): void {
  addStorageOption(program.command("schedule"))
    .argument("[study]", "the study's name; may be omitted if there is only one")
    .option("--trial <n>", "the trial whose model to describe (default: the best one)")
    .option("--param <name>", "write only the schedule of this param")
    .addOption(new Option("--format <format>", "yaml or json").choices(["yaml", "json"]).default("yaml"))
    .option("-o, --output <file>", "write to a file (replaced if it exists) instead of standard output")
    .summary("write the schedule that a population found")
    .description(
      "Writes how the best trial's model was trained, from step 0 and through all trials that it was copied from: which params stayed the same, and from which step the others had which value. A training that follows the schedule from the beginning can be expected to give the same result, apart from the effect of the seed.",
    )
    .addHelpText(
      "after",
      `
The file, in YAML or JSON:
  params:      params that were the same throughout, by name
  schedules:   numbers that changed: {NAME: {piecewise: {changes: [{from, rate}, ..]}, unit: step}}
  switches:    other params that changed: {NAME: [{from, value}, ..]}; null: the param is off
  study, trial, goal, value, steps: where it is from, the goal metric's last value, and the number of steps
\`from\` is the number of steps done when a value takes effect: 0 for the first step. \`curvewise schema schedule\` prints
the JSON Schema; in TypeScript, parseScheduleFile and paramsAt of curvewise/schedules read it.

With --param, only that param's schedule is written, ready to use wherever a schedule may be: {piecewise: .., unit: step},
or {constant: .., unit: step}.

Examples:
  curvewise schedule mnist-pbt -o schedule.yaml
  curvewise schedule mnist-pbt --trial 7 --format json | jq '.schedules.lr.piecewise.changes'
  curvewise schedule mnist-pbt --param lr > lr.yaml`,
    )
    .action(async (name: string | undefined, options: ScheduleOptions) => {
      const { schedule } = await import("../actions/schedule.js");
      await schedule(name, options);
    });
}
