import { messageOf } from "../core/errors.js";
import { trialNumberOf } from "../core/event-trial.js";
import type { StudyEvent } from "../core/events.js";
import { historyOf, type Stage, stagesOf } from "../core/lineage.js";
import type { Params } from "../core/param.js";
import { sameValue } from "../core/param-value.js";
import { ofFirstTrainings } from "../core/replicates.js";
import type { Study } from "../core/study.js";
import { filledParams } from "../core/study-change.js";

/** Some steps of a model, as recorded in the log during training. */
interface TrainedPart {
  readonly trial: number;
  readonly inheritances: number;
  readonly fromStep: number;
  readonly toStep: number;
  readonly params: Params;
}

/** A model: the parts of its training, in order. */
type Model = readonly TrainedPart[];

/** A trial while the log is read. */
interface Life {
  params: Params;
  inheritances: number;
  model: Model;
  /** The models that it gave up, each in its last state. */
  readonly given: Model[];
  /** The model that it will go on with once it has been copied. */
  awaited: Model | undefined;
}

const stepOf = (model: Model): number => model.at(-1)?.toStep ?? 0;

/** A model as it was at an earlier step. */
function cutAt(model: Model, step: number): Model {
  return model
    .filter(({ fromStep }) => fromStep < step)
    .map((part) => (part.toStep > step ? { ...part, toStep: step } : part));
}

function trained({ model, inheritances, params }: Life, trial: number, step: number): Model {
  const last = model.at(-1);
  if (last?.trial === trial && last.inheritances === inheritances)
    return [...model.slice(0, -1), { ...last, toStep: step }];
  return [...model, { trial, inheritances, fromStep: stepOf(model), toStep: step, params }];
}

/** A change of the space says which values added params had in everything that was trained before. */
function fillAdded(
  lives: readonly Life[],
  saved: Map<string, Model>,
  { space, filled }: Extract<StudyEvent, { readonly type: "study-changed" }>,
): void {
  if (space === undefined || filled === undefined) return;
  const fill = (model: Model): Model =>
    model.map((part) => ({ ...part, params: filledParams(space, part.params, filled) }));
  for (const life of lives) {
    life.params = filledParams(space, life.params, filled);
    life.model = fill(life.model);
    life.awaited = life.awaited && fill(life.awaited);
    life.given.splice(0, life.given.length, ...life.given.map(fill));
  }
  for (const [path, model] of saved) saved.set(path, fill(model));
}

/**
 * Follows every model through a log: which trial trained which of its steps, with which params. It does not use the
 * study's own record of inheritances.
 *
 * @returns by trial: its models, the current one last
 */
function modelsOf(events: Iterable<StudyEvent>, flaws: string[]): Model[][] {
  const lives: Life[] = [];
  const saved = new Map<string, Model>();
  for (const event of ofFirstTrainings(events)) {
    if (event.type === "study-changed") fillAdded(lives, saved, event);
    if (event.type === "trial-asked")
      lives.push({ params: event.params, inheritances: 0, model: [], given: [], awaited: undefined });
    const number = trialNumberOf(event);
    const life = number === undefined ? undefined : lives[number];
    if (life === undefined) continue;
    switch (event.type) {
      case "reported":
        if (event.step <= stepOf(life.model))
          flaws.push(`trial ${event.trial}: step ${event.step} is reported after step ${stepOf(life.model)}`);
        else life.model = trained(life, event.trial, event.step);
        break;
      case "snapshot-saved":
        saved.set(event.path, cutAt(life.model, event.step));
        break;
      case "decided":
      case "resumed":
        if (event.exploit !== undefined) life.awaited = saved.get(event.exploit.snapshot.path);
        break;
      case "exploited": {
        const model = life.awaited;
        if (model === undefined) flaws.push(`trial ${event.trial} inherits a model that was never saved`);
        else if (stepOf(model) !== event.step)
          flaws.push(
            `trial ${event.trial} inherits step ${event.step} of a model that was saved at ${stepOf(model)}`,
          );
        life.given.push(life.model);
        life.model = model ?? [];
        life.awaited = undefined;
        life.params = event.params;
        life.inheritances += 1;
        saved.set(event.path, life.model);
        break;
      }
      default:
        break;
    }
  }
  return lives.map(({ given, model }) => [...given, model]);
}

function areSameParams(a: Params, b: Params): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => sameValue(a[name], b[name]));
}

function isSamePart(a: TrainedPart, b: TrainedPart | undefined): boolean {
  return (
    b !== undefined &&
    a.trial === b.trial &&
    a.inheritances === b.inheritances &&
    a.fromStep === b.fromStep &&
    a.toStep === b.toStep &&
    areSameParams(a.params, b.params)
  );
}

const partText = ({ trial, inheritances, fromStep, toStep }: TrainedPart): string =>
  `steps ${fromStep} to ${toStep} by model ${inheritances} of trial ${trial}`;

/** Where the history of one of a trial's models differs from the log. */
function flawsOfModel(history: readonly Stage[], model: Model, end: number): string[] {
  const flaws: string[] = [];
  let reached = 0;
  for (const part of history) {
    if (part.fromStep !== reached || part.toStep <= part.fromStep)
      flaws.push(`${partText(part)} do not follow step ${reached}`);
    reached = part.toStep;
  }
  if (reached !== end) flaws.push(`it ends at step ${reached}, but the model ends at ${end}`);
  const place = history.findIndex((part, index) => !isSamePart(part, model[index]));
  const odd = history[place];
  if (odd !== undefined) {
    const told = model[place];
    flaws.push(
      `it has ${partText(odd)}, but the log has ${told === undefined ? "nothing there" : partText(told)}`,
    );
  } else if (model.length > history.length) flaws.push("it lacks parts that the log has");
  return flaws;
}

function flawsOfTrial(study: Study, number: number, models: readonly Model[]): string[] {
  const trial = study.trials[number];
  if (trial === undefined) return [`trial ${number} is in the log but not in the study`];
  const stages = stagesOf(trial);
  if (stages.length !== models.length) {
    const counts = `${stages.length - 1} times according to the study, but ${models.length - 1} times according to the log`;
    return [`trial ${number} inherited ${counts}`];
  }
  return models.flatMap((model, index) =>
    flawsOfModel(historyOf(study, number, index), model, stages[index]?.toStep ?? 0).map(
      (flaw) => `the history of model ${index} of trial ${number}: ${flaw}`,
    ),
  );
}

/**
 * Checks the lineage that a study keeps against its log: the history of every model that a trial ever had must run from
 * step 0 to its last step without a gap, each step trained by the trial and with the params found in the log, and no
 * model may come from one that was created after it.
 *
 * @param study the fold of the log
 * @param events the whole log, in order
 * @returns one sentence per problem; empty if the tree is valid
 */
export function lineageFlaws(study: Study, events: Iterable<StudyEvent>): string[] {
  const flaws: string[] = [];
  for (const [number, models] of modelsOf(events, flaws).entries()) {
    try {
      flaws.push(...flawsOfTrial(study, number, models));
    } catch (error) {
      flaws.push(messageOf(error));
    }
  }
  return flaws;
}
