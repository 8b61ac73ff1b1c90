// What experiments share: options, a folder with a database, studies that continue after Ctrl-C, a progress bar.
import { setMaxListeners } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import progress from "cli-progress";
import { stringify } from "yaml";
import { parseStudy } from "../dist/config/index.js";
import { CurvewiseError } from "../dist/core/index.js";
import { readStudy, runStudy } from "../dist/engine/index.js";
import { localLauncher } from "../dist/launchers/index.js";
import { openStorage } from "../dist/storage/index.js";
import { runByMpi } from "./mpi.mjs";

const root = resolve(import.meta.dirname, "..");

/** The training program, with the instructions that give the same bits everywhere. */
const TRAINER = [process.execPath, join(root, "trainer/bin/train.js"), "--simd=plain"];

/** Its options for the poster's network: three dense layers with plain SGD and batches of 32. */
const POSTER_NETWORK = ["--hidden=64,32", "--optimizer=sgd", "--momentum=0", "--batch=32"];

const DATABASE = "studies.db";

/** In a command: every param as an option with its name. */
export const ALL_PARAMS = "$".concat("{args}");

/** The poster's network, in words. */
export const NETWORK_TEXT = "784-64-32-10";
/** How many images to train with come with the repository. */
const OWN_IMAGES = 12_000;

/** Which images train, in words. @param data the folder that was given; empty: those of the repository */
export const imagesText = (data) =>
  data === "" ? `${OWN_IMAGES.toLocaleString("en")} images of Fashion-MNIST` : data;

/** Rows of a summary for what the texts say of the network and its images. */
export const setupRows = (data, network = NETWORK_TEXT) => [
  { quantity: `network: ${network}` },
  ...(data === "" ? [{ quantity: "images", mean: OWN_IMAGES }] : []),
];

/** The run was interrupted. */
export class Interrupted extends Error {}

/** Waits for all of several, even if one fails: none may go on after the storage is closed. */
export async function together(promises) {
  const settled = await Promise.allSettled(promises);
  const failed = settled.find(({ status }) => status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return settled.map(({ value }) => value);
}

/** Refuses a folder in which the experiment ran with different settings. */
function checkSettings(output, settings) {
  const file = join(output, "settings.json");
  const text = `${JSON.stringify(settings, null, 2)}\n`;
  if (existsSync(file) && readFileSync(file, "utf8") !== text) {
    throw new CurvewiseError("SETTINGS_CHANGED", `${output} has results for other settings`, {
      hint: "Give another folder with --output, or remove this one.",
    });
  }
  writeFileSync(file, text);
}

/** Ctrl-C once lets trainings save and end, twice ends them at once. */
export function listenForInterruption() {
  const interrupt = new AbortController();
  const kill = new AbortController();
  // Every running program adds a listener.
  setMaxListeners(0, interrupt.signal, kill.signal);
  const onSignal = () => (interrupt.signal.aborted ? kill.abort() : interrupt.abort());
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, onSignal);
  const close = () => {
    for (const signal of ["SIGINT", "SIGTERM"]) process.off(signal, onSignal);
  };
  return { interrupt: interrupt.signal, kill: kill.signal, close };
}

/** A progress bar that has begun; its steps are given with `{text}`, what is being done. */
export function progressBar(steps) {
  const bar = new progress.SingleBar({
    // At first nothing tells how long the rest takes.
    format: (options, { progress: done, eta }, { text }) => {
      const left =
        done === 0 || !Number.isFinite(eta) ? "unknown time" : progress.Format.TimeFormat(eta, options, 5);
      return `${progress.Format.BarFormat(done, options)} ${Math.floor(100 * done)} % · ${left} left · ${text}`;
    },
    barsize: 24,
    etaBuffer: 200,
    gracefulExit: false,
    noTTYOutput: true,
    notTTYSchedule: 15_000,
  });
  bar.start(steps, 0, { text: "" });
  return bar;
}

