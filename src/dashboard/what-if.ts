import { readTrainings } from "../analysis/recorded-trainings.js";
import { IN_RECORDED_ORDER } from "../analysis/replay-study.js";
import { replayTable } from "../analysis/replay-table.js";
import { tableOfStudy } from "../analysis/study-worlds.js";
import { knownSchedulers } from "../config/algorithms.js";
import type { Algorithm } from "../core/algorithm-schema.js";
import { CurvewiseError } from "../core/errors.js";
import type { StudyEvent } from "../core/events.js";
import { countCopies } from "../core/lineage.js";
import { nameHint } from "../core/nearest.js";
import type { SchedulerChoice } from "../core/scheduler.js";
import type { Study } from "../core/study.js";
import { bestSoFar, progressOf } from "../plots/index.js";
import { shortNumber } from "../plots/trial-text.js";
import type { WhatIfView } from "../views/contract.js";
import type { ViewedStudy } from "../views/viewed-study.js";
import { counted } from "../views/wording.js";

/** A replay of more trainings would keep the page waiting. */
const MOST_TRAININGS = 5000;

/** The schedulers that need nothing else than their defaults. */
export function replayableSchedulers(): string[] {
  return [...knownSchedulers()].flatMap(([name, { choose }]) => {
    try {
      choose();
      return [name];
    } catch {
      return [];
    }
  });
}

/**
 * Refuses what can be seen to be impossible without the log.
 *
 * @returns the scheduler
 * @throws CurvewiseError `SCHEDULER_UNKNOWN`; `REPLAY_TOO_LARGE`; `REPLAY_NOT_POSSIBLE`; `REPLAY_IMPOSSIBLE` for a
 *   population
 */
export function checkReplay(study: Study, scheduler: string): Algorithm<SchedulerChoice> {
  const known = knownSchedulers();
  const found = known.get(scheduler);
  if (found === undefined) {
    throw new CurvewiseError("SCHEDULER_UNKNOWN", `there is no scheduler "${scheduler}"`, {
      hint: nameHint(scheduler, [...known.keys()]),
    });
  }
  if (countCopies(study) > 0) {
    throw new CurvewiseError(
      "REPLAY_IMPOSSIBLE",
      "the study is a population: its trials went on with each other's models and other params, and have no learning curves of their own",
      {
        hint: `\`curvewise schedule ${study.definition.name}\` gives the schedule that it found.`,
      },
    );
  }
  const trainings = study.trials.filter(({ curve }) => curve.steps.length > 0).length;
  if (trainings === 0) {
    throw new CurvewiseError("REPLAY_NOT_POSSIBLE", "no trial of this study has reported anything yet", {
      hint: "Ask again when some trainings have ended.",
    });
  }
  if (trainings > MOST_TRAININGS) {
    throw new CurvewiseError(
      "REPLAY_TOO_LARGE",
      `the study has ${trainings} trainings; the page replays up to ${MOST_TRAININGS}`,
      {
        hint: `\`curvewise replay ${study.definition.name} --scheduler ${scheduler}\` replays it in a terminal.`,
      },
    );
  }
  return found;
}

/**
 * Replays a study's recorded trainings under another scheduler with its defaults, and draws both.
 *
 * @param events the study's whole log
 * @throws CurvewiseError what {@link checkReplay} throws; what the scheduler throws if it does not fit the study
 */
export function whatIf(
  { study, log }: ViewedStudy,
  events: readonly StudyEvent[],
  scheduler: string,
): WhatIfView {
  const found = checkReplay(study, scheduler);
  const recorded = readTrainings(events);
  if (recorded === undefined) throw new CurvewiseError("LOG_INVALID", "the log is empty");
  const table = tableOfStudy(recorded, "pessimistic");
  const replayed: StudyEvent[] = [];
  const replay = replayTable({
    table,
    scheduler: found.choose(),
    sampler: IN_RECORDED_ORDER,
    seed: study.definition.seed,
    transferred: study.transferred,
    onEvent: (event) => {
      if (event.type === "reported") replayed.push(event);
    },
  });
  const reports = replayed.flatMap((event) => (event.type === "reported" ? [event] : []));
  const real = progressOf({ study, reports: log.reports });
  const other = progressOf({ study: replay.study, reports });
  const drawn = bestSoFar.render({
    study,
    reports: log.reports,
    against: [
      {
        study: { ...replay.study, definition: { ...replay.study.definition, name: `under ${scheduler}` } },
        reports,
      },
    ],
  });
  const best = (value: number | undefined): string => (value === undefined ? "-" : shortNumber(value));
  const bests = { real: real.observed.at(-1)?.value, replayed: other.observed.at(-1)?.value };
  return {
    scheduler,
    plot: {
      title: `As it was, and under ${scheduler}`,
      sentence: `As recorded, ${counted(real.spent, "step")} led to ${best(bests.real)} at the best report; under ${scheduler}, ${counted(other.spent, "step")} lead to ${best(bests.replayed)}.`,
      figure: drawn,
      needs: drawn.data.length === 0 ? bestSoFar.needs : null,
    },
    facts: [
      { label: "steps", real: String(real.spent), replayed: String(other.spent) },
      {
        // Not the study's best, which goes by complete trainings.
        label: `best ${study.definition.goal.metric} at any report`,
        real: best(bests.real),
        replayed: best(bests.replayed),
      },
      {
        label: "complete trainings",
        real: String(study.byState.complete.size),
        replayed: String(replay.study.byState.complete.size),
      },
    ],
    caveat:
      "The trials are tried in the recorded order by one worker. What would have followed where a training was cut short is not known: its last value is taken as its end.",
  };
}
