import type { Command } from "commander";
import { z } from "zod";
import { knownSamplers, knownSchedulers } from "../../config/algorithms.js";
import type { Algorithms } from "../../config/study-schema.js";
import { CurvewiseError } from "../../core/errors.js";
import type { Json } from "../../core/json.js";
import { nameHint } from "../../core/nearest.js";
import { optionRows } from "../option-documentation.js";
import { print, printJson, styled } from "../output.js";
import { tableText } from "../table.js";

interface Kind {
  readonly noun: "sampler" | "scheduler";
  readonly does: string;
  readonly known: () => Algorithms<unknown>;
}

function schemaOf(options: z.ZodType): Json {
  const schema: Json = JSON.parse(
    JSON.stringify(z.toJSONSchema(options, { io: "input", unrepresentable: "any" })),
  );
  return schema;
}

function oneText({ noun }: Kind, name: string, summary: string, options: z.ZodType): string {
  const rows = optionRows(schemaOf(options));
  const example =
    rows.length === 0
      ? `${noun}: ${name}`
      : `${noun}: {${name}: {${rows[0]?.name ?? ""}: ${rows[0]?.example ?? ""}}}`;
  const table = tableText(
    [{ title: "option" }, { title: "value" }, { title: "default" }, { title: "meaning" }],
    rows.map((row) => [row.name, row.type, row.fallback, row.meaning]),
  );
  return [
    `${styled("bold", name)}: ${summary}`,
    rows.length === 0 ? "It has no options." : table,
    `In study.yaml:\n  ${example}`,
  ].join("\n\n");
}

function addAlgorithmCommand(program: Command, kind: Kind): void {
  const { noun } = kind;
  program
    .command(`${noun}s`)
    .argument("[name]", `a ${noun}`)
    .option("--json", "print JSON for programs: names, summaries, and a JSON Schema of the options")
    .summary(`document the ${noun}s`)
    .description(
      `Lists the ${noun}s, which ${kind.does}; or one with its options, their defaults and what they mean.`,
    )
    .addHelpText(
      "after",
      `\nExamples:\n  curvewise ${noun}s\n  curvewise ${noun}s ${[...kind.known().keys()].at(-1) ?? ""}`,
    )
    .action((name: string | undefined, options: { readonly json?: boolean }) => {
      const known = kind.known();
      const chosen = name === undefined ? undefined : known.get(name);
      if (name !== undefined && chosen === undefined) {
        throw new CurvewiseError(`${noun.toUpperCase()}_UNKNOWN`, `there is no ${noun} "${name}"`, {
          hint: nameHint(name, [...known.keys()]),
        });
      }
      const shown = [...known].filter(([each]) => name === undefined || each === name);
      if (options.json === true) {
        printJson({
          [`${noun}s`]: shown.map(([each, algorithm]) => ({
            name: each,
            summary: algorithm.summary,
            options: schemaOf(algorithm.options),
          })),
        });
      } else if (name !== undefined && chosen !== undefined) {
        print(oneText(kind, name, chosen.summary, chosen.options));
      } else {
        print(
          tableText(
            [{ title: noun }, { title: "what it does" }],
            shown.map(([each, { summary }]) => [each, summary]),
          ),
        );
      }
    });
}

/** `curvewise samplers [name]` and `curvewise schedulers [name]` */
export function addAlgorithmCommands(program: Command): void {
  addAlgorithmCommand(program, { noun: "sampler", does: "propose params", known: knownSamplers });
  addAlgorithmCommand(program, {
    noun: "scheduler",
    does: "decide which trainings go on",
    known: knownSchedulers,
  });
}
