import type { Command } from "commander";
import type { CheckOptions } from "../actions/check.js";

/** `curvewise check <file>` */
export function addCheckCommand(program: Command): void {
  program
    .command("check")
    .argument("<file>", "the study, such as study.yaml")
    .option(
      "--output <log>",
      "show which reports would be read from this output of the program; - is standard input",
    )
    .option("--json", "print JSON for programs")
    .summary("check a study file, and what is read from a program's output")
    .description(
      "Checks a study file without running anything, and says what would run: the command of one trial, the space, the sampler, the scheduler. With --output, reads a log that the program printed as a run would, and shows the reports.",
    )
    .addHelpText(
      "after",
      `
How a program's output is read is said by \`metrics\` in the study file:
  metrics: keras                     the name of a tool, and its output is read as the tool prints it: keras, lightning,
                                     huggingface, xgboost, lightgbm, fastai, caffe, pytorch-examples, nanogpt, sklearn,
                                     tqdm; lightning-csv and tensorboard read files of Lightning's
                                     CSVLogger and TensorBoard's writers
  metrics: { pattern: 'epoch (?<step>\\d+) loss (?<loss>\\S+)' }
                                     a regular expression with a named group for the step and for each metric
  metrics: { patterns: ['epoch (?<step>\\d+)', 'val loss (?<loss>\\S+)'], take: last }
                                     several of them for several lines of a step
  metrics: { file: "{dir}/metrics.csv", format: csv }
                                     a file that the program writes; --output then names such a file

To get a log, run the program once by hand, or take output-1.log from a trial's folder:
  python3 train.py > train.log 2>&1

With --output, one line for each report: the step, as the study counts it (from 1), and the metrics by the names under
which \`goal\` may name them. With --json, {"step", "metrics"} on each line, and nothing else; a value that diverged is the
text "NaN", "Infinity" or "-Infinity". What was found but cannot be used is told of on standard error.
Without --output, --json prints {"study", "goal", "command", "params", "space", "sampler", "scheduler", "maxSteps",
"budget", "metrics"}.

Exit codes: 0 fine; 1 no report was found in the log, or none has the goal's metric; 2 the study file is invalid, or
there is no such log.

Examples:
  curvewise check study.yaml
  curvewise check study.yaml --output train.log
  python3 train.py 2>&1 | curvewise check study.yaml --output - --json | jq .metrics`,
    )
    .action(async (file: string, options: CheckOptions) => {
      const { check } = await import("../actions/check.js");
      await check(file, options);
    });
}
