import { sampleParams } from "../../core/draw/sample-params.js";
import type { Metrics } from "../../core/events.js";
import type { Direction } from "../../core/goal.js";
import type { Scheduler, SchedulerChoice } from "../../core/scheduler.js";
import type { Study, TransferredStudy } from "../../core/study.js";
import { type StudyRecord, studyRecord } from "../../core/study-record.js";
import { encodeTransferred, transferredStudy } from "../../core/transferred-study.js";
import { lastStep } from "../../core/trial.js";
import { createRandom } from "../../math/random.js";
import { sharedSimulations } from "../shared-simulations.js";
import { SIMULATED_SPACE, simulatedDefinition } from "../simulated-study.js";
import { createStage, type Stage } from "../stage.js";

/** A separate purpose keeps these random numbers apart from the product's. */
const MERITS = 0xffe1;
const MAX_STEPS = 16;
const TRIALS = 24;
const SEEDS = [1, 2, 3, 4] as const;

/** A trial's rank among others when it was preferred to them or given up: from 0, the best, to 1, the worst. */
export interface Standings {
  /** Of each resumed trial, among those waiting at the same step. */
  readonly resumed: readonly number[];
  /** Of each stopped trial, compared with those that went on from that step. */
  readonly stopped: readonly number[];
  /** Of each model that was copied: 0 if it was better than the heir's own, 1 if it was worse. */
  readonly given: readonly number[];
}

/** A study played to its end, with its scheduler's preferences. */
export interface CalmStudy {
  readonly direction: Direction;
  readonly study: StudyRecord;
  readonly standings: Standings;
}

interface CalmSettings {
  readonly metricsAt: MetricsAt;
  readonly direction: Direction;
  readonly seed: number;
  readonly workers: number;
}

/** What a training reports, depending on how good its model is, in [0, 1]. */
export type MetricsAt = (merit: number, step: number, direction: Direction) => Metrics;

/** The curves fall in parallel and never cross. */
function parallel(merit: number, step: number, direction: Direction): Metrics {
  const loss = 0.6 * (1 - merit) + 0.4 * Math.exp(-step / 4);
  return { loss: direction === "minimize" ? loss : 1 - loss, accuracy: 1 - loss };
}

/** How good the models of a study's trials are. */
interface Merits {
  of(trial: number): number;
  /** From then on, a trial has a copy of another one's model. */
  copy(parent: number, heir: number): void;
  /** The share of other trials whose models are better; undefined if there are none. */
  standing(trial: number, others: readonly number[]): number | undefined;
}

function createMerits(seed: number): Merits {
  const known = new Map<number, number>();
  const of = (trial: number): number => {
    const merit = known.get(trial) ?? createRandom(seed, trial, MERITS).uniform();
    known.set(trial, merit);
    return merit;
  };
  return {
    of,
    copy: (parent, heir) => known.set(heir, of(parent)),
    standing: (trial, others) => {
      const rivals = others.filter((other) => other !== trial);
      if (rivals.length === 0) return undefined;
      return rivals.filter((other) => of(other) > of(trial)).length / rivals.length;
    },
  };
}

/** The trials with which a paused one competes: those waiting at the same step. */
function rivalsOf({ byState, trials }: Study, trial: number): number[] {
  const reached = (number: number): number => {
    const each = trials[number];
    return each === undefined ? 0 : lastStep(each);
  };
  return [...byState.paused].filter((number) => reached(number) === reached(trial));
}

/** Records a scheduler's preferences. */
class Preferences {
  readonly #merits: Merits;
  readonly #resumed: number[] = [];
  readonly #given: number[] = [];
  readonly #stops: { readonly trial: number; readonly step: number }[] = [];

  constructor(merits: Merits) {
    this.#merits = merits;
  }

  /** The scheduler, with its answers recorded. */
  watch(scheduler: Scheduler): Scheduler {
    const { population, transfer, snapshotEvery } = scheduler;
    return {
      ...(population === undefined ? {} : { population }),
      ...(transfer === undefined ? {} : { transfer }),
      ...(snapshotEvery === undefined ? {} : { snapshotEvery }),
      restore: (study) => scheduler.restore(study),
      observe: (event, study) => scheduler.observe(event, study),
      decide: (trial, step, study) => {
        const decision = scheduler.decide(trial, step, study);
        if (decision.action === "stop") this.#stops.push({ trial: trial.number, step });
        if (decision.action === "exploit") this.#give(decision.exploit.parent, trial.number);
        return decision;
      },
      resume: (study, isEnding, isClosed) => {
        const answer = scheduler.resume?.(study, isEnding, isClosed);
        if (answer?.exploit !== undefined) this.#give(answer.exploit.parent, answer.trial);
        // The members of a population take turns, so their order shows no preference.
        else if (answer !== undefined && population === undefined) {
          const place = this.#merits.standing(answer.trial, rivalsOf(study, answer.trial));
          if (place !== undefined) this.#resumed.push(place);
        }
        return answer;
      },
    };
  }

