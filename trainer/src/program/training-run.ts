import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay, setImmediate as turn } from "node:timers/promises";
import { TrainerError } from "../errors.js";
import { loadImageFolder } from "../image-folder.js";
import type { LayerOption } from "../layer-options.js";
import { createTrainer, type Trainer } from "../trainer.js";
import type { ProgramOptions } from "./arguments.js";
import type { Action, Conversation, Exploit } from "./conversation.js";
import type { Retuning } from "./param-arguments.js";

/** What a run is given besides its options. */
export interface RunContext {
  readonly conversation: Conversation;
  /** Where snapshots are written; without it, none are. */
  readonly folder: string | undefined;
  /** The snapshot to continue from. */
  readonly resume: string | undefined;
  /** A snapshot is saved every this many steps, and when the run pauses. */
  readonly snapshotEvery: number | undefined;
  /** The number of this attempt at the trial: snapshots of different attempts have different names. */
  readonly attempt: number;
  /** Returns the options for other params; undefined: the run cannot go on with another trial's model. */
  readonly retune: Retuning | undefined;
  /** Aborted when the program should save and end soon. */
  readonly interrupted: AbortSignal;
}

type TrainingData = Awaited<ReturnType<typeof loadImageFolder>>;

/** How long to train before looking at signals. */
const SLICE_MILLISECONDS = 20;
/** How long an interrupted run waits for an answer. */
const PATIENCE_MILLISECONDS = 300;

