import { readTrainings } from "../analysis/recorded-trainings.js";
import { summarizeRegrets } from "../analysis/regret.js";
import {
  goodTrials,
  type RecordedEffort,
  recordedEffort,
  replayStudy,
  type WhatIf,
} from "../analysis/replay-study.js";
import type { World } from "../analysis/study-worlds.js";
import { type DecisionDifference, type Verification, verifyStudy } from "../analysis/verify-study.js";
import { chooseAlgorithm, knownSchedulers } from "../config/algorithms.js";
import { CurvewiseError } from "../core/errors.js";
import type { StudyEvent } from "../core/events.js";
import type { Json } from "../core/json.js";
import type { Study } from "../core/study.js";
import { createCountProgress } from "./count-progress.js";
import { withStudy } from "./database.js";
import { print, printJson, styled } from "./output.js";
import { type ReplayRequest, regretJson, regretText } from "./replay-curves.js";
import { factsText, tableText } from "./table.js";
import { counted, durationText, goalText, numberText } from "./wording.js";

/** What is replayed of a study, and how. */
export interface StudyReplayRequest extends Omit<ReplayRequest, "seeds" | "sampler"> {
  /** Undefined: once, in the order in which the study tried its trials. */
  readonly shuffled: { readonly sampler: ReplayRequest["sampler"]; readonly seeds: number } | undefined;
}

const WORLDS: readonly World[] = ["pessimistic", "optimistic"];
/** So many differences are shown to people. */
const MAX_DIFFERENCES = 10;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function verificationOf(study: Study, events: readonly StudyEvent[]): Verification | undefined {
  const { name, options } = study.definition.scheduler;
  const known = knownSchedulers();
  const own = known.has(name) ? chooseAlgorithm(known, { [name]: options }) : undefined;
  return own === undefined ? undefined : verifyStudy(events, own);
}

const answerText = (answer: DecisionDifference["recorded"]): string => {
  if (answer === undefined) return "nothing to resume";
  if ("trial" in answer) return `resume trial ${answer.trial}`;
  return answer.explanation === undefined
    ? `${answer.action}, unexplained`
    : `${answer.action}: ${answer.explanation.reason}`;
};

function verificationText(study: Study, verification: Verification | undefined): string {
  const { name } = study.definition.scheduler;
  if (verification === undefined) {
    return `The study's own scheduler ${name} is none of the command line's, so its decisions were not checked.`;
  }
  const { compared, differences } = verification;
  if (differences.length === 0) {
    return `${counted(compared, "decision")} of the study's own scheduler ${name}, made again from its log: all are the same.`;
  }
  const shown = differences.slice(0, MAX_DIFFERENCES).map(({ event, trial, step, recorded, replayed }) => {
    const place = `  event ${event}, trial ${trial}${step === undefined ? "" : `, step ${step}`}`;
    return `${place}: recorded ${answerText(recorded)} | now ${answerText(replayed)}`;
  });
  const more =
    differences.length > MAX_DIFFERENCES ? [`  and ${differences.length - MAX_DIFFERENCES} more`] : [];
  return [
    styled(
      "yellow",
      `${differences.length} of ${counted(compared, "decision")} of the study's own scheduler ${name} come out otherwise when made again from its log:`,
    ),
    ...shown,
    ...more,
    "A study that an earlier version of Curvewise ran may differ so; its log is as it was.",
  ].join("\n");
}

interface Row {
  readonly what: string;
  readonly steps: number;
  readonly trainingSeconds: number;
  readonly best: string;
  readonly regret: readonly string[];
  readonly lost: string;
}

function whatIfRow(
  name: string,
  world: World,
  replays: readonly WhatIf[],
  good: number,
  budgets: number,
): Row {
  const summary = summarizeRegrets(replays.map(({ regret }) => regret));
  const bests = replays.flatMap(({ best }) => (best === undefined ? [] : [best]));
  return {
    what: `${name}, ${world}`,
    steps: mean(replays.map(({ steps }) => steps)),
    trainingSeconds: mean(replays.map(({ trainingSeconds }) => trainingSeconds)),
    best: bests.length < replays.length ? "-" : numberText(mean(bests)),
    regret: Array.from({ length: budgets }, (_, index) => regretText(summary.mean[index])),
    lost: `${numberText(mean(replays.map(({ lost }) => lost.length)))} of ${good}`,
  };
}

function effortText(effort: RecordedEffort, rows: readonly Row[], budgets: readonly number[]): string {
  const all: readonly Row[] = [
    {
      what: "every training to its end",
      steps: effort.fullSteps,
      trainingSeconds: effort.fullTrainingSeconds,
      best: "-",
      regret: budgets.map(() => ""),
      lost: "",
    },
    {
      what: "as recorded",
      steps: effort.steps,
      trainingSeconds: effort.trainingSeconds,
      best: numberText(effort.best),
      regret: budgets.map(() => ""),
      lost: "",
    },
    ...rows,
  ];
  return tableText(
    [
      { title: "" },
      { title: "steps", align: "right" },
      { title: "training", align: "right" },
      { title: "saved", align: "right" },
      { title: "best", align: "right" },
      ...budgets.map((budget) => ({ title: `regret @${budget}`, align: "right" as const })),
      { title: "good trials lost", align: "right" },
    ],
    all.map(({ what, steps, trainingSeconds, best, regret, lost }) => {
      const saved = effort.fullTrainingSeconds - trainingSeconds;
      return [
        what,
        numberText(Math.round(steps)),
        durationText(trainingSeconds),
        saved <= 0 ? "-" : durationText(saved),
        best,
        ...regret,
        lost,
      ];
    }),
  );
}

