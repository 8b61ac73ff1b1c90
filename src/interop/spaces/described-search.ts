import { z } from "zod";
import type { Json } from "../../core/json.js";
import { ownNames } from "../foreign-names.js";
import { jsonValue } from "../python-json.js";
import { refuseFile, refuseUnsupported } from "../refusals.js";

/** A param as `study.yaml` has it. */
export interface ParamEntry {
  readonly float?: readonly [number, number];
  readonly int?: readonly [number, number];
  readonly choice?: readonly Json[];
  readonly ordinal?: readonly Json[];
  readonly fixed?: Json;
  readonly log?: true;
  readonly step?: number;
  readonly when?: Readonly<Record<string, Json>>;
}

/** The goal as `study.yaml` has it. */
export type SearchGoal = { readonly minimize: string } | { readonly maximize: string };

/** The goal of a direction. */
export const searchGoal = (direction: "minimize" | "maximize", metric: string): SearchGoal =>
  direction === "minimize" ? { minimize: metric } : { maximize: metric };

/** What another tool's file says of a search; what is undefined, it does not say. */
export interface DescribedSearch {
  /** The tool's name, as it is written. */
  readonly tool: string;
  readonly name: string | undefined;
  readonly goal: SearchGoal | undefined;
  /** What the goal metric is called, if only its direction is unknown. */
  readonly metric?: string;
  /** A list of words, or a line for a shell. */
  readonly command: readonly string[] | string | undefined;
  readonly space: Readonly<Record<string, ParamEntry>>;
  readonly maxSteps?: number | undefined;
  readonly sampler?: Json;
  readonly scheduler?: Json;
  readonly budget?: {
    readonly trials?: number | undefined;
    readonly time?: string | number | undefined;
    readonly target?: number | undefined;
  };
  readonly workers?: number | undefined;
  /** In seconds, or as 2h. */
  readonly timeout?: string | number | undefined;
  /** What is not the same here, one sentence each. */
  readonly warnings: readonly string[];
}

/** Where in a file something is, for messages. */
export interface Place {
  readonly file: string;
  readonly path: string;
}

/** Refuses what is at a place, and says what to write instead. @throws CurvewiseError `IMPORT_UNSUPPORTED` */
export const refuseAt = ({ file, path }: Place, problem: string, instead: string): never =>
  refuseUnsupported(file, `\`${path}\` ${problem}`, instead);

/** Reads a part of a file by a schema. @throws CurvewiseError `IMPORT_INVALID`, with the place */
export function readAt<Output>({ file, path }: Place, schema: z.ZodType<Output>, value: unknown): Output {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = [...(path === "" ? [] : [path]), ...(issue?.path ?? []).map(String)].join(".");
  return refuseFile(file, `\`${where}\`: ${issue?.message ?? "is not understood"}`, {
    hint: "Check the file with the tool that it is for, or correct it there.",
    cause: parsed.error,
  });
}

/** Reads what is to be a mapping of anything. */
export const mapping = z.record(z.string(), z.unknown());
/** Any value of a param. */
export const values = z.array(jsonValue).min(1);

/** A number as YAML 1.2 has it, and as YAML 1.1 has it: `1e-5` without a point is text to some writers. */
export const numeric = z.union([
  z.number(),
  z
    .string()
    .regex(/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i)
    .transform(Number),
]);

/** Two ends in their order. */
function checkEnds(low: number, high: number, place: Place): void {
  if (low > high) refuseAt(place, `begins at ${low} and ends at ${high}`, "Give the lower end first.");
}

/** A range of real numbers. */
export function uniform(low: number, high: number, place: Place): ParamEntry {
  checkEnds(low, high, place);
  return low === high ? { fixed: low } : { float: [low, high] };
}

/** A range of real numbers, uniform in the logarithm. */
export function logUniform(low: number, high: number, place: Place): ParamEntry {
  checkEnds(low, high, place);
  if (low > 0) return low === high ? { fixed: low } : { float: [low, high], log: true };
  return refuseAt(
    place,
    `is logarithmic from ${low}`,
    "A logarithmic range begins above zero: raise its lower end.",
  );
}

/** A range of whole numbers, both ends included. */
export function intRange(low: number, high: number, log: boolean, place: Place): ParamEntry {
  if (log) logUniform(low, high, place);
  else checkEnds(low, high, place);
  return low === high ? { fixed: low } : { int: [low, high], ...(log ? { log: true } : {}) };
}

