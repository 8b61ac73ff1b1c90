import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { TrainerError } from "../errors.js";
import { SIMD, type Simd } from "../kernel.js";
import { ACTIVATIONS, type Activation, type LayerOption } from "../layer-options.js";
import { isLayerOption } from "../layer-plan.js";
import type { LearningRate } from "../learning-rate.js";
import type { Optimizer } from "../trainer-options.js";
import type * as ScheduleArguments from "./schedule-arguments.js";

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the training program was asked to do. */
export interface ProgramOptions {
  /** A folder of IDX files. */
  readonly data: string;
  /** Widths of the hidden layers. */
  readonly hidden: readonly number[];
  /** All layers between the inputs and the classes, instead of `hidden`; the inputs are then images. */
  readonly layers: readonly LayerOption[] | undefined;
  readonly activation: Activation;
  readonly optimizer: Optimizer;
  readonly learningRate: LearningRate;
  /** Whether the rate is reported as a metric. */
  readonly reportsRate: boolean;
  readonly l2: number;
  readonly batch: number;
  readonly seed: number;
  /** Which instructions multiply; undefined: the quickest that the engine has. */
  readonly simd: Simd | undefined;
  /** Training images of one step of the learning curve. */
  readonly imagesPerStep: number;
  /** Steps of a complete training. */
  readonly steps: number;
  /** A report is made every this many steps, and after the last. */
  readonly stepsPerReport: number;
}

/** How to call the program, without the kinds of schedule. */
const USAGE = `Trains a network on a folder of IDX images, alone or as a trial of Curvewise.

  train.js [options]

  --data FOLDER           IDX files named like MNIST's (default: the bundled Fashion-MNIST images)
  --depth N               hidden layers (2)
  --width N               units of each (128)
  --hidden N,N,..         the width of each, instead of --depth and --width
  --layers JSON           layers instead of depth, width and hidden, such as
                          '[{"kind": "conv2d", "filters": 8}, {"kind": "maxpool"}, 64]' (trainer/README.md)
  --activation NAME       relu, tanh or sigmoid (relu)
  --optimizer NAME        sgd or adam (sgd)
  --lr RATE               learning rate (0.05; adam: 0.001)
  --schedule KIND         how the rate changes during training; see below for kinds and options
  --schedule-file FILE    a schedule in YAML or JSON, instead of --lr and --schedule
  --momentum SHARE        for sgd (0.9)
  --beta1, --beta2 SHARE  for adam (0.9, 0.999)
  --epsilon NUMBER        for adam (1e-8)
  --batch N               images per iteration (32)
  --l2 NUMBER             L2 penalty: this times each weight is added to its gradient (0)
  --decay-factor NUMBER   what the rate is multiplied by at each decay (1)
  --decay-every N         iterations from one decay to the next (100)
  --images-per-step N     images per step of the learning curve (2000)
  --steps N               steps of a complete training (CURVEWISE_MAX_STEPS, or 30)
  --steps-per-report N    steps between reports (1)
  --seed N                for weights and order (CURVEWISE_SEED, or 0)
  --simd KIND             plain: the same bits everywhere; relaxed: quicker (relaxed where the engine has it)
  --help                  this text
`;

const TEXT = { type: "string" } as const;
/** The arguments that need the library of schedules, which takes time to load. */
const ABOUT_SCHEDULES = /^--(?:schedule|decay-|help)/;
const OPTIONS = {
  data: TEXT,
  depth: TEXT,
  width: TEXT,
  hidden: TEXT,
  layers: TEXT,
  activation: TEXT,
  optimizer: TEXT,
  lr: TEXT,
  momentum: TEXT,
  beta1: TEXT,
  beta2: TEXT,
  epsilon: TEXT,
  batch: TEXT,
  l2: TEXT,
  "decay-factor": TEXT,
  "decay-every": TEXT,
  "images-per-step": TEXT,
  steps: TEXT,
  "steps-per-report": TEXT,
  seed: TEXT,
  simd: TEXT,
  help: { type: "boolean" },
} as const;

type OptionName = Exclude<keyof typeof OPTIONS, "help">;

const SHIPPED_DATA = new URL("../../../data/fashion-mnist", import.meta.url);

function reject(message: string, hint: string, cause?: unknown): never {
  throw new TrainerError("ARGUMENT_INVALID", message, hint, { cause });
}

function readNumber(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) {
    reject(`${name} is ${JSON.stringify(text)}`, "Give a number, such as 0.1 or 1e-4.");
  }
  return value;
}

function readInteger(name: string, text: string, low: number): number {
  const value = readNumber(name, text);
  if (!Number.isSafeInteger(value) || value < low) {
    reject(`${name} is ${JSON.stringify(text)}`, `Give a whole number of at least ${low}.`);
  }
  return value;
}

/** Reads layers. Their numbers are checked where the network is made. */
function readLayers(text: string): readonly LayerOption[] {
  const hint = 'Give an array in JSON, such as [{"kind": "conv2d", "filters": 8}, {"kind": "maxpool"}, 64].';
  let layers: unknown;
  try {
    layers = JSON.parse(text);
  } catch (error) {
    return reject(
      `--layers is not JSON: ${error instanceof Error ? error.message : String(error)}`,
      hint,
      error,
    );
  }
  if (!Array.isArray(layers)) return reject("--layers is not an array", hint);
  return layers.map((layer: unknown, i) =>
    isLayerOption(layer)
      ? layer
      : reject(`entry ${i + 1} of --layers is not a layer: ${JSON.stringify(layer)}`, hint),
  );
}