function whatIfJson(replays: readonly WhatIf[]): { readonly [key: string]: Json } {
  const lost = new Map<number, number>();
  for (const replay of replays) for (const trial of replay.lost) lost.set(trial, (lost.get(trial) ?? 0) + 1);
  const bests = replays.flatMap(({ best }) => (best === undefined ? [] : [best]));
  return {
    steps: mean(replays.map(({ steps }) => steps)),
    trainingSeconds: mean(replays.map(({ trainingSeconds }) => trainingSeconds)),
    seconds: mean(replays.map(({ seconds }) => seconds)),
    best: bests.length === 0 ? null : mean(bests),
    regret: regretJson(summarizeRegrets(replays.map(({ regret }) => regret))),
    beyondRecord: mean(replays.map(({ beyondRecord }) => beyondRecord)),
    goodTrialsLost: mean(replays.map((replay) => replay.lost.length)),
    lost: [...lost]
      .sort(([a], [b]) => a - b)
      .map(([trial, replaysLost]) => ({ trial, replays: replaysLost })),
  };
}

function differenceJson({ event, trial, step, recorded, replayed }: DecisionDifference): Json {
  const plain = (answer: DecisionDifference["recorded"]): Json => JSON.parse(JSON.stringify(answer ?? null));
  return { event, trial, step: step ?? null, recorded: plain(recorded), replayed: plain(replayed) };
}

/** `curvewise replay STUDY` */
export async function replayRecorded(
  storage: string,
  name: string,
  request: StudyReplayRequest,
): Promise<void> {
  const { study, events } = await withStudy(storage, name, async (opened) => {
    const read: StudyEvent[] = [];
    for await (const { event } of opened.storage.readEvents(opened.summary.name)) read.push(event);
    return { study: opened.study, events: read };
  });
  const recorded = readTrainings(events);
  if (recorded === undefined || recorded.trainings.length === 0) {
    throw new CurvewiseError(
      "NOTHING_TO_REPLAY",
      `no trial of study "${study.definition.name}" has reported yet`,
      {
        hint: "Run the study first.",
      },
    );
  }
  const { scheduler, shuffled, budgets, workers } = request;
  const seeds =
    shuffled === undefined
      ? [study.definition.seed]
      : Array.from({ length: shuffled.seeds }, (_, seed) => seed);
  const sampler = shuffled === undefined ? {} : { sampler: shuffled.sampler };
  const progress = createCountProgress(seeds.length * WORLDS.length, "replays");
  const byWorld: { readonly world: World; readonly replays: WhatIf[] }[] = [];
  try {
    for (const world of WORLDS) {
      const replays: WhatIf[] = [];
      for (const seed of seeds) {
        replays.push(replayStudy({ recorded, scheduler, seed, budgets, workers, ...sampler }, world));
        await progress.advance();
      }
      byWorld.push({ world, replays });
    }
  } finally {
    progress.close();
  }
  const effort = recordedEffort(recorded);
  const good = goodTrials(recorded);
  const verification = verificationOf(study, events);
  if (request.json) {
    printJson({
      study: study.definition.name,
      scheduler: request.schedulerName,
      sampler: request.samplerName,
      budgets: [...budgets],
      seeds: seeds.length,
      workers,
      recorded: { ...effort, best: effort.best ?? null, goodTrials: good },
      whatIf: Object.fromEntries(byWorld.map(({ world, replays }) => [world, whatIfJson(replays)])),
      verification:
        verification === undefined
          ? null
          : { compared: verification.compared, differences: verification.differences.map(differenceJson) },
    });
    return;
  }
  const rows = byWorld.map(({ world, replays }) =>
    whatIfRow(request.schedulerName, world, replays, good.length, budgets.length),
  );
  const ends = `${effort.trainings - effort.open} of them with a known end`;
  const order =
    shuffled === undefined
      ? "in the recorded order"
      : `by the ${request.samplerName} sampler, mean of ${counted(seeds.length, "replay")}`;
  print(
    [
      factsText([
        ["study", `${styled("bold", study.definition.name)}: ${goalText(study.definition.goal)}`],
        ["trainings", `${effort.trainings}, ${ends}; replayed ${order}, ${counted(workers, "worker")}`],
        ["good trials", good.length === 0 ? "none is complete" : good.join(", ")],
      ]),
      effortText(effort, rows, budgets),
      verificationText(study, verification),
    ].join("\n\n"),
  );
}
