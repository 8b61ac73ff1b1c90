import { CommanderError } from "commander";
import { isCurvewiseError, messageOf } from "../core/errors.js";
import { styledError, tell } from "./output.js";
import { withoutControls } from "./unseen.js";

/** An error as it is shown. */
interface ShownError {
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
  readonly exitCode: number;
}

/** Commander writes `error: unknown option '--jsn'`, then `(Did you mean --json?)` on a separate line. */
function usageError({ message }: CommanderError): ShownError {
  const [first = "", ...rest] = message.replace(/^error: /, "").split("\n");
  const advice = /^\((.*)\)$/.exec(rest.join(" ").trim())?.[1];
  return {
    code: "USAGE",
    message: first,
    hint: advice ?? "`curvewise --help` lists the commands.",
    exitCode: 2,
  };
}

function shownError(error: unknown, trouble: string | undefined): ShownError {
  if (error instanceof CommanderError) return usageError(error);
  if (isCurvewiseError(error)) {
    const { code, message, hint, kind } = error;
    return { code, message, hint, exitCode: kind === "user" ? 2 : 1 };
  }
  const code =
    error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "UNEXPECTED";
  if (trouble !== undefined) {
    const message = messageOf(error).replace(`${code}: `, "");
    return { code, message, hint: trouble, exitCode: 2 };
  }
  const hint = "This may be a bug in Curvewise; CURVEWISE_DEBUG=1 shows where it happened.";
  return { code, message: messageOf(error), hint, exitCode: 1 };
}

/**
 * Prints an error to standard error: one message and a hint, or one line of JSON.
 *
 * @param trouble what helps with an error of the system, as `hostTroubleOf` has it
 * @returns the exit code: 2 for what the user can correct, 1 for failures, 0 for help and the version
 */
export function reportError(error: unknown, json: boolean, trouble?: string): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  const { code, message, hint, exitCode } = shownError(error, trouble);
  if (json) {
    tell(JSON.stringify({ error: { code, message, hint: hint ?? null } }));
  } else {
    tell(`${styledError("red", "error")} ${code}: ${withoutControls(message)}`);
    if (hint !== undefined) tell(`${styledError("cyan", "hint")}: ${hint}`);
  }
  if (process.env["CURVEWISE_DEBUG"] === "1" && error instanceof Error) {
    tell(error.stack ?? "");
    if (error.cause instanceof Error) tell(`caused by ${error.cause.stack ?? ""}`);
  }
  return exitCode;
}
