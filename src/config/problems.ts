import { CurvewiseError, isCurvewiseError } from "../core/errors.js";
import type { Path, Problem, YamlSource } from "./yaml-source.js";

/** The most problems that one error reports. */
const MAX_TOLD = 20;

/** One error for all problems of a file, in the file's order: `study.yaml:7:3: ...`, one per line. */
export function configError(file: string, problems: readonly Problem[]): CurvewiseError {
  const sorted = [...problems].sort(
    (a, b) => a.position.line - b.position.line || a.position.column - b.position.column,
  );
  const lines = sorted
    .slice(0, MAX_TOLD)
    .map(({ position, message }) => `${file}:${position.line}:${position.column}: ${message}`);
  if (sorted.length > MAX_TOLD) lines.push(`... and ${sorted.length - MAX_TOLD} more`);
  const hints = [...new Set(sorted.flatMap(({ hint }) => (hint === undefined ? [] : [hint])))];
  return new CurvewiseError("CONFIG_INVALID", lines.join("\n"), {
    hint: hints[0] ?? "`curvewise schema` prints everything that the file may contain.",
  });
}

/** Runs a check, and turns the user error that it throws into a problem at a place in the file. */
export function collectProblem<Result>(
  problems: Problem[],
  source: YamlSource,
  path: Path,
  label: string,
  run: () => Result,
): Result | undefined {
  try {
    return run();
  } catch (error) {
    if (!isCurvewiseError(error)) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    problems.push({ position: source.valueAt(path), message: `${label}${error.message}`, ...hint });
    return undefined;
  }
}
