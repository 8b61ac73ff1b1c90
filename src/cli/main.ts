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

/** Reports uncaught errors like all others, without a stack. */
function endOnUncaught(json: boolean): void {
  process.on("uncaughtException", (error) => {
    process.exit(reportError(error, json) || 1);
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
  endQuietlyOnClosedPipe();
  await runCommand(words);
}
