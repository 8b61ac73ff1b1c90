import type { Space } from "../core/param.js";
import type { ProgramDefinition } from "../core/study-definition.js";
import { checkCommand, fileCommand } from "./command-template.js";
import { fileName, variableName } from "./program-files.js";
import { checkPieces, type Piece, parseFileLine, parsePieces, refuse } from "./template-text.js";

const namesOf = (pieces: readonly Piece[]): readonly string[] =>
  pieces.flatMap((piece) => (piece.kind === "text" ? [] : [piece.name]));

/** Placeholders of which a path must name one, so that trials do not share the file. */
const OWN: ReadonlySet<string> = new Set(["dir", "trial", "seed"]);

function checkSnapshot({ snapshot }: Pick<ProgramDefinition, "snapshot">, space: Space): void {
  if (snapshot === undefined) return;
  const { path } = snapshot;
  const what = "snapshot.path";
  const pieces = parsePieces(path, what, undefined);
  checkPieces(pieces, space, what, ["step"]);
  if (!namesOf(pieces).some((name) => OWN.has(name))) {
    refuse(
      `${what} is the same for all trials: ${path}`,
      "Have the program save in the trial's folder, as in {dir}/checkpoint.pt.",
    );
  }
}

function checkText(text: string, space: Space, what: string): void {
  checkPieces(parsePieces(text, what, undefined), space, what);
}

/**
 * Checks what of a program depends on the search space, by the keys of study files. Each throws a CurvewiseError
 * `COMMAND_INVALID`.
 */
export const programChecks = {
  command: checkCommand,
  metrics: ({ metrics }: Pick<ProgramDefinition, "metrics">, space: Space): void => {
    if (metrics.kind === "file") checkCommand(fileCommand(metrics.file), space, "metrics.file");
  },
  env: ({ env }: Pick<ProgramDefinition, "env">, space: Space): void => {
    for (const [name, text] of Object.entries(env)) checkText(text, space, variableName(name));
  },
  files: ({ files = [] }: Pick<ProgramDefinition, "files">, space: Space): void => {
    for (const file of files) {
      const what = fileName(file);
      checkText(file.path, space, what);
      for (const line of file.text.split("\n")) checkPieces(parseFileLine(line, what), space, what);
    }
  },
  snapshot: checkSnapshot,
} as const;
