import { z } from "zod";
import { checkExactlyOne } from "./exactly-one.js";

/** A sampler or a scheduler as the registries hold it, whatever its options. */
export interface Algorithm<Choice> {
  /** One sentence: what it does and when to use it. */
  readonly summary: string;
  /** The options' schema. */
  readonly options: z.ZodType;
  /** Checks the options and makes the choice. */
  choose(options?: unknown): Choice;
}

/** Algorithms by name. */
export type Algorithms<Choice> = ReadonlyMap<string, Algorithm<Choice>>;

/**
 * The schema of a choice as users write it: `name`, or `{name: options}`.
 *
 * @param algorithms what may be named
 */
export function algorithmSchema(algorithms: Algorithms<unknown>) {
  const names = [...algorithms.keys()];
  const shape = Object.fromEntries(
    [...algorithms].map(
      ([name, { summary, options }]) => [name, options.optional().describe(summary)] as const,
    ),
  );
  const bareName = z.enum(names).check((context) => {
    const name = context.value;
    const parsed = algorithms.get(name)?.options.safeParse({});
    const missing = parsed?.error?.issues[0]?.path[0];
    if (missing === undefined) return;
    const message = `needs options: write {${name}: {${String(missing)}: ...}}`;
    context.issues.push({ code: "custom", message, input: name, path: [] });
  });
  return z.union([
    bareName,
    z.strictObject(shape).check(checkExactlyOne(names)).meta({ minProperties: 1, maxProperties: 1 }),
  ]);
}

/** Reads `name` or `{name: options}`, checked by the schema before; undefined when the name is unknown. */
export function chooseAlgorithm<Choice>(algorithms: Algorithms<Choice>, input: unknown): Choice | undefined {
  if (typeof input === "string") return algorithms.get(input)?.choose();
  if (typeof input !== "object" || input === null) return undefined;
  const given = Object.entries(input).find(([, options]) => options !== undefined);
  return given === undefined ? undefined : algorithms.get(given[0])?.choose(given[1]);
}
