import { bestTrial } from "../../core/best-trial.js";
import { requestText } from "../../core/course/carry-out.js";
import { countCopies, historyOf } from "../../core/lineage.js";
import type { Hold, PendingRequest } from "../../core/request.js";
import type { Storage, StudySummary } from "../../core/storage.js";
import type { Study } from "../../core/study.js";
import { type AlgorithmChoice, moduleText } from "../../core/study-definition.js";
import { TRIAL_STATES } from "../../core/trial.js";
import { readHeldIntervals } from "../../engine/read-held-intervals.js";
import { readStudy, withoutComplete } from "../../engine/read-study.js";
import { readShadows, type ShadowReport } from "../../engine/shadow-report.js";
import { requestJson, studyJson } from "../../engine/study-json.js";
import { type HeldIntervals, INTERVAL_PERCENT } from "../../forecast/held-intervals.js";
import { stepsSaved } from "../../forecast/steps-saved.js";
import { isOver, worthModelOf } from "../../forecast/study-worth.js";
import type { StudyView } from "../../views/contract.js";
import { startsText, stepsText } from "../../views/saved-text.js";
import { worthText } from "../../views/worth-text.js";
import { pickStudy, withDatabase } from "../database.js";
import type { ReadOptions } from "../options.js";
import { print, printJson, styled } from "../output.js";
import { readProposers } from "../read-proposers.js";
import { shadowArguments, shadowJson, shadowText } from "../shadows.js";
import { factsText, tableText } from "../table.js";
import {
  agoText,
  budgetText,
  counted,
  durationText,
  frontSummary,
  goalText,
  numberText,
  paramsText,
} from "../wording.js";

/** Options of `curvewise status`. */
export interface StatusOptions extends ReadOptions {
  readonly shadow?: readonly string[];
}

type Proposers = StudyView["proposers"];

interface Entry {
  readonly study: Study;
  readonly summary: StudySummary;
  /** What was asked of it and is not carried out yet. */
  readonly pending: readonly PendingRequest[];
}

async function readAll(storage: Storage, names: readonly StudySummary[]): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const summary of names)
    entries.push({
      summary,
      study: await readStudy(storage, summary.name, withoutComplete),
      pending: await storage.listRequests(summary.name),
    });
  return entries;
}

const haltWord = ({ action }: Hold): string => (action === "pause" ? "paused" : "stopped");

/** A word for how a study stands. */
function stateWord({ study, summary }: Entry): string {
  if (study.halt !== undefined) return haltWord(study.halt);
  if (summary.holder !== undefined) return "running";
  return isOver(study) ? "finished" : "idle";
}

function stateText(entry: Entry): string {
  const { study, summary } = entry;
  const { halt } = study;
  const by = halt === undefined ? "" : ` by ${halt.by} ${agoText(halt.time, Date.now())}`;
  const process =
    summary.holder === undefined ? "" : ` (process ${summary.holder.pid} on ${summary.holder.host})`;
  const text = `${stateWord(entry)}${by}${process}`;
  return halt === undefined && summary.holder !== undefined ? styled("green", text) : text;
}

/** What people have asked for and noted, beside the notes. */
function actsOf({ study, pending }: Entry): (readonly [string, string])[] {
  const { halt, held, tags, trialTags, definition } = study;
  const tagged = [...trialTags].map(([trial, own]) => `trial ${trial}: ${own.join(" ")}`);
  return [
    ...(halt === undefined ? [] : [["to go on", `curvewise resume ${definition.name}`] as const]),
    ...[...held].map(([trial, hold]) => ["held", `trial ${trial}, ${haltWord(hold)} by ${hold.by}`] as const),
    ...(tags.length === 0 ? [] : [["tags", tags.join(" ")] as const]),
    ...tagged.map((text) => ["tags", text] as const),
    ...pending.map(
      ({ request: { by, action }, time }) =>
        ["asked", `by ${by} ${agoText(time, Date.now())}, to ${requestText(action)}`] as const,
    ),
  ];
}

function bestText(study: Study): string {
  const front = frontSummary(study);
  if (front !== undefined) return `front of ${front}`;
  const best = bestTrial(study);
  if (best === undefined) return "-";
  const doubt = best.complete ? "" : "; no trial is complete yet";
  return `${numberText(best.value)} (trial ${best.trial.number}${doubt})`;
}

function trialsText(study: Study): string {
  const parts = TRIAL_STATES.filter((state) => study.byState[state].size > 0).map(
    (state) => `${study.byState[state].size} ${state}`,
  );
  return `${study.trials.length}${parts.length === 0 ? "" : `: ${parts.join(", ")}`}`;
}

/**
 * How often members of a population went on with another's model, and how many trials all models descend
 * from.
 */
function exploitsText(study: Study, exploits: number): string {
  const founders = new Set(study.trials.flatMap(({ number }) => historyOf(study, number)[0]?.trial ?? []))
    .size;
  return `${exploits}; all models go back to ${counted(founders, "trial")} of ${study.trials.length}`;
}

const transferText = ({ transferred }: Study): string =>
  transferred.map(({ name, trials }) => `${counted(trials.length, "curve")} of ${name}`).join(", ");

const algorithmName = ({ name, module }: AlgorithmChoice): string =>
  module === undefined ? name : `${name}, from ${moduleText(module)}`;

