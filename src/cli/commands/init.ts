import { type Command, Option } from "commander";
import type { InitOptions } from "../actions/init.js";

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
  curvewise init my-sampler --sampler`,
    )
    .action(async (folder: string, options: InitOptions) => {
      const { init } = await import("../actions/init.js");
      await init(folder, options);
    });
}
