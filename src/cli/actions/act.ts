import { hasTrialLeft } from "../../core/course/budget.js";
import { requestText } from "../../core/course/carry-out.js";
import { CurvewiseError } from "../../core/errors.js";
import { isMapping, type Json, namesPrototype } from "../../core/json.js";
import type { Params, ParamValue } from "../../core/param.js";
import type { ControlRequest, StudyAction } from "../../core/request.js";
import { checkedRequest } from "../../core/request-schema.js";
import { createSearchSpace, problemsOfGiven } from "../../core/search-space.js";
import type { Study } from "../../core/study.js";
import { type SubmittedRequests, submitRequests } from "../../engine/submit-request.js";
import { trialNumber, withDatabase, withStudy } from "../database.js";
import { print, printJson } from "../output.js";
import { thisUser } from "../this-user.js";

/** Options of every command that asks something of a study. */
export interface ActOptions {
  readonly storage: string;
  readonly by?: string;
  readonly json?: boolean;
}
/** Options of `curvewise enqueue`. */
export interface EnqueueOptions extends ActOptions {
  readonly params: readonly string[];
}
/** Options of `curvewise extend`. */
export interface ExtendOptions extends ActOptions {
  readonly trials?: number;
  readonly steps?: number;
  readonly time?: number;
  readonly workers?: number;
}
/** Options of `curvewise tag`. */
export interface TagOptions extends ActOptions {
  readonly remove?: boolean;
}

function fateText({ coordinator, fate }: SubmittedRequests): string {
  if (coordinator !== undefined)
    return `its coordinator (process ${coordinator.pid} on ${coordinator.host}) carries it out within a second`;
  return fate === "done"
    ? "done, since nobody runs it"
    : "nobody runs it: this takes effect at the next `curvewise run`";
}

function tellAsked(study: Study, actions: readonly StudyAction[], submitted: SubmittedRequests): void {
  const { name } = study.definition;
  print(`Asked study "${name}" to ${actions.map(requestText).join(", ")}; ${fateText(submitted)}.`);
  const isEnqueued = actions.some(({ kind }) => kind === "enqueue");
  if (submitted.fate === "next-run" && isEnqueued && !hasTrialLeft(study))
    print(`Its budget has no room for another trial: give it some first, with \`curvewise extend ${name}\`.`);
}

/** Asks a study for what follows from its state and the words of the command line. */
async function act(
  name: string,
  options: ActOptions,
  actionsIn: (study: Study) => readonly StudyAction[],
): Promise<void> {
  const by = options.by ?? thisUser();
  // Read first: nothing is created or migrated for a name that is not there.
  const { study, actions } = await withStudy(options.storage, name, (opened) => ({
    study: opened.study,
    actions: actionsIn(opened.study),
  }));
  for (const action of actions) checkedRequest(by, action);
  await withDatabase(options.storage, "write", async (storage) => {
    const submitted = await submitRequests(storage, study.definition.name, by, actions);
    if (options.json !== true) {
      tellAsked(study, actions, submitted);
      return;
    }
    const { numbers, coordinator, fate } = submitted;
    printJson({
      study: study.definition.name,
      fate,
      requests: [...numbers],
      coordinator: coordinator === undefined ? null : { host: coordinator.host, pid: coordinator.pid },
    });
  });
}

/** A trial that can still be paused, resumed or stopped. @throws CurvewiseError `TRIAL_NOT_FOUND`, `TRIAL_ENDED` */
function openTrial(text: string, study: Study, kind: ControlRequest["kind"]): number {
  const number = trialNumber(text, study);
  const state = study.trials[number]?.state ?? "complete";
  if (state !== "complete" && state !== "stopped" && state !== "failed") return number;
  throw new CurvewiseError("TRIAL_ENDED", `trial ${number} is already ${state}, so it cannot ${kind}`, {
    hint: `\`curvewise trials ${study.definition.name}\` lists the trials with their states.`,
  });
}

