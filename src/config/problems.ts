import { CurvewiseError } from "../core/errors.js";
import type { Position } from "./yaml-source.js";

/** One thing that is wrong in a configuration file. */
export interface Problem {
  readonly position: Position;
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** At most so many problems are told at once. */
const MAX_TOLD = 20;

/** One error for all problems of a file, in the file's order: `study.yaml:7:3: ...`, a line each. */
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
    hint: hints[0] ?? "`curvewise schema` prints all that the file may hold.",
  });
}
