import { lineageFlaws } from "../analysis/lineage.js";
import { type DecisionDifference, type Verification, verifyStudy } from "../analysis/verify-study.js";
import { parseConstraint } from "../config/constraint.js";
import { CurvewiseError, isCurvewiseError } from "../core/errors.js";
import type { StudyEvent } from "../core/events.js";
import type { Json } from "../core/json.js";
import { countCopies } from "../core/lineage.js";
import type { Constraint } from "../core/search-space.js";
import type { Study } from "../core/study.js";
import type { StudyDefinition } from "../core/study-definition.js";
import { withStudy } from "./database.js";
import { print, printJson, styled } from "./output.js";
import { codeChanges, recordedSchedulers } from "./recorded-scheduler.js";
import { factsText } from "./table.js";
import { counted, goalText } from "./wording.js";

/** The most differences that the text output shows. */
const MAX_DIFFERENCES = 10;

/** A study and its log, at the same moment. */
export interface RecordedLog {
  readonly study: Study;
  readonly events: readonly StudyEvent[];
}

/** Reads a study with its whole log. */
export async function readRecorded(storage: string, name: string): Promise<RecordedLog> {
  return withStudy(storage, name, async ({ storage: opened, study, summary }) => {
    const events: StudyEvent[] = [];
    for await (const { event } of opened.readEvents(summary.name)) {
      // A running study's log may have grown since.
      if (events.push(event) >= study.events) break;
    }
    return { study, events };
  });
}

/** Decisions that were made again. */
interface Checked extends Verification {
  /** A warning if the scheduler's code is not the recorded code. */
  readonly caution: string | undefined;
  /** Where in the log, from 1, the scheduler's code changed. */
  readonly codeChanges: readonly number[];
}

/** What came of making a study's decisions again, or why that was not done. */
export type OwnVerification = Checked | { readonly unchecked: string };

/** The constraints that can be read back from their names, and the names of the others. */
function constraintsOf(definition: StudyDefinition): {
  readonly read: Constraint[];
  readonly unread: string[];
} {
  const read: Constraint[] = [];
  const unread: string[] = [];
  for (const name of definition.constraints) {
    const result = parseConstraint(name, definition.space);
    if ("constraint" in result) read.push(result.constraint);
    else unread.push(name);
  }
  return { read, unread };
}

/** Those that the study has had at any time. */
const constraintNames = (events: readonly StudyEvent[]): string[] =>
  events.flatMap((event) => {
    if (event.type === "study-created") return [...event.definition.constraints];
    return event.type === "study-changed" ? [...(event.constraints ?? [])] : [];
  });

const changesParams = (events: readonly StudyEvent[]): boolean =>
  events.some(
    (event) => (event.type === "decided" || event.type === "resumed") && event.exploit !== undefined,
  );

/**
 * Makes the decisions of a study's own scheduler again.
 *
 * @param module where it is, if the user says so: see {@link recordedScheduler}
 */
export async function verificationOf(
  { study, events }: RecordedLog,
  module: string | undefined,
): Promise<OwnVerification> {
  const own = await recordedSchedulers(study.definition, events, module);
  if ("unchecked" in own) return own;
  const unread = constraintNames(events).find(
    (name) => constraintsOf({ ...study.definition, constraints: [name] }).unread.length > 0,
  );
  if (unread !== undefined && changesParams(events)) {
    return { unchecked: `the constraint "${unread}" is a function, and the log has only its name` };
  }
  const { choiceFor, caution } = own;
  const constraintsFor = (definition: StudyDefinition) => constraintsOf(definition).read;
  try {
    return { ...verifyStudy(events, choiceFor, constraintsFor), caution, codeChanges: codeChanges(events) };
  } catch (error) {
    // It gave an invalid answer, or threw.
    if (!isCurvewiseError(error) || error.code !== "ALGORITHM_FAILED") throw error;
    return { unchecked: error.message };
  }
}

