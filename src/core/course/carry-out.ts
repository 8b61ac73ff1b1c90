import { createRandom, PURPOSE } from "../../math/random.js";
import { completeParams } from "../draw/sample-params.js";
import { isCurvewiseError } from "../errors.js";
import type { EventBody, Note, Resumed } from "../events.js";
import type { Params } from "../param.js";
import {
  type BudgetRequest,
  type ControlRequest,
  REQUEST_RULE,
  type StudyAction,
  type StudyRequest,
} from "../request.js";
import type { Scheduler } from "../scheduler.js";
import type { SearchSpace } from "../search-space.js";
import type { Study } from "../study.js";
import type { Budget } from "../study-definition.js";
import { hasTrialLeft, isSpent } from "./budget.js";
import { trialAsked } from "./new-trial.js";

/** What requests are judged by. */
export interface RequestContext {
  readonly study: Study;
  readonly scheduler: Pick<Scheduler, "population">;
  readonly space: SearchSpace;
  /** Whether the coordinator trains trials itself, so that it can train more or fewer. */
  readonly trains: boolean;
}

/** The events of a request, or why it is refused. */
export type Judged = readonly EventBody[] | { readonly refused: string };

const refused = (reason: string): Judged => ({ refused: reason });

/** What a request asks for, to follow `asked to`. */
export function requestText(action: StudyAction): string {
  switch (action.kind) {
    case "pause":
    case "resume":
    case "stop":
      return `${action.kind} ${action.trial === undefined ? "the study" : `trial ${action.trial}`}`;
    case "enqueue":
      return `try ${JSON.stringify(action.params)}`;
    case "budget": {
      const { kind: _kind, ...limits } = action;
      return `raise the budget to ${JSON.stringify(limits)}`;
    }
    case "workers":
      return `train ${action.workers} at the same time`;
    case "note":
      return "add a note";
    case "tags":
      return "change tags";
  }
}

function controlStudy({ halt }: Study, { kind }: ControlRequest, by: string): Judged {
  const halted = halt?.action === "stop" ? "stopped" : "paused";
  if (kind === "resume" && halt === undefined) return refused("it is neither paused nor stopped");
  if (kind !== "resume" && (halt?.action === kind || halt?.action === "stop"))
    return refused(`${halt.by} has already ${halted} it`);
  return [{ type: "requested", by, action: kind }];
}

/** The event of a paused trial going on, or out of its scheduler's hands, because somebody asked for it. */
export const takenUp = (trial: number, by: string, asked: "go on" | "stop"): Resumed => ({
  type: "resumed",
  trial,
  explanation: {
    rule: REQUEST_RULE,
    reason: asked === "stop" ? `${by} asked to stop it.` : `${by} asked that it go on.`,
    values: {},
  },
});

function controlTrial(study: Study, kind: ControlRequest["kind"], number: number, by: string): Judged {
  const trial = study.trials[number];
  if (number >= study.trials.length) return refused(`there is no trial ${number}`);
  // A forgotten trial is complete.
  const state = trial?.state ?? "complete";
  if (state === "complete" || state === "stopped" || state === "failed")
    return refused(`trial ${number} is already ${state}`);
  const requested = { type: "requested", by, trial: number, action: kind } as const;
  const hold = study.held.get(number);
  if (hold?.action === "stop") return refused(`${hold.by} has already stopped it`);
  if (kind === "stop") return state === "paused" ? [takenUp(number, by, "stop"), requested] : [requested];
  if (kind === "pause") return hold === undefined ? [requested] : refused(`${hold.by} has already paused it`);
  if (hold !== undefined) return [requested];
  return state === "paused"
    ? [requested, takenUp(number, by, "go on")]
    : refused(`trial ${number} is ${state}, not paused`);
}

function enqueue({ study, scheduler, space }: RequestContext, given: Params, by: string): Judged {
  const { definition, trials } = study;
  const { length: number } = trials;
  if (isSpent(study)) return refused("the study is stopped, or its steps or time are used up");
  if (!hasTrialLeft(study)) return refused("the budget has no room for another trial; raise it first");
  if (number >= (scheduler.population ?? Number.POSITIVE_INFINITY))
    return refused("its population is complete");
  try {
    const random = createRandom(definition.seed, number, PURPOSE.params);
    return [trialAsked(definition, number, completeParams(space, given, random, number), "enqueue", by)];
  } catch (error) {
    if (!isCurvewiseError(error)) throw error;
    return refused(error.message);
  }
}

const LIMITS = ["trials", "totalSteps", "time"] as const;

function extend({ definition }: Study, action: BudgetRequest, by: string): Judged {
  const raised: { -readonly [Key in keyof Budget]: Budget[Key] } = { ...definition.budget };
  for (const limit of LIMITS) {
    const [wanted, present] = [action[limit], definition.budget[limit]];
    if (wanted === undefined) continue;
    if (present === undefined) return refused(`the budget has no limit of ${limit}`);
    if (wanted <= present) return refused(`the budget's ${limit} is ${present} and can only be raised`);
    raised[limit] = wanted;
  }
  return [{ type: "study-changed", budget: raised, by }];
}

const ofTrial = (trial: number | undefined) => (trial === undefined ? {} : { trial });

/** What a request comes to in the study as it is now. */
export function judgeRequest(context: RequestContext, { by, action }: StudyRequest): Judged {
  const { study } = context;
  const isKnown = (trial: number | undefined): boolean => trial === undefined || trial < study.trials.length;
  switch (action.kind) {
    case "pause":
    case "resume":
    case "stop":
      return action.trial === undefined
        ? controlStudy(study, action, by)
        : controlTrial(study, action.kind, action.trial, by);
    case "enqueue":
      return enqueue(context, action.params, by);
    case "budget":
      return extend(study, action, by);
    case "workers":
      return context.trains
        ? [{ type: "workers-set", by, workers: action.workers }]
        : refused("the coordinator trains nothing itself; start or end workers instead");
    case "note": {
      const { trial, text } = action;
      if (!isKnown(trial)) return refused(`there is no trial ${trial} to note "${text}" on`);
      return [{ type: "note", ...ofTrial(trial), code: "NOTE", message: text, by }];
    }
    case "tags": {
      const { trial, add, remove } = action;
      if (!isKnown(trial)) return refused(`there is no trial ${trial}`);
      return [{ type: "tagged", by, ...ofTrial(trial), added: [...add], removed: [...remove] }];
    }
  }
}

/**
 * The events by which a request is carried out, in the study as it is now; at least one. One that cannot be carried out
 * becomes a note that says why, with the code `REQUEST_REFUSED`.
 */
export function requestEvents(context: RequestContext, request: StudyRequest): readonly EventBody[] {
  const judged = judgeRequest(context, request);
  if (!("refused" in judged)) return judged;
  const { by, action } = request;
  const trial = "trial" in action ? action.trial : undefined;
  const note: Note = {
    type: "note",
    ...(trial !== undefined && trial < context.study.trials.length ? { trial } : {}),
    code: "REQUEST_REFUSED",
    message: `${by} asked to ${requestText(action)}, which was refused: ${judged.refused}`,
    by,
  };
  return [note];
}
