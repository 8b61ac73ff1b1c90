import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay, setImmediate as turn } from "node:timers/promises";
import { TrainerError } from "../errors.js";
import { loadImageFolder } from "../image-folder.js";
import { createTrainer, type Trainer } from "../trainer.js";
import type { ProgramOptions } from "./arguments.js";
import type { Action, Conversation } from "./conversation.js";

/** What a run is given besides its options. */
export interface RunContext {
  readonly conversation: Conversation;
  /** Where snapshots are written; none are without it. */
  readonly folder: string | undefined;
  /** The snapshot to go on from. */
  readonly resume: string | undefined;
  /** Aborted when the program shall save and end soon. */
  readonly interrupted: AbortSignal;
}

/** Training goes on this long before signals are looked at. */
const SLICE_MILLISECONDS = 20;
/** How long an interrupted run waits for an answer. */
const PATIENCE_MILLISECONDS = 300;

async function prepare(options: ProgramOptions, resume: string | undefined): Promise<Trainer> {
  const data = await loadImageFolder(options.data);
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
  if (resume === undefined) return trainer;
  let bytes: Uint8Array;
  try {
    bytes = await readFile(resume);
  } catch (error) {
    throw new TrainerError(
      "SNAPSHOT_UNREADABLE",
      `the snapshot ${resume} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      "CURVEWISE_RESUME must name a file that the trainer saved.",
      { cause: error },
    );
  }
  trainer.load(bytes);
  return trainer;
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

/** Writes the whole file before it gets its name, so that a file of that name is always a whole one. */
async function save(trainer: Trainer, folder: string, step: number): Promise<string> {
  const name = `step-${step}.snapshot`;
  const partial = join(folder, `${name}.${process.pid}.partial`);
  await writeFile(partial, trainer.save());
  await rename(partial, join(folder, name));
  return name;
}

/**
 * One training from its first step, or from a snapshot, to its last or to where it is told to pause or stop.
 * After every step it reports `loss` and `accuracy` on the test set and `train_loss`, the mean training loss since
 * the report before; with a schedule also `learning_rate`, that of the latest iteration. An interrupted training is saved at once, also within a step, and goes on from there to the
 * same bits.
 *
 * @throws TrainerError of the data, the options, the snapshot or the conversation
 */
export async function runTraining(options: ProgramOptions, context: RunContext): Promise<void> {
  const { conversation, folder, resume, interrupted } = context;
  const trainer = await prepare(options, resume);
  let step = Math.floor(trainer.imagesSeen / options.imagesPerStep);
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
    action = await withPatience(conversation.report(step, metrics), interrupted, "pause");
    if (action === "continue" && interrupted.aborted && step < options.steps) action = "pause";
  }
  if (action !== "pause" || step === 0 || folder === undefined) return;
  const name = await save(trainer, folder, step);
  await withPatience(conversation.snapshot(step, name), interrupted, undefined);
}
