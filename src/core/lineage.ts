import { CurvewiseError } from "./errors.js";
import type { StudyEvent } from "./events.js";
import type { Params } from "./param.js";
import { sameValue } from "./param-value.js";
import type { Study } from "./study.js";
import { lastStep, type Trial } from "./trial.js";

/** The part of a trial's life between two inheritances: it trains one model with one set of params. */
export interface Stage {
  readonly trial: number;
  /** How often the trial had inherited by then. */
  readonly inheritances: number;
  /** The step that its model had reached when the stage began; the stage's first step is the next one. */
  readonly fromStep: number;
  /** The step that its model reached; equal to {@link fromStep} if it trained nothing. */
  readonly toStep: number;
  readonly params: Params;
}

/** The start of a stage: a trial went on with another one's model. */
export interface Copy {
  readonly child: number;
  /** How often the child had inherited, counting this copy. */
  readonly inheritances: number;
  readonly parent: number;
  /** How often the parent had inherited by then: which of its models was copied. */
  readonly parentInheritances: number;
  /** The step that the child's own model had reached when it was dropped. */
  readonly at: number;
  /** The goal metric of that model; null if it had diverged or was never reported. */
  readonly reached: number | null;
  /** The step of the copied model. */
  readonly step: number;
  /** The goal metric that the parent had reported for it. */
  readonly value: number;
  /** The child's params until then, the params that trained the copied model, and the child's params from then on. */
  readonly before: Params;
  readonly copied: Params;
  readonly params: Params;
  /** Milliseconds since 1970; undefined without the log. */
  readonly time: number | undefined;
}

type Life = Pick<Trial, "number" | "params" | "curve" | "inheritances">;

/** A trial's stage, by how often it had inherited by then; undefined if there is no such stage. */
function stageOf(trial: Life, inheritances: number): Stage | undefined {
  const { number, params, inheritances: all } = trial;
  if (inheritances < 0 || inheritances > all.length) return undefined;
  const ending = all[inheritances];
  return {
    trial: number,
    inheritances,
    fromStep: all[inheritances - 1]?.step ?? 0,
    toStep: ending?.at ?? lastStep(trial),
    params: ending?.before ?? params,
  };
}

/** All stages of a trial's life, in order. */
export function stagesOf(trial: Life): Stage[] {
  return Array.from({ length: trial.inheritances.length + 1 }, (_, index) => stageOf(trial, index)).filter(
    (stage) => stage !== undefined,
  );
}

/** The params with which a trial trained up to a step of its curve, possibly before it inherited. */
export function paramsTowards(trial: Life, step: number): Params {
  const before = trial.inheritances.findLastIndex((inheritance) => inheritance.step < step) + 1;
  return trial.inheritances[before]?.before ?? trial.params;
}

function broken(trial: number, message: string): never {
  throw new CurvewiseError("LOG_INVALID", `the lineage of trial ${trial} is broken: ${message}`, {
    hint: "The study's log was modified by something else or is damaged; restore it from a backup.",
    kind: "failure",
  });
}

/**
 * How a trial's model was trained, from step 0 to its last step: by which trials, and with which params. Each part
 * begins where the previous one ends; params that trained nothing are left out, so a trial that has just inherited has
 * its parent's history.
 *
 * @param model which of the trial's models, by how often it had inherited by then; by default its current one
 * @throws CurvewiseError `LOG_INVALID` when the study is not the fold of a valid log, or there is no such model
 */
export function historyOf({ trials }: Pick<Study, "trials">, number: number, model?: number): Stage[] {
  const history: Stage[] = [];
  const seen = new Set<string>();
  let trial = trials[number] ?? broken(number, "there is no such trial");
  let inheritances = model ?? trial.inheritances.length;
  let toStep = stageOf(trial, inheritances)?.toStep ?? 0;
  for (;;) {
    const place = `${trial.number}/${inheritances}`;
    const stage = stageOf(trial, inheritances);
    if (stage === undefined || seen.has(place))
      return broken(number, `it leads to model ${inheritances} of trial ${trial.number}`);
    seen.add(place);
    if (toStep < stage.fromStep || toStep > stage.toStep) {
      broken(
        number,
        `model ${inheritances} of trial ${trial.number} has no step ${toStep}, only ${stage.fromStep} to ${stage.toStep}`,
      );
    }
    if (toStep > stage.fromStep) history.push({ ...stage, toStep });
    const source = trial.inheritances[inheritances - 1];
    if (source === undefined) return history.reverse();
    toStep = source.step;
    inheritances = source.parentInheritances;
    trial = trials[source.parent] ?? broken(number, `there is no trial ${source.parent}`);
  }
}

interface Moment {
  /** Its index among all exploits. */
  readonly place: number;
  readonly time: number;
}

/** When copies were made, by trial, in the order in which it inherited. */
function momentsOfCopies(events: Iterable<StudyEvent>): Map<number, Moment[]> {
  const moments = new Map<number, Moment[]>();
  let place = 0;
  for (const event of events) {
    if (event.type !== "exploited") continue;
    const own = moments.get(event.trial) ?? [];
    moments.set(event.trial, own);
    own.push({ place, time: event.time });
    place += 1;
  }
  return moments;
}

/**
 * A study's family tree: which trial went on with whose model, and with which params.
 *
 * @param events the study's log; with it, copies are in the order in which they were made, otherwise in the order of
 *   their children's numbers
 */
export function copiesOf({ trials }: Pick<Study, "trials">, events: Iterable<StudyEvent> = []): Copy[] {
  const moments = momentsOfCopies(events);
  const copies = trials.flatMap((trial) =>
    trial.inheritances.map(({ parent, parentInheritances, ...inheritance }, index) => {
      const source = trials[parent];
      const copied = source && stageOf(source, parentInheritances)?.params;
      if (copied === undefined) return broken(trial.number, `there is no model of trial ${parent}`);
      const params = stageOf(trial, index + 1)?.params ?? trial.params;
      const { place = 0, time } = moments.get(trial.number)?.[index] ?? {};
      const names = { child: trial.number, inheritances: index + 1, parent, parentInheritances };
      const copy: Copy = { ...names, ...inheritance, copied, params, time };
      return { place, copy };
    }),
  );
  return copies.sort((a, b) => a.place - b.place).map(({ copy }) => copy);
}

/** The params that changed in any copy of a study, in the order of the space. */
export function evolvingParams({ definition, trials }: Pick<Study, "definition" | "trials">): string[] {
  const copies = copiesOf({ trials });
  return Object.keys(definition.space).filter((name) =>
    copies.some(({ copied, params }) => !sameValue(copied[name], params[name])),
  );
}

/** How often trials of a study went on with another trial's model. */
export function countCopies({ trials }: Pick<Study, "trials">): number {
  return trials.reduce((sum, { inheritances }) => sum + inheritances.length, 0);
}