/** What going on is expected to bring; null while too little is known. */
function worthJson(study: Study): { readonly [key: string]: number | null } | null {
  const worth = worthModelOf(study).worthOf(study);
  return worth === undefined ? null : { ...worth, seconds: worth.seconds ?? null };
}

const heldText = ({ forecasts, held }: HeldIntervals): string =>
  `${INTERVAL_PERCENT} % intervals held in ${held} of ${counted(forecasts, "case")}`;

/** How often forecasts held; null while there is nothing to judge them by. */
const heldJson = (intervals: HeldIntervals | undefined): { readonly [key: string]: number } | null =>
  intervals === undefined ? null : { interval: INTERVAL_PERCENT / 100, ...intervals };

/** Who proposed trials, as rows of facts: `bayes: 12 trials, best 0.31`. */
const proposersText = (proposers: Proposers): (readonly [string, string])[] =>
  proposers.map(({ name, trials, best }, place) => [
    place === 0 ? "proposers" : "",
    `${name}: ${counted(trials, "trial")}, best ${best === null ? "-" : numberText(best)}`,
  ]);

function detailText(entry: Entry, proposers: Proposers, intervals: HeldIntervals | undefined): string {
  const { study } = entry;
  const { definition } = study;
  const best = bestTrial(study);
  const exploits = countCopies(study);
  const worth = worthModelOf(study).worthOf(study);
  const facts: (readonly [string, string])[] = [
    ["study", styled("bold", definition.name)],
    ["state", stateText(entry)],
    ["goal", goalText(definition.goal)],
    ...(definition.replicates === undefined
      ? []
      : [
          [
            "replicates",
            `${definition.replicates}, their ${definition.goal.across ?? "mean"} counts`,
          ] as const,
        ]),
    ["sampler", algorithmName(definition.sampler)],
    ["scheduler", algorithmName(definition.scheduler)],
    ["budget", budgetText(definition)],
    ...(study.transferred.length === 0 ? [] : [["transfer", transferText(study)] as const]),
    ["trials", trialsText(study)],
    ...(exploits === 0 ? [] : [["exploits", exploitsText(study, exploits)] as const]),
    ["steps", stepsText(study, stepsSaved(study))],
    ...(study.pace.starts === 0 ? [] : [["starts", startsText(study)] as const]),
    ["time", `${durationText(study.elapsed)}, last change ${agoText(study.updatedAt, Date.now())}`],
    ["best", bestText(study)],
    ...(best === undefined || definition.goal.others !== undefined
      ? []
      : [["", paramsText(best.trial.params)] as const]),
    ...proposersText(proposers),
    ...(worth === undefined ? [] : [["going on", worthText(worth, definition.goal)] as const]),
    ...(intervals === undefined ? [] : [["forecasts", heldText(intervals)] as const]),
    ...actsOf(entry),
    ...study.notes.slice(-5).map(({ trial, message, code, by }) => {
      const author = by === undefined || code === "REQUEST_REFUSED" ? "" : ` (${by})`;
      return ["note", `${trial === undefined ? "" : `trial ${trial}: `}${message}${author}`] as const;
    }),
  ];
  return factsText(facts);
}

function listText(entries: readonly Entry[]): string {
  return tableText(
    [
      { title: "study" },
      { title: "state" },
      { title: "trials", align: "right" },
      { title: "steps", align: "right" },
      { title: "goal" },
      { title: "best" },
      { title: "last change" },
    ],
    entries.map((entry) => [
      entry.study.definition.name,
      stateWord(entry),
      String(entry.study.trials.length),
      String(entry.study.totalSteps),
      goalText(entry.study.definition.goal),
      bestText(entry.study),
      agoText(entry.study.updatedAt, Date.now()),
    ]),
  );
}

/** Shows the state of studies. */
export async function showStatus(name: string | undefined, options: StatusOptions): Promise<void> {
  const shadows = await shadowArguments(options.shadow);
  await withDatabase(options.storage, "read", async (storage) => {
    const summaries =
      name === undefined && shadows.length === 0
        ? await storage.listStudies(Date.now())
        : [await pickStudy(storage, name)];
    const entries = await readAll(storage, summaries);
    const [first] = entries;
    const proposers =
      first !== undefined && entries.length === 1 ? await readProposers(storage, first.study) : [];
    const intervals =
      first !== undefined && entries.length === 1 ? await readHeldIntervals(storage, first.study) : undefined;
    const reports: ShadowReport[] = [];
    if (shadows.length > 0) {
      for (const { summary } of entries) reports.push(...(await readShadows(storage, summary.name, shadows)));
    }
    if (options.json === true) {
      printJson({
        database: storage.location,
        studies: entries.map(({ study, summary, pending }) => ({
          ...studyJson(study, summary.holder),
          requests: pending.map(requestJson),
          ...(entries.length === 1
            ? {
                worth: worthJson(study),
                forecasts: heldJson(intervals),
                proposers: proposers.map((each) => ({ ...each })),
              }
            : {}),
        })),
        ...(shadows.length === 0 ? {} : { shadows: reports.map(shadowJson) }),
      });
      return;
    }
    if (first === undefined) print(`There is no study in ${storage.location}.`);
    else if (entries.length > 1) print(listText(entries));
    else print([detailText(first, proposers, intervals), ...reports.map(shadowText)].join("\n\n"));
  });
}
