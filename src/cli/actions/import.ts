import { readFileSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { bestTrial } from "../../core/best-trial.js";
import { CurvewiseError, messageOf } from "../../core/errors.js";
import { type Goal, parseGoal } from "../../core/goal.js";
import type { Study } from "../../core/study.js";
import { STUDY_NAME, STUDY_NAME_RULE } from "../../core/study-definition.js";
import { TRIAL_STATES } from "../../core/trial.js";
import { importStudy } from "../../engine/import-study.js";
import { thisProcess } from "../../engine/process-identity.js";
import { readStudy } from "../../engine/read-study.js";
import {
  type ForeignStudy,
  foreignFromCsv,
  foreignFromJsonLines,
  foreignFromOptuna,
  foreignFromRay,
  importedStudy,
  isRayFolder,
  type OptunaStudy,
  readJournal,
  readOptunaSqlite,
} from "../../interop/index.js";
import { withDatabase } from "../database.js";
import type { StudyKind } from "../imported-kinds.js";
import type { ReadOptions } from "../options.js";
import { print, printJson, styled, styledError, tell } from "../output.js";
import { factsText } from "../table.js";
import { goalText, numberText } from "../wording.js";

/** Options of `curvewise import`. */
export interface ImportOptions extends ReadOptions {
  readonly from?: StudyKind;
  readonly as?: string;
  readonly study?: string;
  readonly objective?: string;
  readonly metric?: string;
  readonly minimize?: string;
  readonly maximize?: string;
  readonly params?: readonly string[];
}

/** From which size on it is said what is being done, since it takes more than a moment. */
const LARGE_FILE = 10_000_000;
const MANY_TRIALS = 5000;

const sizeOf = (source: string): number => statSync(source, { throwIfNoEntry: false })?.size ?? 0;

function unreadable(source: string, cause: unknown): never {
  const isMissing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
  throw new CurvewiseError(
    "IMPORT_NOT_FOUND",
    isMissing ? `there is no file ${source}` : `${source} cannot be read: ${messageOf(cause)}`,
    { hint: "Give the path of a file, or the folder of an experiment of Ray Tune.", cause },
  );
}

/** What is at a path: the first bytes are enough to tell SQLite from text. */
function lookAt(source: string): {
  readonly isFolder: boolean;
  readonly isSqlite: boolean;
  readonly text: string;
} {
  try {
    if (statSync(source).isDirectory()) return { isFolder: true, isSqlite: false, text: "" };
    const bytes = readFileSync(source);
    const isSqlite = bytes.subarray(0, 15).toString("latin1") === "SQLite format 3";
    return { isFolder: false, isSqlite, text: isSqlite ? "" : bytes.toString("utf8") };
  } catch (error) {
    return unreadable(source, error);
  }
}

/** What wrote a file, where its content leaves no doubt. @throws CurvewiseError `IMPORT_UNKNOWN` */
function kindOf(source: string, { isFolder, isSqlite, text }: ReturnType<typeof lookAt>): StudyKind {
  if (isSqlite) return "optuna";
  if (isFolder && isRayFolder(source)) return "ray";
  if (/^\s*\{[^\n]*"op_code"/.test(text)) return "optuna-journal";
  if (/\.csv$/i.test(source)) return "csv";
  if (/\.(jsonl|ndjson)$/i.test(source)) return "jsonl";
  throw new CurvewiseError("IMPORT_UNKNOWN", `${source} does not tell what wrote it`, {
    hint: "Say so with --from; `curvewise import --help` lists the tools.",
  });
}

function goalOf({ minimize, maximize }: ImportOptions, kind: StudyKind): Goal {
  if (minimize !== undefined && maximize === undefined) return parseGoal({ minimize });
  if (maximize !== undefined && minimize === undefined) return parseGoal({ maximize });
  throw new CurvewiseError("GOAL_NEEDED", `${kind} does not say which metric to tune for`, {
    hint: "Give one of --minimize and --maximize, with the metric's name.",
  });
}

/** Refuses options that would have no effect. */
function checkOptions(kind: StudyKind, options: ImportOptions): void {
  const isOptuna = kind === "optuna" || kind === "optuna-journal";
  const fitting: readonly (readonly [flag: string, value: unknown, fits: boolean])[] = [
    ["--study", options.study, isOptuna],
    ["--objective", options.objective, isOptuna],
    ["--metric", options.metric, isOptuna],
    ["--minimize", options.minimize, !isOptuna],
    ["--maximize", options.maximize, !isOptuna],
    ["--params", options.params, kind === "csv" || kind === "jsonl"],
  ];
  const odd = fitting.find(([, value, fits]) => value !== undefined && !fits);
  if (odd === undefined) return;
  throw new CurvewiseError("USAGE", `${odd[0]} does not apply to ${kind}`, {
    hint: "`curvewise import --help` says what each option is for.",
  });
}

/** The study that the user means of those in a file. @throws CurvewiseError `STUDY_NOT_FOUND`, `STUDY_NEEDED` */
function chosenStudy(studies: readonly OptunaStudy[], source: string, name: string | undefined): OptunaStudy {
  const names = studies.map((study) => study.name);
  const [only] = studies;
  if (only === undefined) {
    throw new CurvewiseError("STUDY_NOT_FOUND", `there is no study in ${source}`, {
      hint: "Give a file in which Optuna has created a study.",
    });
  }
  if (name === undefined && studies.length === 1) return only;
  const found = studies.find((study) => study.name === name);
  if (found !== undefined) return found;
  throw new CurvewiseError(
    name === undefined ? "STUDY_NEEDED" : "STUDY_NOT_FOUND",
    name === undefined
      ? `${source} holds ${studies.length} studies`
      : `there is no study "${name}" in ${source}`,
    { hint: `Name one of them with --study: ${names.slice(0, 20).join(", ")}.` },
  );
}

/** Refuses a folder where a tool writes a file, and a file where it writes a folder. */
function checkPlace(kind: StudyKind, source: string, isFolder: boolean): void {
  if (isFolder === (kind === "ray")) return;
  const problem = isFolder ? `a folder, and ${kind} is a file` : `a file, and ${kind} is a folder`;
  throw new CurvewiseError("IMPORT_INVALID", `${source} is ${problem}`, {
    hint: "Give the path of a file, or the folder of an experiment of Ray Tune.",
  });
}

function readForeign(kind: StudyKind, source: string, text: string, options: ImportOptions): ForeignStudy {
  switch (kind) {
    case "optuna":
      return foreignFromOptuna(
        chosenStudy(readOptunaSqlite(resolve(source), source), source, options.study),
        options,
      );
    case "optuna-journal":
      return foreignFromOptuna(chosenStudy(readJournal(text, source), source, options.study), options);
    case "csv":
    case "jsonl": {
      const reading = {
        name: basename(source).replace(/\.(csv|jsonl|ndjson)$/i, ""),
        goal: goalOf(options, kind),
        params: options.params,
      };
      return kind === "csv"
        ? foreignFromCsv(text, source, reading)
        : foreignFromJsonLines(text, source, reading);
    }
    case "ray":
      return {
        ...foreignFromRay(resolve(source), source, goalOf(options, kind)),
        name: basename(resolve(source)),
      };
  }
}

/** The name that a study gets here: as wished, or the other tool's without what names may not have. */
function ownName(foreign: ForeignStudy, { as }: ImportOptions): string {
  const plain = foreign.name
    .replaceAll(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[.-]+/, "")
    .slice(0, 128);
  const name = as ?? plain;
  if (STUDY_NAME.test(name)) return name;
  throw new CurvewiseError("STUDY_NAME_INVALID", `the name "${name}" of the study ${STUDY_NAME_RULE}`, {
    hint: "Give another name with --as.",
  });
}

function summaryText(study: Study, { tool, name }: ForeignStudy): string {
  const { byState, trials, definition } = study;
  const best = bestTrial(study);
  const states = TRIAL_STATES.flatMap((state) =>
    byState[state].size === 0 ? [] : [`${byState[state].size} ${state}`],
  );
  return factsText([
    ["study", `${styled("bold", definition.name)}, imported from ${tool} (${name})`],
    ["goal", goalText(definition.goal)],
    ["params", Object.keys(definition.space).join(", ")],
    ["trials", `${trials.length}: ${states.join(", ")}`],
    ["best", best === undefined ? "-" : `${numberText(best.value)} (trial ${best.trial.number})`],
  ]);
}

function imported(study: Study, warnings: readonly string[]) {
  const best = bestTrial(study);
  return {
    study: study.definition.name,
    trials: {
      total: study.trials.length,
      ...Object.fromEntries(TRIAL_STATES.map((state) => [state, study.byState[state].size])),
    },
    best:
      best === undefined
        ? null
        : { trial: best.trial.number, value: best.value, params: { ...best.trial.params } },
    warnings: [...warnings],
  };
}

/**
 * Takes over what another tool recorded.
 *
 * @throws CurvewiseError `IMPORT_NOT_FOUND`, `IMPORT_UNKNOWN`, `IMPORT_INVALID`, `IMPORT_UNSUPPORTED`, `IMPORT_EMPTY`,
 *   `GOAL_NEEDED`, `STUDY_EXISTS`, `STUDY_NAME_INVALID` and those about what the user is to choose
 */
export async function importSource(source: string, options: ImportOptions): Promise<void> {
  const size = sizeOf(source);
  if (size >= LARGE_FILE) tell(`reading ${source}, ${Math.round(size / 1e6)} MB`);
  const found = lookAt(source);
  const kind = options.from ?? kindOf(source, found);
  checkOptions(kind, options);
  checkPlace(kind, source, found.isFolder);
  const foreign = readForeign(kind, source, found.text, options);
  if (foreign.trials.length >= MANY_TRIALS) tell(`writing ${foreign.trials.length} trials`);
  const recorded = importedStudy(foreign, ownName(foreign, options), thisProcess(), Date.now());
  const study = await withDatabase(options.storage, "write", async (storage) => {
    await importStudy(storage, recorded);
    return readStudy(storage, recorded.definition.name);
  });
  if (options.json === true) printJson(imported(study, foreign.warnings));
  else {
    print(summaryText(study, foreign));
    for (const warning of foreign.warnings) tell(`${styledError("yellow", "warning")}: ${warning}`);
  }
}