  #give(parent: number, heir: number): void {
    const [given, own] = [this.#merits.of(parent), this.#merits.of(heir)];
    if (given !== own) this.#given.push(given > own ? 0 : 1);
  }

  /** The standings once the study is over. */
  standings({ trials }: Study): Standings {
    const stopped = this.#stops.flatMap(({ trial, step }) => {
      const stoppedThere = new Set(
        this.#stops.filter((each) => each.step === step).map((each) => each.trial),
      );
      const others = trials.filter(
        ({ number, curve }) => curve.steps.includes(step) && !stoppedThere.has(number),
      );
      return (
        this.#merits.standing(
          trial,
          others.map(({ number }) => number),
        ) ?? []
      );
    });
    return { resumed: this.#resumed, stopped, given: this.#given };
  }
}

/** The running trial whose last turn was longest ago. */
function nextInTurn(running: Iterable<number>, turns: ReadonlyMap<number, number>): number | undefined {
  const turnOf = (trial: number): number => turns.get(trial) ?? -1;
  return [...running].toSorted((a, b) => turnOf(a) - turnOf(b) || a - b)[0];
}

/** The workers take turns until there is nothing to do, one step each. */
function playOn(
  stage: Stage,
  merits: Merits,
  { direction, workers, metricsAt }: CalmSettings,
  saves: boolean,
): void {
  const { study } = stage.course;
  const { running } = study.byState;
  const turns = new Map<number, number>();
  for (let turn = 0; turn < 100 * TRIALS * MAX_STEPS; turn++) {
    while (running.size < workers && stage.play({ kind: "ask", worker: "w" }));
    const trial = nextInTurn(running, turns);
    const now = trial === undefined ? undefined : study.trials[trial];
    if (trial === undefined || now === undefined) break;
    turns.set(trial, turn);
    const step = lastStep(now) + 1;
    if (step > MAX_STEPS || stage.told.has(trial)) {
      stage.play({ kind: "end", trial, end: { kind: "ended" } });
      continue;
    }
    const metrics = metricsAt(merits.of(trial), step, direction);
    stage.play({ kind: "report", trial, step, metrics, inPlace: true });
    if (stage.inheriting.has(trial)) stage.play({ kind: "inherit", trial, lost: false });
    else if (saves) stage.play({ kind: "snapshot", trial, step });
  }
}

const patient: Scheduler = {
  restore: () => {},
  observe: () => {},
  decide: () => ({ action: "continue" }),
};

/** Earlier studies of the same kind, with these names, in which all trials were trained to the end. */
function earlierCalmStudies(names: readonly string[], settings: CalmSettings): TransferredStudy[] {
  return names.map((name, place) => {
    const { study } = play(() => patient, {
      ...settings,
      metricsAt: parallel,
      seed: 100 * settings.seed + place,
    });
    return { ...transferredStudy(study, "loss", ["accuracy"]), name };
  });
}

function play(create: SchedulerChoice["create"], settings: CalmSettings): CalmStudy {
  const { seed, direction, workers } = settings;
  const definition = simulatedDefinition(
    { seed, direction, inFlight: workers, trials: TRIALS, maxSteps: MAX_STEPS, stride: 1, trouble: 0 },
    SIMULATED_SPACE,
  );
  const study = studyRecord(definition, 0);
  const merits = createMerits(seed);
  const preferences = new Preferences(merits);
  const scheduler = create({ goal: definition.goal, maxSteps: MAX_STEPS, seed, space: SIMULATED_SPACE });
  const stage = createStage({
    study,
    sampler: { ask: (_trial, random) => sampleParams(SIMULATED_SPACE, random) },
    scheduler: preferences.watch(scheduler),
    onEvent: (event) => {
      if (event.type === "exploited") merits.copy(event.parent, event.trial);
    },
  });
  for (const each of earlierCalmStudies(scheduler.transfer?.studies ?? [], settings)) {
    stage.push(encodeTransferred(each));
  }
  playOn(stage, merits, settings, scheduler.snapshotEvery !== undefined);
  return { direction, study, standings: preferences.standings(study) };
}

const played = sharedSimulations<readonly CalmStudy[]>();

/**
 * Studies whose curves fall in parallel and never cross, so that the better trial is clearly better at every step, and
 * in which nothing fails: with one worker and with four, minimizing and maximizing. Played once for all laws.
 */
export const calmStudies = (choice: SchedulerChoice): readonly CalmStudy[] =>
  played(choice).simulated("calm", () =>
    (["minimize", "maximize"] as const).flatMap((direction) =>
      SEEDS.map((seed) =>
        play(choice.create, { direction, seed, workers: seed % 2 === 0 ? 1 : 4, metricsAt: parallel }),
      ),
    ),
  );

/** A study of four workers in which trainings report something else. */
export function studyReporting(choice: SchedulerChoice, metricsAt: MetricsAt): StudyRecord {
  return play(choice.create, { direction: "minimize", seed: 1, workers: 4, metricsAt }).study;
}
