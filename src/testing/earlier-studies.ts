import type { SearchSpace } from "../core/search-space.js";
import type { TransferredStudy } from "../core/study.js";
import { applyEvent } from "../core/study-fold.js";
import { type StudyRecord, studyRecord } from "../core/study-record.js";
import { transferredStudy } from "../core/transferred-study.js";
import { type Simulation, type SimulationSettings, simulateStudy } from "./simulated-study.js";

/** A simulated study as it was after `count` events, including `study-created`. */
export function studyAfter({ definition, events }: Simulation, count: number): StudyRecord {
  const study = studyRecord(definition, 0);
  for (const event of events.slice(0, count - 1)) applyEvent(study, event);
  return study;
}

/** How long the trainings of earlier studies are, in turn, relative to the study's own. */
const LENGTHS = [1, 2, 0.5] as const;

/** Earlier studies with these names, in which everything was decided at random. */
export function earlierStudies(
  settings: SimulationSettings,
  names: readonly string[],
  space?: SearchSpace,
): TransferredStudy[] {
  return names.map((name, place) => {
    const length = LENGTHS[place % LENGTHS.length] ?? 1;
    const maxSteps = Math.max(1, Math.round(settings.maxSteps * length));
    const simulation = simulateStudy(
      { ...settings, seed: settings.seed + place + 1, maxSteps, trials: 20 },
      space === undefined ? {} : { space },
    );
    const study = studyAfter(simulation, simulation.events.length + 1);
    return { ...transferredStudy(study, "loss", ["accuracy"]), name };
  });
}