async function readSnapshot(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new TrainerError(
      "SNAPSHOT_UNREADABLE",
      `the snapshot ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      "CURVEWISE_RESUME must name a file that the trainer saved.",
      { cause: error },
    );
  }
}

/** The network's layers: inputs and classes are those of the data. */
function layersOf({ layers, hidden, data: folder }: ProgramOptions, { train }: TrainingData): LayerOption[] {
  const classes = train.labels.reduce((most, label) => Math.max(most, label), 0) + 1;
  if (layers === undefined) return [train.inputs, ...hidden, classes];
  if (train.size === undefined) {
    throw new TrainerError(
      "ARGUMENT_INVALID",
      `the samples of ${folder} are not images with lines and pixels`,
      "Give --hidden instead of --layers, or IDX files of three dimensions.",
    );
  }
  return [{ kind: "image", ...train.size }, ...layers, classes];
}

async function prepare(
  options: ProgramOptions,
  data: TrainingData,
  resume: string | undefined,
): Promise<Trainer> {
  const trainer = createTrainer(
    {
      layers: layersOf(options, data),
      activation: options.activation,
      optimizer: options.optimizer,
      learningRate: options.learningRate,
      l2: options.l2,
      batchSize: options.batch,
      seed: options.seed,
      ...(options.simd === undefined ? {} : { simd: options.simd }),
    },
    data,
  );
  if (resume !== undefined) trainer.load(await readSnapshot(resume));
  return trainer;
}

const stepOf = (trainer: Trainer, { imagesPerStep }: ProgramOptions): number =>
  Math.floor(trainer.imagesSeen / imagesPerStep);

/** A training that goes on with another trial's model, and with options from the new params. */
async function inherit(
  { resume, step }: Exploit,
  options: ProgramOptions,
  data: TrainingData,
): Promise<Trainer> {
  let trainer: Trainer;
  try {
    trainer = await prepare(options, data, resume);
  } catch (error) {
    if (!(error instanceof TrainerError) || error.code !== "SNAPSHOT_MISMATCH") throw error;
    throw new TrainerError(
      error.code,
      `the params do not fit the model to go on with: ${error.message}`,
      "Params that determine the network's shape stay with the model: remove them from the scheduler's `evolve`.",
      { cause: error },
    );
  }
  const reached = stepOf(trainer, options);
  if (reached === step) return trainer;
  throw new TrainerError(
    "SNAPSHOT_MISMATCH",
    `the model to go on with is said to be of step ${step}, but has seen the images of ${reached}`,
    "Remove images-per-step from the scheduler's `evolve`: steps must be the same in all trials.",
  );
}

/** The result of `asked`; once interrupted, `otherwise` if that takes too long. */
async function withPatience<Result>(
  asked: Promise<Result>,
  interrupted: AbortSignal,
  otherwise: Result,
): Promise<Result> {
  const finished = new AbortController();
  const impatience = async (): Promise<Result> => {
    if (!interrupted.aborted) {
      await new Promise<void>((resolve) => {
        interrupted.addEventListener("abort", () => resolve(), { once: true, signal: finished.signal });
      });
    }
    await delay(PATIENCE_MILLISECONDS, undefined, { signal: finished.signal });
    return otherwise;
  };
  try {
    return await Promise.race([asked, impatience()]);
  } finally {
    finished.abort();
  }
}

/** Trains up to `images`, looking at signals between slices; false if it was interrupted first. */
async function trainUpTo(trainer: Trainer, images: number, interrupted: AbortSignal): Promise<boolean> {
  while (trainer.imagesSeen < images) {
    if (interrupted.aborted) return false;
    const end = performance.now() + SLICE_MILLISECONDS;
    do trainer.trainIterations(1);
    while (trainer.imagesSeen < images && performance.now() < end);
    await turn();
  }
  return true;
}

/**
 * Writes the file completely before it gets its name, so that a file with that name is always complete. The
 * name is new, since with another trial's model a training reaches the same step again.
 */
async function save(trainer: Trainer, folder: string, name: string): Promise<void> {
  const partial = join(folder, `${name}.${process.pid}.partial`);
  await writeFile(partial, trainer.save());
  await rename(partial, join(folder, name));
}

/**
 * One training from its first step, or from a snapshot, to its last or until it is told to pause or stop.
 * After every step it reports `loss` and `accuracy` on the test set and `train_loss`, the mean training loss
 * since the previous report; with a schedule also `learning_rate`, that of the latest iteration. An
 * interrupted training is saved at once, even within a step, and continues from there bit for bit. Told to go
 * on with another trial's model, it loads that in place, with options from the new params.
 *
 * @throws TrainerError of the data, the options, the snapshot or the conversation
 */
export async function runTraining(given: ProgramOptions, context: RunContext): Promise<void> {
  const { conversation, folder, resume, snapshotEvery, attempt, retune, interrupted } = context;
  let options = given;
  let data = await loadImageFolder(options.data);
  let trainer = await prepare(options, data, resume);
  let step = stepOf(trainer, options);
  let reported = step;
  let saves = 0;
  const intervals = (steps: number): number =>
    Math.floor(steps / (snapshotEvery ?? Number.POSITIVE_INFINITY));
  const handIn = async (): Promise<void> => {
    if (folder === undefined) return;
    saves += 1;
    const name = `step-${step}-${attempt}.${saves}.snapshot`;
    await save(trainer, folder, name);
    await withPatience(conversation.snapshot(step, name), interrupted, undefined);
  };

  let action: Action = "continue";
  while (action === "continue" && step < options.steps) {
    if (!(await trainUpTo(trainer, (step + 1) * options.imagesPerStep, interrupted))) {
      action = "pause";
      break;
    }
    step += 1;
    if (step % options.stepsPerReport !== 0 && step !== options.steps) continue;
    const { loss, accuracy } = trainer.evaluate();
    const metrics = {
      loss,
      accuracy,
      train_loss: trainer.takeTrainingLoss(),
      ...(options.reportsRate ? { learning_rate: trainer.learningRate } : {}),
    };
    action = await withPatience(
      conversation.report(step, metrics, retune !== undefined),
      interrupted,
      "pause",
    );
    // If it is interrupted at this moment, the other model already is its snapshot.
    if (typeof action === "object" && interrupted.aborted) return;
    if (typeof action === "object" && retune !== undefined) {
      const changed = await retune(action.params);
      if (changed.data !== options.data) data = await loadImageFolder(changed.data);
      options = changed;
      trainer = await inherit(action, options, data);
      ({ step } = action);
      reported = step;
      action = "continue";
    } else if (action === "continue") {
      if (interrupted.aborted && step < options.steps) action = "pause";
      else if (intervals(step) > intervals(reported)) await handIn();
      reported = step;
    }
  }
  if (action === "pause" && step > 0) await handIn();
}
