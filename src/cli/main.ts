import { CurvewiseError } from "../core/errors.js";
import { loadingModule } from "../core/loading-module.js";
import { reportError } from "./errors.js";
import { createProgram } from "./program.js";

/** `curvewise ... | head` closes the pipe early: that is not an error. */
function endQuietlyOnClosedPipe(): void {
  process.stdout.on("error", (error) => {
    if ("code" in error && error.code === "EPIPE") process.exit(process.exitCode ?? 0);
    throw error;
  });
  process.stderr.on("error", (error) => {
    if (!("code" in error && error.code === "EPIPE")) throw error;
  });
}

/** Whether an uncaught error was reported. */
let hasFailed = false;

/** Reports uncaught errors like all others, without a stack. */
function endOnUncaught(json: boolean): void {
  process.on("uncaughtException", (error) => {
    hasFailed = true;
    process.exit(reportError(error, json) || 1);
  });
}

/** Node's exit code if what the program awaits cannot happen any more. */
const UNSETTLED = 13;

/** Tells of a module that ends the process while it is loaded: nobody else would. */
function tellOfModules(json: boolean): void {
  process.on("exit", () => {
    const specifier = loadingModule();
    if (specifier === undefined || hasFailed) return;
    const [what, hint] =
      process.exitCode === UNSETTLED
        ? ["was never loaded to its end", "Look for an `await` outside of its functions that nothing ends."]
        : ["ended the process while it was loaded", "Look for `process.exit` outside of its functions."];
    const error = new CurvewiseError("ALGORITHM_INVALID", `${specifier} ${what}`, { hint });
    process.exitCode = reportError(error, json);
  });
}

/** Whether a shell asks for completions: `curvewise complete -- WORDS`, as our completion scripts do. */
const isRequest = ([first, second]: readonly string[]): boolean => first === "complete" && second === "--";

/** What helps with an error of the system; loaded only for one. */
async function troubleOf(error: unknown): Promise<string | undefined> {
  if (!(error instanceof Error && "syscall" in error)) return undefined;
  const { hostTroubleOf } = await import("../system/host-trouble.js");
  return hostTroubleOf(error);
}

/**
 * Runs a command, and sets the process's exit code.
 *
 * @param words the arguments after the program's own name
 */
export async function runCommand(words: readonly string[]): Promise<void> {
  try {
    const program = createProgram();
    if (words.length === 0) program.outputHelp();
    else if (isRequest(words)) {
      const { printCandidates } = await import("./candidates.js");
      await printCandidates(program, words.slice(2));
    } else await program.parseAsync(words, { from: "user" });
  } catch (error) {
    process.exitCode = reportError(error, words.includes("--json"), await troubleOf(error));
  }
}

/** The program `curvewise`: {@link runCommand} in a process that does nothing else. */
export async function main(words: readonly string[]): Promise<void> {
  endOnUncaught(words.includes("--json"));
  tellOfModules(words.includes("--json"));
  endQuietlyOnClosedPipe();
  await runCommand(words);
}
