import { type Command, Option } from "commander";
import type { ScheduleOptions } from "../actions/schedule.js";
import { addStorageOption } from "../options.js";

/** `curvewise schedule [study]` */
export function addScheduleCommand(program: Command): void {
  addStorageOption(program.command("schedule"))
    .argument("[study]", "the study's name; may be left out when there is one only")
    .option("--trial <n>", "the trial whose model's training is wanted (default: the best one)")
    .option("--param <name>", "the schedule of this param alone")
    .addOption(new Option("--format <format>", "yaml or json").choices(["yaml", "json"]).default("yaml"))
    .option("-o, --output <file>", "write to a file (replaced if it exists) rather than to standard output")
    .summary("write the schedule that a population found")
    .description(
      "Writes how the best trial's model was trained, from step 0 on and through all trials that it was copied from: which params were the same throughout, and from which step on the others had which value. A training that follows it from the beginning can be expected to come to the same, within what the seed makes of it.",
    )
    .addHelpText(
      "after",
      `
The file, in YAML or JSON alike:
  params:      params that were the same throughout, by name
  schedules:   numbers that changed: {NAME: {piecewise: {changes: [{from, rate}, ..]}, unit: step}}
  switches:    other params that changed: {NAME: [{from, value}, ..]}; null: the param is off
  study, trial, goal, value, steps: where it is from, what the goal metric came to, and after how many steps
\`from\` is the number of steps that are done when a value begins to hold: 0 for the first step. \`curvewise schema schedule\`
prints the JSON Schema; in TypeScript, parseScheduleFile and paramsAt of curvewise/schedules read it.

With --param, only that param's schedule is written, as it may stand wherever a schedule may: {piecewise: .., unit: step},
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
