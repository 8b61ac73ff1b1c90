import { type Command, Option } from "commander";
import { CurvewiseError } from "../../core/errors.js";
import type { SearchTool } from "../../interop/index.js";
import type { InitOptions } from "../actions/init.js";

/** Options that replace the others. */
interface InitFromOptions {
  readonly from?: string;
  readonly tool?: SearchTool;
}

const withoutFrom = (flag: string): CurvewiseError =>
  new CurvewiseError("USAGE", `${flag} is only for --from`, {
    hint: "Name the other tool's file with --from.",
  });
const withFrom = (flag: string): CurvewiseError =>
  new CurvewiseError("USAGE", `${flag} does not apply to --from`, {
    hint: "With --from only study.yaml is written.",
  });

/** `curvewise init [folder]` */
export function addInitCommand(program: Command): void {
  program
    .command("init")
    .argument("[folder]", "where to write; created if missing", ".")
    .addOption(
      new Option("--language <language>", "the training program's language")
        .choices(["python", "node", "cpp"] satisfies InitOptions["language"][])
        .default("python"),
    )
    .option("--from <file>", "write the study.yaml of a search that another tool's file describes")
    .addOption(
      new Option(
        "--tool <tool>",
        "with --from: whose file it is (default: found out from its content)",
      ).choices(["wandb", "nni", "katib", "hydra", "orion"] satisfies SearchTool[]),
    )
    .option("--sampler", "also write a sampler of your own, with a test, and use it in the study")
    .option("--scheduler", "also write a scheduler of your own, with a test, and use it in the study")
    .summary("write a study.yaml and a training program to start from")
    .description(
      "Writes a commented study.yaml and a small training program that runs as it is (a neural network in plain Python, JavaScript or C++, without libraries). Existing files are never overwritten.",
    )
    .addHelpText(
      "after",
      `
Examples:
  curvewise init && curvewise run study.yaml
  curvewise init my-study --language node
  curvewise init my-study --language cpp     # with curvewise.hpp, the client for C++
  curvewise init my-sampler --sampler
  curvewise init --from sweep.yaml

--from writes only study.yaml, from the search space, the goal, the budget and the command of
  wandb   a sweep's YAML file
  nni     an experiment's YAML file, or a search space's JSON file
  katib   an Experiment's YAML file
  hydra   the config with hydra.sweeper.params
  orion   a program's config file with orion~uniform(0, 1), or with Orion's settings
What Curvewise has no counterpart for is refused, with what to write instead, or named in a comment of study.yaml.`,
    )
    .action(
      async (folder: string, { from, tool, ...options }: InitOptions & InitFromOptions, command: Command) => {
        if (from === undefined) {
          if (tool !== undefined) throw withoutFrom("--tool");
          const { init } = await import("../actions/init.js");
          await init(folder, options);
          return;
        }
        const odd = ["language", "sampler", "scheduler"].find(
          (name) => command.getOptionValueSource(name) === "cli",
        );
        if (odd !== undefined) throw withFrom(`--${odd}`);
        const { initFrom } = await import("../actions/init-from.js");
        await initFrom(folder, from, tool);
      },
    );
}
