import type { Command } from "commander";
import type { AlgorithmsOptions } from "../actions/algorithms.js";

/** `curvewise samplers [name]` and `curvewise schedulers [name]` */
export function addAlgorithmCommands(program: Command): void {
  const kinds = [
    { noun: "sampler", does: "propose params", example: "grid" },
    { noun: "scheduler", does: "decide which trainings go on", example: "lcm" },
  ] as const;
  for (const { noun, does, example } of kinds) {
    program
      .command(`${noun}s`)
      .argument("[name]", `a ${noun}, or the path of a module that defines one`)
      .option("--json", "print JSON for programs: names, summaries, and a JSON Schema of the options")
      .summary(`document the ${noun}s`)
      .description(
        `Lists the ${noun}s, which ${does}; or shows one, with its options, their defaults and meanings.`,
      )
      .addHelpText(
        "after",
        `\nExamples:\n  curvewise ${noun}s\n  curvewise ${noun}s ${example}\n  curvewise ${noun}s ./my-${noun}.mjs`,
      )
      .action(async (named: string | undefined, options: AlgorithmsOptions) => {
        const { documentAlgorithms } = await import("../actions/algorithms.js");
        await documentAlgorithms(noun, named, options);
      });
  }
}
