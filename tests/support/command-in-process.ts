import { format } from "node:util";
import { runCommand } from "../../src/cli/main.js";
import type { CommandResult } from "./command-line.js";

/** The environment of commands here: as in {@link startCommand}, without the user's settings. */
const ENVIRONMENT = { NO_COLOR: "1", CURVEWISE_STORAGE: undefined, CURVEWISE_FILES: undefined };

function setEnvironment(values: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}

const exitCode = (): number => Number(process.exitCode ?? 0);

let isRunning = false;

/**
 * Runs the command line in a folder, in this process: like `curvewise` of `command-line.ts` but without
 * starting a process, for tests of what a command does. Storage, files and trainings are real. One command at
 * a time: the working directory, the streams and the exit code belong to the process.
 */
export async function curvewise(folder: string, ...args: readonly string[]): Promise<CommandResult> {
  if (isRunning) throw new Error("two commands cannot run at once in one process: start processes");
  isRunning = true;
  const written = { stdout: "", stderr: "" };
  const { exitCode: former } = process;
  const directory = process.cwd();
  const environment = Object.fromEntries(Object.keys(ENVIRONMENT).map((name) => [name, process.env[name]]));
  const restore = [capture("stdout"), capture("stderr")];
  const { log } = console;
  console.log = (...values) => process.stdout.write(`${format(...values)}\n`);
  process.exitCode = undefined;
  process.chdir(folder);
  setEnvironment(ENVIRONMENT);
  try {
    await runCommand(args);
    return { ...written, code: exitCode(), signal: null };
  } finally {
    isRunning = false;
    console.log = log;
    for (const giveBack of restore) giveBack();
    process.exitCode = former;
    process.chdir(directory);
    setEnvironment(environment);
  }

  /** Captures what is written to a stream, until the returned function is called. */
  function capture(name: "stdout" | "stderr"): () => void {
    const stream = process[name];
    const { write } = stream;
    stream.write = (chunk: string | Uint8Array) => {
      written[name] += typeof chunk === "string" ? chunk : new TextDecoder().decode(chunk);
      return true;
    };
    return () => {
      stream.write = write;
    };
  }
}