/** The multiples of `q` between two ends. */
export function stepped(low: number, high: number, q: number, place: Place): ParamEntry {
  if (!(q > 0)) refuseAt(place, `has steps of ${q}`, "Give steps above zero.");
  // What is a multiple but for the rounding of decimals is one.
  const inexact = 1e-9;
  const multiple = (count: number): number => Number((count * q).toPrecision(12));
  const range = [multiple(Math.ceil(low / q - inexact)), multiple(Math.floor(high / q + inexact))] as const;
  if (range[0] > range[1]) {
    refuseAt(
      place,
      `has no multiple of ${q} between ${low} and ${high}`,
      "Give wider ends, or smaller steps.",
    );
  }
  return steppedFrom(range[0], range[1], q, place);
}

/** Values from the lower end on, at equal distances. */
export function steppedFrom(low: number, high: number, step: number, place: Place): ParamEntry {
  if (!(step > 0)) refuseAt(place, `has steps of ${step}`, "Give steps above zero.");
  if (low + step > high) return { fixed: low };
  if ([low, high, step].every((each) => Number.isSafeInteger(each))) {
    return { int: [low, high], ...(step === 1 ? {} : { step }) };
  }
  return { float: [low, high], step };
}

/** Multiples of `q`, uniform in the logarithm: only whole numbers have them here. */
export function logStepped(low: number, high: number, q: number, place: Place): ParamEntry {
  if (q === 1 && Math.round(low) >= 1) return intRange(Math.round(low), Math.round(high), true, place);
  return refuseAt(
    place,
    `is logarithmic with steps of ${q}`,
    "Write `ordinal` with the values that you mean, or leave the steps out and round in the program.",
  );
}

/** A distribution that has no ends. */
export const endless = (kind: string, mean: number, deviation: number, log: boolean, place: Place): never => {
  const end = (sign: number): number => {
    const value = mean + sign * 3 * deviation;
    return Number((log ? Math.exp(value) : value).toPrecision(4));
  };
  return refuseAt(
    place,
    `is ${kind}, which has no ends; here every range has two`,
    `Nearly all of its values are in \`${log ? "loguniform" : "uniform"}\` ${end(-1)} to ${end(1)}: use that range.`,
  );
};

/** One of several values; numbers in ascending order have an order that means something. */
export function choiceOf(options: readonly Json[]): ParamEntry {
  const [only] = options;
  if (options.length === 1 && only !== undefined) return { fixed: only };
  const isOrdered = options.every(
    (value, index) => typeof value === "number" && (index === 0 || value > Number(options[index - 1])),
  );
  return isOrdered && options.length > 2 ? { ordinal: options } : { choice: options };
}

/** A search space of params that each have a name of their own. @throws CurvewiseError `IMPORT_UNSUPPORTED` */
export function spaceOfEntries(
  entries: readonly (readonly [name: string, entry: ParamEntry])[],
  place: Place,
): Record<string, ParamEntry> {
  const names = new Set<string>();
  for (const [name] of entries) {
    if (names.has(name)) refuseAt(place, `has two params called "${name}"`, "Give one of them another name.");
    names.add(name);
  }
  return Object.fromEntries(entries);
}

/** What a table has for a name that a file gives. */
export const namedIn = <Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

/**
 * The sampler that stands for another tool's way to propose params: the same method, or the next of kin. If the table has
 * none, a warning says so, and the study has the default sampler.
 *
 * @param noun what the other tool calls it, as in "algorithm"
 */
export function samplerFor(
  table: Readonly<Record<string, string>>,
  noun: string,
  name: string,
  warnings: string[],
): string | undefined {
  const sampler = namedIn(table, name) ?? namedIn(table, name.toLowerCase());
  if (sampler === undefined) {
    warnings.push(
      `The ${noun} ${name} has no counterpart: the study's sampler is the default one, auto, which chooses by the space.`,
    );
  }
  return sampler;
}

/** A text in which the braces of a command template mean nothing. */
export const literally = (text: string): string => text.replaceAll(/[{}]/g, "$&$&");

/** The same search with names that params can have here; a condition's too. */
export function withOwnNames(
  space: Readonly<Record<string, ParamEntry>>,
  warnings: string[],
): Record<string, ParamEntry> {
  const names = ownNames(Object.keys(space));
  return Object.fromEntries(
    Object.entries(space).map(([name, entry]): [string, ParamEntry] => {
      const own = names.get(name) ?? name;
      if (own !== name) warnings.push(`The param "${name}" is called "${own}" here, and by \${args}.`);
      if (entry.when === undefined) return [own, entry];
      const when = Object.entries(entry.when).map(
        ([each, value]) => [names.get(each) ?? each, value] as const,
      );
      return [own, { ...entry, when: Object.fromEntries(when) }];
    }),
  );
}