/**
 * A whole number of at least `low` from the environment; undefined if it is missing or empty.
 *
 * @throws TrainerError ARGUMENT_INVALID
 */
export function readCount(name: string, environment: Environment, low = 1): number | undefined {
  const given = environment[name];
  return given === undefined || given === "" ? undefined : readInteger(name, given, low);
}

/** The parsed command line, not checked yet. */
interface ParsedArguments {
  /** The values of options by name, as text; `help` is present if it was asked for. */
  readonly values: ReadonlyMap<string, string>;
  /** Present if any option is about schedules. */
  readonly library: typeof ScheduleArguments | undefined;
}

/** Parses the options. @throws TrainerError ARGUMENT_INVALID */
export async function parseArguments(argv: readonly string[]): Promise<ParsedArguments> {
  const library = argv.some((argument) => ABOUT_SCHEDULES.test(argument))
    ? await import("./schedule-arguments.js")
    : undefined;
  const flags = library?.SCHEDULE_FLAGS ?? [];
  const options = { ...OPTIONS, ...Object.fromEntries(flags.map((name) => [name, TEXT])) };
  try {
    const { values } = parseArgs({ args: [...argv], options, strict: true, allowPositionals: false });
    return { library, values: new Map(Object.entries(values).map(([name, value]) => [name, String(value)])) };
  } catch (error) {
    return reject(
      error instanceof Error ? error.message : String(error),
      "See --help for the options.",
      error,
    );
  }
}

/**
 * Reads the arguments; options take precedence over the environment.
 *
 * @returns the help text if it was asked for
 * @throws TrainerError ARGUMENT_INVALID
 */
export async function readArguments(
  argv: readonly string[],
  environment: Environment,
): Promise<ProgramOptions | string> {
  const { values, library } = await parseArguments(argv);
  if (values.has("help")) return `${USAGE}${library?.SCHEDULE_USAGE ?? ""}`;

  const text = (name: OptionName): string | undefined => values.get(name);
  const number = (name: OptionName, otherwise: number): number => {
    const given = text(name);
    return given === undefined ? otherwise : readNumber(`--${name}`, given);
  };
  const integer = (name: OptionName, low: number, otherwise: number): number => {
    const given = text(name);
    return given === undefined ? otherwise : readInteger(`--${name}`, given, low);
  };
  const activation = ACTIVATIONS.find((name) => name === (text("activation") ?? "relu"));
  if (activation === undefined) {
    return reject(
      `--activation is ${JSON.stringify(text("activation"))}`,
      `Give one of ${ACTIVATIONS.join(", ")}.`,
    );
  }
  const kind = text("optimizer") ?? "sgd";
  if (kind !== "sgd" && kind !== "adam") {
    return reject(`--optimizer is ${JSON.stringify(kind)}`, "Give sgd or adam.");
  }
  const simd = SIMD.find((name) => name === text("simd"));
  if (text("simd") !== undefined && simd === undefined) {
    return reject(`--simd is ${JSON.stringify(text("simd"))}`, `Give one of ${SIMD.join(", ")}.`);
  }
  const widths = text("hidden");
  const hidden =
    widths === undefined
      ? Array.from({ length: integer("depth", 0, 2) }, () => integer("width", 1, 128))
      : widths.split(",").map((width) => readInteger("--hidden", width, 1));
  const layers = text("layers");
  const clash = (["depth", "width", "hidden"] as const).find((name) => values.has(name));
  if (layers !== undefined && clash !== undefined) {
    reject(`--layers and --${clash} are both given`, "Give either all layers, or the hidden dense ones.");
  }
  const batch = integer("batch", 1, 32);
  const imagesPerStep = integer("images-per-step", 1, 2000);
  if (batch > imagesPerStep) {
    reject(
      `--batch ${batch} is larger than a step of ${imagesPerStep} images`,
      "Raise --images-per-step: a step of the learning curve has at least one iteration.",
    );
  }
  const flags = new Map([...values].filter(([name]) => library?.SCHEDULE_FLAGS.includes(name)));
  const rate = number("lr", kind === "sgd" ? 0.05 : 0.001);
  const learningRate =
    (await library?.readLearningRate({
      rate,
      isRateGiven: values.has("lr"),
      decayFactor: values.has("decay-factor") ? number("decay-factor", 1) : undefined,
      decayEvery: integer("decay-every", 1, 100),
      imagesPerStep,
      flags,
      all: values,
    })) ?? rate;
  return {
    data: text("data") ?? fileURLToPath(SHIPPED_DATA),
    hidden,
    layers: layers === undefined ? undefined : readLayers(layers),
    activation,
    optimizer:
      kind === "sgd"
        ? { kind, momentum: number("momentum", 0.9) }
        : {
            kind,
            beta1: number("beta1", 0.9),
            beta2: number("beta2", 0.999),
            epsilon: number("epsilon", 1e-8),
          },
    learningRate,
    reportsRate: flags.size > 0,
    l2: number("l2", 0),
    batch,
    seed: integer("seed", 0, readCount("CURVEWISE_SEED", environment, 0) ?? 0),
    simd,
    imagesPerStep,
    steps: integer("steps", 1, readCount("CURVEWISE_MAX_STEPS", environment) ?? 30),
    stepsPerReport: integer("steps-per-report", 1, 1),
  };
}