/**
 * Opens the folder of an experiment.
 *
 * @param settings what the results depend on
 * @param steps how many steps are expected in total, for the progress bar
 */
export async function openExperiment({ output, data, workers, settings, steps }) {
  mkdirSync(output, { recursive: true });
  checkSettings(output, settings);
  const storage = await openStorage(join(output, DATABASE));
  const signals = listenForInterruption();
  const bar = progressBar(steps);

  /** The study file: the goal is the same for all, and the program too unless another is given. */
  const fileOf = ({ command = [], train, program, ...file }) => ({
    goal: { maximize: "accuracy" },
    sampler: "random",
    scheduler: "none",
    ...file,
    ...(program ?? {
      command: [
        ...TRAINER,
        ...(data === "" ? [] : [`--data=${data}`]),
        ...(train ?? [...POSTER_NETWORK, ...command]),
      ],
    }),
  });

  /** Moves the bar by what a study has trained since it was shown before. */
  const shower = () => {
    let counted = 0;
    return (study) => {
      bar.increment(study.totalSteps - counted, { text: study.definition.name });
      counted = study.totalSteps;
    };
  };

  /** Refuses a study of which trainings failed. */
  const checked = (study) => {
    const { failed } = study.byState;
    if (failed.size === 0) return study;
    const failure = study.trials[[...failed][0]]?.failure;
    const name = study.definition.name;
    throw new CurvewiseError(
      "TRIALS_FAILED",
      `${failed.size} trials of ${name} failed: ${failure?.message}`,
      {
        hint: failure?.output.at(-1) ?? "",
        kind: "failure",
      },
    );
  };

  /**
   * Runs a study or continues it; `slots` overrides the experiment's number of workers. The command trains the poster's
   * network with further options (`command`), or any network (`train`), or it is another `program` (`command`, `env`).
   */
  const run = async ({ slots = workers, ...file }) => {
    const whole = fileOf(file);
    const plan = parseStudy(JSON.stringify(whole), { file: `${file.study}.yaml`, folder: output });
    const { definition, space, sampler, scheduler, enqueue } = plan;
    const launcher = localLauncher({ program: definition.program, slots });
    const show = shower();
    try {
      const { study, ended } = await runStudy({
        definition,
        space,
        sampler,
        scheduler,
        enqueue,
        storage,
        launcher,
        folder: join(output, "studies", file.study),
        interrupt: signals.interrupt,
        kill: signals.kill,
        onOpen: show,
        onEvent: (_event, study) => show(study),
      });
      if (ended === "interrupted") throw new Interrupted();
      return checked(study);
    } finally {
      await launcher.close();
    }
  };

  /** The same with workers that MPI starts; see {@link findMpi}. */
  const runWithMpi = async (mpi, { slots = workers, ...file }) => {
    const path = join(output, `${file.study}.yaml`);
    writeFileSync(path, stringify(fileOf(file)));
    // One that has ended needs no workers; starting them takes seconds.
    const done = join(output, "studies", `${file.study}.ended`);
    const show = shower();
    if (existsSync(done)) {
      const before = await readStudy(storage, file.study);
      show(before);
      return before;
    }
    const { study, isInterrupted } = await runByMpi({
      mpi,
      file: path,
      name: file.study,
      workers: slots,
      folder: output,
      storage,
      signals,
      database: join(output, DATABASE),
      onStudy: show,
    });
    if (isInterrupted) throw new Interrupted();
    show(study);
    checked(study);
    mkdirSync(dirname(done), { recursive: true });
    writeFileSync(done, "");
    return study;
  };
  const close = async () => {
    bar.stop();
    signals.close();
    await storage.close();
  };
  return { run, runWithMpi, workers, close };
}

/** The last value of a metric that a trial reported. */
export const lastOf = (trial, metric = "accuracy") => trial.curve.metrics.get(metric)?.at(-1) ?? Number.NaN;
