import { readFile } from "node:fs/promises";
import {
  constant,
  exponential,
  parseSchedule,
  parseScheduleFile,
  rateAt,
  type Schedule,
  scheduleFromParams,
  schedules,
  warmupOptions,
} from "curvewise/schedules";
import { TrainerError } from "../errors.js";
import type { LearningRate } from "../learning-rate.js";

/** What the command line says about the rate. */
export interface RateArguments {
  /** `--lr`, or its default. */
  readonly rate: number;
  readonly isRateGiven: boolean;
  readonly decayFactor: number | undefined;
  readonly decayEvery: number;
  readonly imagesPerStep: number;
  /** The options of {@link SCHEDULE_FLAGS} by name, as text. */
  readonly flags: ReadonlyMap<string, string>;
  /** All options, as text. */
  readonly all: ReadonlyMap<string, string>;
}

const kinds = Object.values(schedules);
const FILE = "schedule-file";

/** A command-line option and its meaning. */
interface Flag {
  readonly name: string;
  readonly meaning: string;
}

function flagsOf(group: string, options: (typeof kinds)[number]["options"] | typeof warmupOptions): Flag[] {
  return Object.entries(options.shape).map(([option, schema]) => ({
    name: `schedule.${group}.${option}`,
    meaning: schema.description ?? "",
  }));
}

const flags: readonly Flag[] = [
  ...flagsOf("warmup", warmupOptions),
  ...kinds.flatMap(({ scheduleName, options }) => flagsOf(scheduleName, options)),
];

/** The names of the options that describe a schedule. */
export const SCHEDULE_FLAGS: readonly string[] = [
  "schedule",
  FILE,
  "schedule.unit",
  ...flags.map(({ name }) => name),
];

/** Their meaning, for the help text. */
export const SCHEDULE_USAGE = `
Kinds of schedule, for --schedule; the rate of all but piecewise is --lr unless --schedule.KIND.rate is given:

${kinds.map(({ scheduleName, summary }) => `  ${scheduleName.padEnd(22)}${summary}`).join("\n")}

Their options; a list is written as JSON:

  --schedule.unit
      What times and durations count: iteration, or step (of the learning curve).
${flags.map(({ name, meaning }) => `  --${name}\n      ${meaning}`).join("\n")}
`;

function reject(message: string, hint: string, cause?: unknown): never {
  throw new TrainerError("ARGUMENT_INVALID", message, hint, { cause });
}

/** Runs a function of the library; its errors name where the schedule came from. */
function fromLibrary<Result>(source: string, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof Error && "code" in error && "hint" in error)) throw error;
    return reject(`${source}: ${error.message}`, String(error.hint), error);
  }
}

/** An argument's text as a param's value. */
function valueOf(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  const value = Number(text);
  return text.trim() === "" || !Number.isFinite(value) ? text : value;
}

/** The rate's schedule in a whole file of `curvewise schedule`; the other params must be given as options. */
function scheduleOfWholeFile(
  file: string,
  content: unknown,
  options: ReadonlyMap<string, string>,
): Schedule | undefined {
  const whole = fromLibrary(`--${FILE} ${file}`, () => parseScheduleFile(content));
  const changing = Object.keys({ ...whole.schedules, ...whole.switches }).find((name) => name !== "lr");
  if (changing !== undefined) {
    reject(
      `--${FILE} ${file} has a schedule of ${changing}, but only lr can follow one`,
      `Write only the schedule of lr (\`curvewise schedule --param lr\`), and give ${changing} as an option.`,
    );
  }
  const { lr, ...others } = whole.params;
  for (const [name, value] of Object.entries(others)) {
    const given = options.get(name);
    const text = typeof value === "string" ? value : JSON.stringify(value);
    if (given === text || (given !== undefined && Number(given) === value)) continue;
    reject(
      `--${FILE} ${file} is for ${name} ${text}, but --${name} is ${given ?? "not given"}`,
      `Give --${name}=${text}, or write only the schedule of lr (\`curvewise schedule --param lr\`).`,
    );
  }
  return whole.schedules["lr"] ?? (typeof lr === "number" ? constant({ rate: lr }) : undefined);
}

async function readScheduleFile(file: string, options: ReadonlyMap<string, string>): Promise<Schedule> {
  const { parse } = await import("yaml");
  let content: unknown;
  try {
    content = parse(await readFile(file, "utf8"));
  } catch (error) {
    const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
    return reject(`--${FILE} ${file} cannot be read: ${why}`, "Give a YAML or JSON file.", error);
  }
  if (typeof content === "object" && content !== null && "schedules" in content) {
    const missing = (): never =>
      reject(`--${FILE} ${file} does not mention lr`, "Give the file of a study that searches lr.");
    return scheduleOfWholeFile(file, content, options) ?? missing();
  }
  const byParam = typeof content === "object" && content !== null && "lr" in content ? content : undefined;
  const other = Object.keys(byParam ?? {}).find((name) => name !== "lr");
  if (other !== undefined) {
    reject(
      `--${FILE} ${file} has a schedule of ${other}, but only lr can follow one`,
      `Remove ${other} from the file, and give it as an option.`,
    );
  }
  return fromLibrary(`--${FILE} ${file}`, () => parseSchedule(byParam?.lr ?? content));
}

async function readSchedule(given: RateArguments): Promise<Schedule> {
  const { rate, isRateGiven, decayFactor, decayEvery, flags } = given;
  const file = flags.get(FILE);
  const params = new Map([...flags].filter(([name]) => name !== FILE));
  const sources = [
    ...(decayFactor === undefined ? [] : ["--decay-factor"]),
    ...[...params.keys()].slice(0, 1).map((name) => `--${name}`),
    ...(file === undefined ? [] : [`--${FILE}`]),
  ];
  const [first, second] = [...sources, ...(file !== undefined && isRateGiven ? ["--lr"] : [])];
  if (second !== undefined) {
    reject(`${first} and ${second} both set the rate`, "Leave one of them out.");
  }
  if (file !== undefined) return readScheduleFile(file, given.all);
  if (params.size > 0) {
    const values = Object.fromEntries([...params].map(([name, text]) => [name, valueOf(text)]));
    return fromLibrary("--schedule", () => scheduleFromParams(values, { rate }));
  }
  return fromLibrary("--decay-factor", () =>
    exponential({ rate, factor: decayFactor ?? 1, every: decayEvery }),
  );
}

/** The learning rate that the command line asks for. @throws TrainerError ARGUMENT_INVALID */
export async function readLearningRate(given: RateArguments): Promise<LearningRate> {
  const schedule = await readSchedule(given);
  if (schedule.unit !== "step") return (iteration) => rateAt(schedule, iteration);
  return (_iteration, imagesSeen) => rateAt(schedule, Math.floor(imagesSeen / given.imagesPerStep));
}
