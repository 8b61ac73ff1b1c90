import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";

/** The command line as it was built, a file for every module. */
export const UNBUNDLED = resolve(import.meta.dirname, "../../bin/curvewise.js");
/** The command line as the package has it, where the run of tests has bundled it (`bundled-command.ts`). */
export const CURVEWISE = process.env["TESTED_CURVEWISE"] ?? UNBUNDLED;
/** The training program of the tests. */
export const FORMULA = resolve(import.meta.dirname, "../programs/formula.mjs");

/** What a finished command printed, and how it ended. */
export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** An empty folder that is removed when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "curvewise-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts the command line in a folder. */
export function startCurvewise(folder: string, ...args: readonly string[]): StartedCommand {
  return startCurvewiseIn({}, folder, ...args);
}

/** A command that was started. */
export interface StartedCommand {
  readonly child: ChildProcess;
  readonly result: Promise<CommandResult>;
  /** What it has written to its standard error so far. */
  stderr(): string;
  /** Waits until it has written this to its standard error; rejects if it ends without. */
  untilTold(text: string): Promise<void>;
}

/** The same with additional environment variables. */
export function startCurvewiseIn(
  environment: Readonly<Record<string, string>>,
  folder: string,
  ...args: readonly string[]
): StartedCommand {
  return startCommand([process.execPath, CURVEWISE, ...args], { folder, environment });
}

/** Where a command is started, and its additional environment variables. */
interface Surroundings {
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts any command in a folder. It is killed if it is still running when the test is over. */
export function startCommand(command: readonly string[], surroundings: Surroundings): StartedCommand {
  const started = launch(command, surroundings);
  const { child, result } = started;
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await result.catch(() => {});
  });
  return started;
}

function launch(command: readonly string[], { folder, environment = {} }: Surroundings): StartedCommand {
  const { CURVEWISE_STORAGE: _unset, ...env } = process.env;
  const [program = "", ...words] = command;
  const child = spawn(program, words, {
    cwd: folder,
    env: { ...env, NO_COLOR: "1", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const result = new Promise<CommandResult>((done, fail) => {
    child.once("error", fail);
    child.once("close", (code, signal) => done({ stdout, stderr, code, signal }));
  });
  let hasEnded = false;
  const note = (): void => {
    hasEnded = true;
  };
  result.then(note, note);
  return {
    child,
    result,
    stderr: () => stderr,
    untilTold: async (text) => {
      while (!stderr.includes(text)) {
        if (hasEnded) throw new Error(`it ended without saying "${text}": ${stderr}`);
        await sleep(5);
      }
    },
  };
}

/** Runs the command line in a folder to its end, even outside a test. */
export function curvewise(folder: string, ...args: readonly string[]): Promise<CommandResult> {
  return launch([process.execPath, CURVEWISE, ...args], { folder }).result;
}
