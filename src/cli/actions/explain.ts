import type { Explanation } from "../../core/decision.js";
import { CurvewiseError } from "../../core/errors.js";
import type { StudyEvent } from "../../core/events.js";
import type { Exploit } from "../../core/exploit.js";
import { encodeNumber, type Json } from "../../core/json.js";
import { type Copy, copiesOf, historyOf } from "../../core/lineage.js";
import type { Study } from "../../core/study.js";
import { goalValue, lastStep, secondsOf, type Trial } from "../../core/trial.js";
import { trialJson } from "../../engine/study-json.js";
import { pictureDecision } from "../../plots/decision-curves.js";
import { shortNumber } from "../../plots/trial-text.js";
import { conclusion } from "../../views/conclusion.js";
import { curveChart } from "../curve-chart.js";
import { type OpenedStudy, trialNumber, withStudy } from "../database.js";
import { copyText, failedCopyText, historyText } from "../lineage-text.js";
import { neighboursText } from "../neighbours-text.js";
import type { ReadOptions } from "../options.js";
import { isUnicodeLocale, print, printJson, styled, terminalWidth } from "../output.js";
import { factsText, tableText } from "../table.js";
import { withoutControls } from "../unseen.js";
import { counted, durationText, momentText, numberText, replicatesText, valueText } from "../wording.js";

type EventOf<Type extends StudyEvent["type"]> = Extract<StudyEvent, { readonly type: Type }>;

async function eventsOf({ storage, summary }: OpenedStudy, trial: number): Promise<StudyEvent[]> {
  const events: StudyEvent[] = [];
  for await (const { event } of storage.readEvents(summary.name, { trial })) events.push(event);
  return events;
}

function valuesJson(values: Readonly<Record<string, number>>): { readonly [name: string]: Json } {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, encodeNumber(value)]));
}

function reasonJson({ rule, reason, values, steps, neighbours }: Explanation): {
  readonly [key: string]: Json;
} {
  return {
    rule,
    reason,
    values: valuesJson(values),
    steps: steps === undefined ? null : [...steps],
    neighbours:
      neighbours?.map(({ trial, study, distance, performance, forecast }) => ({
        trial,
        ...(study === undefined ? {} : { study }),
        distance: encodeNumber(distance),
        ...(performance === undefined ? {} : { performance: encodeNumber(performance) }),
        ...(forecast === undefined ? {} : { forecast: encodeNumber(forecast) }),
      })) ?? null,
  };
}

function exploitJson(exploit: Exploit | undefined): Json {
  if (exploit === undefined) return null;
  const { parent, snapshot, value, params } = exploit;
  return { parent, step: snapshot.step, value, params: { ...params } };
}

function decisionJson({ time, attempt, step, action, explanation, exploit }: EventOf<"decided">): Json {
  return { time, attempt, step, action, ...reasonJson(explanation), exploit: exploitJson(exploit) };
}

/** The models that the trial went on with instead of its own, in order. */
const copiesOfTrial = (study: Study, trial: Trial, events: readonly StudyEvent[]): Copy[] =>
  copiesOf(study, events).filter(({ child }) => child === trial.number);

const copyJson = ({ time, at, reached, parent, step, value, before, copied, params }: Copy): Json => ({
  time: time ?? null,
  at,
  reached,
  parent,
  step,
  value,
  before: { ...before },
  copied: { ...copied },
  params: { ...params },
});

/** The scheduler let the trial go on after a pause, and said why. */
interface Resumed extends EventOf<"resumed"> {
  readonly explanation: Explanation;
}

const isExplained = (event: StudyEvent): event is Resumed & { readonly time: number } =>
  event.type === "resumed" && event.explanation !== undefined;

const attemptsOf = (events: readonly StudyEvent[]) =>
  events.filter((event) => event.type === "attempt-started");
const decisionsOf = (events: readonly StudyEvent[]) => events.filter((event) => event.type === "decided");
const attributesOf = (events: readonly StudyEvent[]) =>
  events.find((event) => event.type === "trial-asked")?.attributes;
const failuresOf = (events: readonly StudyEvent[]) => events.filter((event) => event.type === "failed");
const notesOf = (events: readonly StudyEvent[]) => events.filter((event) => event.type === "note");
const requestsOf = (events: readonly StudyEvent[]) => events.filter((event) => event.type === "requested");
const failedCopiesOf = (events: readonly StudyEvent[]) =>
  events.filter((event) => event.type === "exploit-failed");
const lateOf = (events: readonly StudyEvent[]) => events.filter((event) => event.type === "reported-late");