const answerText = (answer: DecisionDifference["recorded"]): string => {
  if (answer === undefined) return "nothing to resume";
  if ("trial" in answer) return `resume trial ${answer.trial}`;
  return answer.explanation === undefined
    ? `${answer.action}, unexplained`
    : `${answer.action}: ${answer.explanation.reason}`;
};

/** The outcome, for people. */
export function verificationText({ definition }: Study, verification: OwnVerification): string {
  const { name } = definition.scheduler;
  if ("unchecked" in verification) return `Its decisions were not checked: ${verification.unchecked}.`;
  const { compared, differences, caution, codeChanges: changes } = verification;
  const foreword = caution === undefined ? [] : [styled("yellow", caution)];
  if (differences.length === 0) {
    const same = `${counted(compared, "decision")} of the study's own scheduler ${name}, made again from its log: all are the same.`;
    return [...foreword, same].join("\n");
  }
  const shown = differences.slice(0, MAX_DIFFERENCES).map(({ event, trial, step, recorded, replayed }) => {
    const place = `  event ${event}, trial ${trial}${step === undefined ? "" : `, step ${step}`}`;
    return `${place}: recorded ${answerText(recorded)} | now ${answerText(replayed)}`;
  });
  const more = differences.length - shown.length;
  return [
    ...foreword,
    styled(
      "yellow",
      `${differences.length} of ${counted(compared, "decision")} of the study's own scheduler ${name} come out differently when made again from its log:`,
    ),
    ...shown,
    ...(more > 0 ? [`  and ${more} more`] : []),
    changes.length > 0
      ? `The scheduler's code changed at event ${changes.join(", ")}, so earlier decisions may differ.`
      : "This can happen if an earlier version of Curvewise ran the study; its log is unchanged.",
  ].join("\n");
}

function differenceJson({ event, trial, step, recorded, replayed }: DecisionDifference): Json {
  const plain = (answer: DecisionDifference["recorded"]): Json => JSON.parse(JSON.stringify(answer ?? null));
  return { event, trial, step: step ?? null, recorded: plain(recorded), replayed: plain(replayed) };
}

/** The same, for programs; null if they were not checked. */
export function verificationJson(verification: OwnVerification): Json {
  if ("unchecked" in verification) return null;
  const { compared, differences, caution } = verification;
  return { compared, differences: differences.map(differenceJson), recordedCode: caution === undefined };
}

function lineageText(exploits: number, flaws: readonly string[]): string {
  if (flaws.length === 0) {
    return `${counted(exploits, "exploit")}: the lineage is a valid tree; every model was trained from step 0 on as the log says.`;
  }
  const more = flaws.length - MAX_DIFFERENCES;
  return [
    styled("red", `${counted(flaws.length, "flaw")} in the lineage of ${counted(exploits, "exploit")}:`),
    ...flaws.slice(0, MAX_DIFFERENCES).map((flaw) => `  ${flaw}`),
    ...(more > 0 ? [`  and ${more} more (all with --json)`] : []),
  ].join("\n");
}

/** `curvewise replay STUDY`: the study's own decisions, made again, and its lineage. */
export async function verifyRecorded(
  storage: string,
  name: string,
  { json, module }: { readonly json: boolean; readonly module: string | undefined },
): Promise<void> {
  const log = await readRecorded(storage, name);
  const { study, events } = log;
  if (study.trials.length === 0) {
    throw new CurvewiseError("NOTHING_TO_REPLAY", `study "${study.definition.name}" has no trials yet`, {
      hint: "Run the study first.",
    });
  }
  const verification = await verificationOf(log, module);
  const exploits = countCopies(study);
  const flaws = lineageFlaws(study, events);
  if (json) {
    printJson({
      study: study.definition.name,
      verification: verificationJson(verification),
      lineage: { exploits, flaws },
    });
    return;
  }
  print(
    [
      factsText([["study", `${styled("bold", study.definition.name)}: ${goalText(study.definition.goal)}`]]),
      verificationText(study, verification),
      ...(exploits === 0 && flaws.length === 0 ? [] : [lineageText(exploits, flaws)]),
    ].join("\n\n"),
  );
}
