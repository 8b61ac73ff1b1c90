import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay, setImmediate as turn } from "node:timers/promises";
import { TrainerError } from "../errors.js";
import { loadImageFolder } from "../image-folder.js";
import { createTrainer, type Trainer } from "../trainer.js";
import type { ProgramOptions } from "./arguments.js";
import type { Action, Conversation, Exploit } from "./conversation.js";
import type { Retuning } from "./param-arguments.js";

/** What a run is given besides its options. */
export interface RunContext {
  readonly conversation: Conversation;
  /** Where snapshots are written; none are without it. */
  readonly folder: string | undefined;
  /** The snapshot to go on from. */
  readonly resume: string | undefined;
  /** A snapshot is saved after every so many steps, as well as when the run pauses. */
  readonly snapshotEvery: number | undefined;
  /** Which attempt at the trial this is: snapshots of different attempts have different names. */
  readonly attempt: number;
  /** Gives the options for other params; undefined: the run cannot go on with another trial's model. */
  readonly retune: Retuning | undefined;
  /** Aborted when the program shall save and end soon. */
  readonly interrupted: AbortSignal;
}

type TrainingData = Awaited<ReturnType<typeof loadImageFolder>>;

/** Training goes on this long before signals are looked at. */
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

async function prepare(
  options: ProgramOptions,
  data: TrainingData,
  resume: string | undefined,
): Promise<Trainer> {
  const classes = data.train.labels.reduce((most, label) => Math.max(most, label), 0) + 1;
  const trainer = createTrainer(
    {
      layers: [data.train.inputs, ...options.hidden, classes],
      activation: options.activation,
      optimizer: options.optimizer,
      learningRate: options.learningRate,
      l2: options.l2,
      batchSize: options.batch,
      seed: options.seed,
    },
    data,
  );
  if (resume !== undefined) trainer.load(await readSnapshot(resume));
  return trainer;
}

const stepOf = (trainer: Trainer, { imagesPerStep }: ProgramOptions): number =>
  Math.floor(trainer.imagesSeen / imagesPerStep);

/** A training that goes on with another trial's model and the options that its params give. */
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
      "Params that make the network's shape stay with the model: take them out of the scheduler's `evolve`.",
      { cause: error },
    );
  }
  const reached = stepOf(trainer, options);
  if (reached === step) return trainer;
  throw new TrainerError(
    "SNAPSHOT_MISMATCH",
    `the model to go on with is said to be of step ${step}, and has seen the images of ${reached}`,
    "Take images-per-step out of the scheduler's `evolve`: steps must be the same in all trials.",
  );
}

/** What `asked` gives; once interrupted, `otherwise` when that takes too long. */
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

/** Trains up to `images`, looking at signals between slices; false when it was interrupted before. */
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
 * Writes the whole file before it gets its name, so that a file of that name is always a whole one. The name is new:
 * with another trial's model a training comes to the same step again.
 */
async function save(trainer: Trainer, folder: string, name: string): Promise<void> {
  const partial = join(folder, `${name}.${process.pid}.partial`);
  await writeFile(partial, trainer.save());
  await rename(partial, join(folder, name));
}

/**
 * One training from its first step, or from a snapshot, to its last or to where it is told to pause or stop.
 * After every step it reports `loss` and `accuracy` on the test set and `train_loss`, the mean training loss since
 * the report before; with a schedule also `learning_rate`, that of the latest iteration. An interrupted training is
 * saved at once, also within a step, and goes on from there to the same bits. Told to go on with another trial's model,
 * it loads that in place, with the options that the new params give.
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
    // Interrupted at this moment, it has the other model already as its snapshot.
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