function explanationJson(
  study: Study,
  trial: Trial,
  events: readonly StudyEvent[],
): { readonly [key: string]: Json } {
  return {
    study: study.definition.name,
    trial: trialJson(study, trial),
    ...(attributesOf(events) === undefined ? {} : { attributes: { ...attributesOf(events) } }),
    attempts: attemptsOf(events).map(({ attempt, worker, fromStep, time }) => ({
      attempt,
      worker,
      fromStep,
      time,
    })),
    decisions: decisionsOf(events).map(decisionJson),
    resumptions: events.filter(isExplained).map(({ time, explanation, exploit }) => ({
      time,
      ...reasonJson(explanation),
      exploit: exploitJson(exploit),
    })),
    exploits: copiesOfTrial(study, trial, events).map(copyJson),
    failedExploits: failedCopiesOf(events).map(({ parent, path, reason, time }) => ({
      parent,
      path,
      reason,
      time,
    })),
    history: historyOf(study, trial.number).map(({ trial: number, fromStep, toStep, params }) => ({
      fromStep,
      toStep,
      trial: number,
      params: { ...params },
    })),
    failures: failuresOf(events).map(({ attempt, error, output, retry, time }) => ({
      attempt,
      code: error.code,
      message: error.message,
      hint: error.hint ?? null,
      output: [...output],
      retry,
      time,
    })),
    notes: notesOf(events).map(({ code, message, hint, by, time }) => ({
      code,
      message,
      hint: hint ?? null,
      by: by ?? null,
      time,
    })),
    requests: requestsOf(events).map(({ action, by, time }) => ({ action, by, time })),
    lateReports: lateOf(events).map(({ attempt, step, metrics, time }) => ({
      attempt,
      step,
      metrics: valuesJson(metrics),
      time,
    })),
  };
}

const indented = (text: string): string => text.replace(/^(?=.)/gm, "    ");

function reasonText(study: Study, { reason, values, steps, neighbours }: Explanation): string[] {
  const lines = [`    ${reason}`];
  const named = Object.entries(values).map(([name, value]) => `${name} ${shortNumber(value)}`);
  if (named.length > 0) lines.push(`    ${named.join(", ")}`);
  if (steps !== undefined && steps.length > 0) lines.push(`    compared at steps ${steps.join(", ")}`);
  if (neighbours !== undefined && neighbours.length > 0)
    lines.push(indented(neighboursText(study, neighbours)));
  return lines;
}

/** The decisions about a trial and what came of them, in order. */
function happeningsText(study: Study, trial: Trial, events: readonly StudyEvent[]): string[] {
  const copies = copiesOfTrial(study, trial, events);
  let copied = 0;
  return events.flatMap((event) => {
    if (event.type === "decided" || isExplained(event)) return [decisionText(study, event)];
    if (event.type === "exploit-failed") return [failedCopyText(event)];
    if (event.type === "requested") return [`${withoutControls(event.by)} asked to ${event.action} it.`];
    if (event.type !== "exploited") return [];
    const copy = copies[copied];
    copied += 1;
    return copy === undefined ? [] : [copyText(study, copy)];
  });
}

function decisionText(study: Study, event: EventOf<"decided"> | Resumed): string {
  const { explanation } = event;
  const colour = event.type === "decided" && event.action !== "continue" ? "yellow" : "green";
  const head =
    event.type === "decided"
      ? `step ${event.step}: ${styled(colour, event.action)}`
      : styled(colour, "resumed");
  return [`  ${head} (${explanation.rule})`, ...reasonText(study, explanation)].join("\n");
}

/**
 * The most points of a curve that the text output shows: all of them, or evenly spaced ones with both ends.
 */
const MAX_POINTS = 12;

function curveText({ curve }: Trial): string | undefined {
  const { steps, metrics } = curve;
  if (steps.length === 0) return undefined;
  const count = Math.min(MAX_POINTS, steps.length);
  const chosen = Array.from({ length: count }, (_, index) =>
    count === 1 ? 0 : Math.round((index * (steps.length - 1)) / (count - 1)),
  );
  const table = tableText(
    [{ title: "step" }, ...chosen.map((index) => ({ title: String(steps[index]), align: "right" as const }))],
    [...metrics].map(([name, column]) => [
      name,
      ...chosen.map((index) => numberText(column[index] ?? undefined)),
    ]),
  );
  return count < steps.length ? `${table}\n${count} of ${steps.length} points (all with --json)` : table;
}

/** A chart's width in columns if the output is not a terminal. */
const USUAL_WIDTH = 80;

/** The curves at the last decision that compared any; if none did, at the last decision. */
function chartText(study: Study, decisions: readonly EventOf<"decided">[]): string | undefined {
  const decided =
    decisions.findLast(({ explanation }) => (explanation.neighbours ?? []).length > 0) ?? decisions.at(-1);
  if (decided === undefined) return undefined;
  const { trial, step, action, explanation } = decided;
  const { neighbours, rule, values } = explanation;
  const picture = pictureDecision(study, { trial, step, action, neighbours, rule, values });
  if (picture === undefined) return undefined;
  const { goal } = study.definition;
  const width = terminalWidth();
  return curveChart(picture, {
    width: Number.isFinite(width) ? width : USUAL_WIDTH,
    isUnicode: isUnicodeLocale(),
    direction: picture.metric === goal.metric ? goal.direction : undefined,
  });
}

