import { execFile } from "node:child_process";
import { CurvewiseError } from "../core/errors.js";

/** How long a batch system's command may take, in milliseconds. */
const PATIENCE = 60_000;
/** The most bytes of its output that are read. */
const MAX_OUTPUT = 64 * 1024 * 1024;

/** What is known about a batch system's commands. */
export interface BatchTool {
  /** For messages: `Slurm`. */
  readonly system: string;
  /** What its commands print if they cannot reach it, although the request was fine. */
  readonly unreachable: RegExp;
  /** Environment variables that would change what its commands print. */
  readonly without?: RegExp;
}

const lastLines = (text: string): string => text.trim().split("\n").slice(-5).join(" ").slice(0, 600);

function environment(without: RegExp | undefined): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => without?.test(name) !== true));
}

const isHarmless = (stderr: string, harmless: RegExp | undefined): boolean => {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "");
  return harmless !== undefined && lines.length > 0 && lines.every((line) => harmless.test(line));
};

/**
 * Runs a command of a batch system.
 *
 * @param harmless a failure does not count if all lines of its error output match this
 * @returns what it printed
 * @throws CurvewiseError `BATCH_NOT_FOUND` if there is no such command, `BATCH_UNREACHABLE` if the batch
 *   system does not answer it, `BATCH_REFUSED` for any other failure
 */
export function runBatchTool(argv: readonly string[], tool: BatchTool, harmless?: RegExp): Promise<string> {
  const [program = "", ...words] = argv;
  const { promise, resolve, reject } = deferred<string>();
  const options = { timeout: PATIENCE, maxBuffer: MAX_OUTPUT, env: environment(tool.without) };
  execFile(program, words, options, (error, stdout, stderr) => {
    if (error === null || (error.killed !== true && isHarmless(stderr, harmless))) {
      resolve(stdout);
    } else if (error.code === "ENOENT") {
      reject(
        new CurvewiseError("BATCH_NOT_FOUND", `there is no program ${program} on this host`, {
          hint: `Start the study where ${tool.system} can be used, such as on a login node.`,
        }),
      );
    } else {
      const said = lastLines(stderr) || lastLines(stdout) || error.message;
      const isUnreachable = error.killed === true || tool.unreachable.test(stderr);
      const details = isUnreachable
        ? { kind: "failure" as const }
        : { hint: `The command was: ${argv.map((word) => JSON.stringify(word)).join(" ")}` };
      reject(
        new CurvewiseError(
          isUnreachable ? "BATCH_UNREACHABLE" : "BATCH_REFUSED",
          `${program}: ${error.killed === true ? `no answer for ${PATIENCE / 1000} s` : said}`,
          details,
        ),
      );
    }
  });
  return promise;
}

function deferred<Value>() {
  let resolve: (value: Value) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<Value>((done, fail) => {
    resolve = done;
    reject = fail;
  });
  return { promise, resolve, reject };
}
