import { readFile } from "node:fs/promises";
import { type Environment, type ProgramOptions, parseArguments, readArguments } from "./arguments.js";
import type { Params } from "./conversation.js";

/** Reads the program's options again, with these params in place of those that it was started with. */
export type Retuning = (params: Params) => Promise<ProgramOptions>;

async function readParams(file: string | undefined): Promise<object | undefined> {
  if (file === undefined || file === "") return undefined;
  try {
    const params: unknown = JSON.parse(await readFile(file, "utf8"));
    return typeof params === "object" && params !== null ? params : undefined;
  } catch {
    return undefined;
  }
}

function isGiven(text: string | undefined, value: unknown): boolean {
  if (text === undefined) return false;
  return text === String(value) || (typeof value === "number" && Number(text) === value);
}

/**
 * How params become options, if that can be known: every param that `CURVEWISE_PARAMS` names must be on the
 * command line as the option with the same name. Otherwise, as with `--lr={rate}`, the program cannot take
 * other params without a restart.
 *
 * @throws TrainerError ARGUMENT_INVALID
 */
export async function readRetuning(
  argv: readonly string[],
  environment: Environment,
): Promise<Retuning | undefined> {
  const params = await readParams(environment["CURVEWISE_PARAMS"]);
  if (params === undefined) return undefined;
  const { values } = await parseArguments(argv);
  const given = Object.entries(params);
  if (!given.every(([name, value]) => isGiven(values.get(name), value))) return undefined;
  const rest = new Map(values);
  for (const [name] of given) rest.delete(name);
  return async (changed) => {
    const merged = Object.entries({ ...Object.fromEntries(rest), ...changed });
    const options = await readArguments(
      merged.map(([name, value]) => `--${name}=${value}`),
      environment,
    );
    if (typeof options === "string") throw new TypeError("help was requested during a training");
    return options;
  };
}
