import { readTrainings } from "../analysis/recorded-trainings.js";
import { summarizeRegrets } from "../analysis/regret.js";
import {
  goodTrials,
  type RecordedEffort,
  recordedEffort,
  replayStudy,
  type WhatIf,
} from "../analysis/replay-study.js";
import { ENOUGH_COMPLETE, type World } from "../analysis/study-worlds.js";
import { CurvewiseError } from "../core/errors.js";
import type { Json } from "../core/json.js";
import { countCopies } from "../core/lineage.js";
import type { Study } from "../core/study.js";
import { createCountProgress } from "./count-progress.js";
import { print, printJson, styled } from "./output.js";
import { type ReplayRequest, regretJson, regretText } from "./replay-curves.js";
import { readRecorded, verificationJson, verificationOf, verificationText } from "./replay-verification.js";
import { factsText, tableText } from "./table.js";
import { counted, durationText, goalText, numberText } from "./wording.js";

/** What to replay of a study, and how. */
export interface StudyReplayRequest extends Omit<ReplayRequest, "seeds" | "sampler"> {
  /** Where the study's own scheduler is, if the user says so. */
  readonly module: string | undefined;
  /** Undefined: once, in the order in which the study tried its trials. */
  readonly shuffled: { readonly sampler: ReplayRequest["sampler"]; readonly seeds: number } | undefined;
}

const WORLDS: readonly World[] = ["pessimistic", "optimistic"];

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

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

function refusePopulation({ definition }: Study): never {
  throw new CurvewiseError(
    "REPLAY_IMPOSSIBLE",
    `study "${definition.name}" is a population: its trials went on with each other's models and other params, and have no learning curves of their own`,
    {
      hint: `Leave --scheduler out to check its own decisions and its lineage; \`curvewise schedule ${definition.name}\` gives the schedule that it found.`,
    },
  );
}

/** `curvewise replay STUDY --scheduler X` */
export async function replayRecorded(
  storage: string,
  name: string,
  request: StudyReplayRequest,
): Promise<void> {
  const { study, events } = await readRecorded(storage, name);
  if (countCopies(study) > 0) refusePopulation(study);
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
  const isMeasured = effort.complete >= ENOUGH_COMPLETE;
  const measured = isMeasured ? budgets : [];
  const good = goodTrials(recorded);
  const verification = await verificationOf({ study, events }, request.module);
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
      verification: verificationJson(verification),
    });
    return;
  }
  const rows = byWorld.map(({ world, replays }) =>
    whatIfRow(request.schedulerName, world, replays, good.length, measured.length),
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
        ...(isMeasured
          ? []
          : [
              [
                "regret",
                `unknown: it is measured by the median of ${ENOUGH_COMPLETE} or more complete trainings; there ${effort.complete === 1 ? "is" : "are"} ${effort.complete}`,
              ] as const,
            ]),
      ]),
      effortText(effort, rows, measured),
      verificationText(study, verification),
    ].join("\n\n"),
  );
}