function headText(study: Study, trial: Trial): string {
  const { goal, maxSteps } = study.definition;
  const { startedAt } = trial;
  const took = secondsOf(trial);
  return factsText([
    ["trial", `${styled("bold", String(trial.number))} of ${study.definition.name}`],
    ["state", trial.state],
    [goal.metric, numberText(goalValue(trial, goal))],
    ...(study.definition.replicates === undefined
      ? []
      : [["replicates", replicatesText(study, trial)] as const]),
    ["step", `${lastStep(trial)}${maxSteps === undefined ? "" : ` of ${maxSteps}`}`],
    ["asked", `${momentText(trial.askedAt)} by the sampler ${trial.sampler}, seed ${trial.seed}`],
    ...(startedAt === undefined ? [] : [["started", momentText(startedAt)] as const]),
    ...(took === undefined
      ? []
      : [["took", `${durationText(took)} in ${counted(trial.attempt, "attempt")}`] as const]),
    ...Object.entries(trial.params).map(([name, value]): [string, string] => [`  ${name}`, valueText(value)]),
  ]);
}

function failureText({ attempt, error, output, retry }: EventOf<"failed">): string {
  const lines = [
    `  attempt ${attempt}: ${styled("red", error.code)} ${withoutControls(error.message)}${retry ? " (retried)" : ""}`,
    ...(error.hint === undefined ? [] : [`    ${error.hint}`]),
    ...output.slice(-20).map((line) => `    | ${withoutControls(line)}`),
  ];
  return lines.join("\n");
}

function noteText({ code, message, hint, by }: EventOf<"note">): string {
  const lines = [
    `  ${styled("yellow", code)} ${withoutControls(message)}${by === undefined ? "" : ` (${withoutControls(by)})`}`,
  ];
  if (hint !== undefined) lines.push(`    ${withoutControls(hint)}`);
  return lines.join("\n");
}

function explanationText(study: Study, trial: Trial, events: readonly StudyEvent[]): string {
  const decisions = decisionsOf(events);
  const answers = happeningsText(study, trial, events);
  const failures = failuresOf(events);
  const notes = notesOf(events);
  const late = lateOf(events);
  const curve = curveText(trial);
  const chart = chartText(study, decisions);
  const history = historyText(study, trial);
  const attributes = attributesOf(events);
  const sections = [
    headText(study, trial),
    ...(attributes === undefined
      ? []
      : [
          `${styled("bold", "attributes")}\n${indented(factsText(Object.entries(attributes).map(([name, value]) => [name, valueText(value)] as const)))}`,
        ]),
    ...(curve === undefined ? [] : [curve]),
    ...(answers.length === 0 ? [] : [[styled("bold", "decisions"), ...answers].join("\n")]),
    ...(chart === undefined ? [] : [chart]),
    ...(history === undefined
      ? []
      : [`${styled("bold", "how its model was trained")}\n${indented(history)}`]),
    ...(failures.length === 0 ? [] : [[styled("bold", "failures"), ...failures.map(failureText)].join("\n")]),
    ...(notes.length === 0 ? [] : [[styled("bold", "notes"), ...notes.map(noteText)].join("\n")]),
    ...(late.length === 0
      ? []
      : [
          `${counted(late.length, "report")} came from attempts that had been given up; they were recorded but not acted on.`,
        ]),
    withoutControls(conclusion(study, trial, decisions.length)),
  ];
  return sections.join("\n\n");
}

/** The only argument must be a trial's number. */
function checkTrial(only: string | undefined): asserts only is string {
  if (only !== undefined && /^-?\d+$/.test(only)) return;
  const name = only === undefined ? "" : ` ${only}`;
  throw new CurvewiseError(
    "USAGE",
    `missing required argument 'trial': which trial${name === "" ? "" : ` of${name}`}?`,
    {
      hint: `For example trial 0: \`curvewise explain${name} 0\`. \`curvewise trials${name}\` lists them.`,
    },
  );
}

/**
 * Says why a trial went as it did.
 *
 * @param first the study's name, or the trial's number if it is the only argument
 */
export async function explain(
  first: string | undefined,
  second: string | undefined,
  options: ReadOptions,
): Promise<void> {
  if (second === undefined) checkTrial(first);
  await withStudy(options.storage, second === undefined ? undefined : first, async (opened) => {
    const { study } = opened;
    const number = trialNumber(second ?? first ?? "", study);
    const trial = study.trials[number];
    if (trial === undefined) return;
    const events = await eventsOf(opened, number);
    if (options.json === true) printJson(explanationJson(study, trial, events));
    else print(explanationText(study, trial, events));
  });
}
