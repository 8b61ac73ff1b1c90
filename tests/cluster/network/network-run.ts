import { onTestFinished } from "vitest";
import { CURVEWISE, type StartedCommand, startCommand } from "../../support/command-line.js";

/** Where and when a command believes to be. */
export interface Place {
  /** What the command begins with. */
  readonly prefix?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts a command of Curvewise; it is killed, if it still runs, after the test, and tells what it told of a failure. */
export function start(
  folder: string,
  { prefix = [], environment = {} }: Place,
  ...words: readonly string[]
): StartedCommand {
  const started = startCommand([...prefix, process.execPath, CURVEWISE, ...words], { folder, environment });
  onTestFinished(({ task }) => {
    if (task.result?.state === "fail") console.error(`${words.join(" ")}\n${started.stderr()}`);
    started.child.kill("SIGKILL");
  });
  return started;
}

/** Starts a worker of the study in a folder. */
export const startWorker = (
  folder: string,
  name: string,
  place: Place,
  ...more: readonly string[]
): StartedCommand =>
  start(
    folder,
    place,
    "worker",
    "--rendezvous",
    "curvewise-files/spread",
    "--name",
    name,
    "--reconnect-for",
    "120",
    ...more,
  );
