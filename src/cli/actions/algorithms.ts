import { z } from "zod";
import { knownSamplers, knownSchedulers } from "../../config/algorithms.js";
import type { LoadedAlgorithm } from "../../config/load-algorithm.js";
import { isPath } from "../../config/module-specifier.js";
import { availableSamplers, availableSchedulers } from "../../config/outside-algorithms.js";
import type { Algorithm, Algorithms } from "../../config/study-schema.js";
import { CurvewiseError } from "../../core/errors.js";
import type { Json } from "../../core/json.js";
import { nameHint } from "../../core/nearest.js";
import { optionRows } from "../option-documentation.js";
import { print, printJson, styled } from "../output.js";
import { tableText } from "../table.js";

/** Options of `curvewise samplers` and `curvewise schedulers`. */
export interface AlgorithmsOptions {
  readonly json?: boolean;
}

type Noun = "sampler" | "scheduler";

interface Kind {
  readonly known: () => Algorithms<unknown>;
  /** Loads an algorithm that is not built in. */
  readonly load: (input: unknown) => Promise<LoadedAlgorithm<unknown> | undefined>;
}

const KINDS: Readonly<Record<Noun, Kind>> = {
  sampler: {
    known: knownSamplers,
    load: async (input) => (await availableSamplers(input, [process.cwd()])).loaded,
  },
  scheduler: {
    known: knownSchedulers,
    load: async (input) => (await availableSchedulers(input, [process.cwd()])).loaded,
  },
};

function schemaOf(options: z.ZodType): Json {
  const schema: Json = JSON.parse(
    JSON.stringify(z.toJSONSchema(options, { io: "input", unrepresentable: "any" })),
  );
  return schema;
}

/** An algorithm's documentation. */
interface Documented {
  readonly summary: string;
  /** The JSON Schema of its options; null if there is none. */
  readonly schema: Json;
}

function oneText(noun: Noun, named: string, name: string, { summary, schema }: Documented): string {
  const rows = optionRows(schema);
  const [first] = rows;
  const option = first === undefined ? "" : `{${first.name}: ${first.example}}`;
  const example = isModule(named)
    ? `${noun}: {module: ${named}${option === "" ? "" : `, options: ${option}`}}`
    : `${noun}: ${option === "" ? name : `{${name}: ${option}}`}`;
  const table = tableText(
    [{ title: "option" }, { title: "value" }, { title: "default" }, { title: "meaning" }],
    rows.map((row) => [row.name, row.type, row.fallback, row.meaning]),
  );
  const unknown = "Its schema does not describe its options.";
  return [
    `${styled("bold", name)}: ${summary}`,
    rows.length > 0 ? table : schema === null ? unknown : "It has no options.",
    `In study.yaml:\n  ${example}`,
  ].join("\n\n");
}

/** Whether the argument names a module rather than an algorithm. */
const isModule = (named: string): boolean => isPath(named) || named.startsWith("@");

/** All algorithms of a kind, or the named one: built in, a module's path, or an installed package. */
async function documented(noun: Noun, named: string | undefined): Promise<ReadonlyMap<string, Documented>> {
  const describe = ({ summary, options }: Algorithm<unknown>): Documented => ({
    summary,
    schema: schemaOf(options),
  });
  const { known, load } = KINDS[noun];
  const builtIn = known();
  if (named === undefined) return new Map([...builtIn].map(([name, each]) => [name, describe(each)]));
  const chosen = builtIn.get(named);
  if (chosen !== undefined) return new Map([[named, describe(chosen)]]);
  const loaded = await load(isModule(named) ? { module: named } : named);
  if (loaded !== undefined) {
    const { name, summary, optionsSchema } = loaded;
    const schema: Json = JSON.parse(JSON.stringify(optionsSchema ?? null));
    return new Map([[name, { summary, schema }]]);
  }
  throw new CurvewiseError(`${noun.toUpperCase()}_UNKNOWN`, `there is no ${noun} "${named}"`, {
    hint: nameHint(named, [...builtIn.keys()]),
  });
}

/**
 * Documents the algorithms of a kind, or one of them.
 *
 * @throws CurvewiseError `SAMPLER_UNKNOWN`, `SCHEDULER_UNKNOWN`
 */
export async function documentAlgorithms(
  noun: Noun,
  named: string | undefined,
  options: AlgorithmsOptions,
): Promise<void> {
  const shown = await documented(noun, named);
  const [only] = shown;
  if (options.json === true) {
    printJson({
      [`${noun}s`]: [...shown].map(([name, { summary, schema }]) => ({ name, summary, options: schema })),
    });
  } else if (named !== undefined && only !== undefined) {
    print(oneText(noun, named, ...only));
  } else {
    print(
      tableText(
        [{ title: noun }, { title: "what it does" }],
        [...shown].map(([each, { summary }]) => [each, summary]),
      ),
    );
  }
}