/** Pauses, resumes or stops a study or some of its trials. */
export async function control(
  kind: ControlRequest["kind"],
  name: string,
  trials: readonly string[],
  options: ActOptions,
): Promise<void> {
  await act(name, options, (study) =>
    trials.length === 0
      ? [{ kind }]
      : [...new Set(trials.map((text) => openTrial(text, study, kind)))].map((trial) => ({ kind, trial })),
  );
}

function refuseParams(message: string): never {
  throw new CurvewiseError("PARAMS_INVALID", message, {
    hint: `Give --params '{"lr": 0.1}' or --params lr=0.1, with values that lie in the search space.`,
  });
}

function parsedJson(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

/** Reads params from one JSON mapping, or from `name=value` for each, where a value that is not JSON is text. */
function paramsFrom(words: readonly string[]): Params {
  const [first = ""] = words;
  if (words.length === 1 && first.trimStart().startsWith("{")) {
    const value = parsedJson(first);
    if (value === undefined || !isMapping(value) || namesPrototype(value))
      return refuseParams(`--params is not a JSON mapping: ${first}`);
    return value;
  }
  const params: Record<string, ParamValue> = {};
  for (const word of words) {
    const [, param, text] = /^([A-Za-z_][\w.-]*)=(.*)$/s.exec(word) ?? [];
    if (param === undefined || text === undefined || param === "__proto__")
      return refuseParams(`--params needs name=value, but got ${word}`);
    const value = parsedJson(text);
    if (namesPrototype(value)) return refuseParams(`--params ${param} names __proto__`);
    params[param] = value === undefined ? text : value;
  }
  return params;
}

/** Has params tried next. */
export async function enqueue(name: string, options: EnqueueOptions): Promise<void> {
  const params = paramsFrom(options.params);
  await act(name, options, ({ definition }) => {
    const problems = problemsOfGiven(createSearchSpace(definition.space), params);
    if (problems.length > 0) refuseParams(`params ${JSON.stringify(params)}: ${problems.join("; ")}`);
    return [{ kind: "enqueue", params }];
  });
}

/** Raises the budget, or changes the number of workers. */
export async function extend(name: string, options: ExtendOptions): Promise<void> {
  const { trials, steps, time, workers } = options;
  const limits = {
    ...(trials === undefined ? {} : { trials }),
    ...(steps === undefined ? {} : { totalSteps: steps }),
    ...(time === undefined ? {} : { time }),
  };
  const actions: StudyAction[] = [
    ...(Object.keys(limits).length === 0 ? [] : [{ kind: "budget", ...limits } as const]),
    ...(workers === undefined ? [] : [{ kind: "workers", workers } as const]),
  ];
  if (actions.length === 0) {
    throw new CurvewiseError("REQUEST_INVALID", "nothing is to be extended", {
      hint: "Give --trials, --steps, --time or --workers.",
    });
  }
  await act(name, options, () => actions);
}

/** Adds a note to a study or a trial. */
export async function note(
  name: string,
  first: string,
  second: string | undefined,
  options: ActOptions,
): Promise<void> {
  await act(name, options, (study) => [
    second === undefined
      ? { kind: "note", text: first }
      : { kind: "note", trial: trialNumber(first, study), text: second },
  ]);
}

/** Adds tags to a study or a trial, or removes them. */
export async function tag(name: string, words: readonly string[], options: TagOptions): Promise<void> {
  const [first = "", ...others] = words;
  const isTrial = /^\d+$/.test(first);
  if (isTrial && others.length === 0) {
    throw new CurvewiseError("REQUEST_INVALID", `${first} is a trial's number, not a tag`, {
      hint: `Name tags, too: curvewise tag ${name} ${first} good.`,
    });
  }
  const tags = isTrial ? others : words;
  await act(name, options, (study) => [
    {
      kind: "tags",
      ...(isTrial ? { trial: trialNumber(first, study) } : {}),
      add: options.remove === true ? [] : [...tags],
      remove: options.remove === true ? [...tags] : [],
    },
  ]);
}
