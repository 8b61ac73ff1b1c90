import { z } from "zod";
import { CurvewiseError } from "../core/errors.js";
import { namesPrototype } from "../core/json.js";
import type { Param, ParamValue } from "../core/param.js";
import { textOfValue } from "../core/param-value.js";
import type { StudyAction } from "../core/request.js";
import { checkedRequest } from "../core/request-schema.js";
import { createSearchSpace, problemsOfGiven } from "../core/search-space.js";
import type { Study } from "../core/study.js";
import type { SubmittedRequests } from "../engine/submit-request.js";
import type { RequestAnswer } from "../views/contract.js";

const trial = z.int().min(0);
const schema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.enum(["pause", "resume", "stop"]),
    trials: z.array(trial).min(1).max(10_000).optional(),
  }),
  z.strictObject({
    kind: z.literal("enqueue"),
    params: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
  }),
  z.strictObject({
    kind: z.literal("budget"),
    trials: z.int().positive().exactOptional(),
    steps: z.int().positive().exactOptional(),
    seconds: z.number().positive().exactOptional(),
  }),
  z.strictObject({ kind: z.literal("workers"), count: z.int().min(0) }),
  z.strictObject({ kind: z.literal("note"), text: z.string(), trial: trial.exactOptional() }),
  z.strictObject({
    kind: z.literal("tags"),
    add: z.array(z.string()),
    remove: z.array(z.string()),
    trial: trial.exactOptional(),
  }),
]);

/** What a request of the page asks of a study. @throws CurvewiseError `REQUEST_INVALID` */
export function actionsOf(request: unknown): StudyAction[] {
  if (namesPrototype(request))
    throw new CurvewiseError("REQUEST_INVALID", "the request names __proto__", {
      hint: "No param can have that name.",
    });
  const read = schema.safeParse(request);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new CurvewiseError(
      "REQUEST_INVALID",
      `${issue === undefined || issue.path.length === 0 ? "the request" : issue.path.join(".")}: ${issue?.message ?? "it is invalid"}`,
      {
        hint: "The page's contract says what may be asked.",
      },
    );
  }
  const { data } = read;
  switch (data.kind) {
    case "budget": {
      const { kind, trials, steps, seconds } = data;
      return [
        {
          kind,
          ...(trials === undefined ? {} : { trials }),
          ...(steps === undefined ? {} : { totalSteps: steps }),
          ...(seconds === undefined ? {} : { time: seconds }),
        },
      ];
    }
    case "workers":
      return [{ kind: "workers", workers: data.count }];
    case "enqueue":
    case "note":
    case "tags":
      return [data];
    default: {
      const { kind, trials } = data;
      return trials === undefined ? [{ kind }] : trials.map((number) => ({ kind, trial: number }));
    }
  }
}

/** A param's value as it was typed: an option that reads so, or a number. */
function typedValue(param: Param | undefined, typed: string | number | boolean): ParamValue {
  if (param === undefined || typeof typed !== "string") return typed;
  if (param.kind === "float" || param.kind === "int") {
    const value = Number(typed);
    return typed.trim() !== "" && Number.isFinite(value) ? value : typed;
  }
  const options = param.kind === "fixed" ? [param.value] : param.options;
  const place = options.findIndex((option) => textOfValue(option).trim() === typed.trim());
  // An option may be null.
  return options[place] === undefined ? typed : (options[place] ?? null);
}

/** The same action with params of the study's kinds: a form has only text. */
function typedAction({ definition: { space } }: Study, action: StudyAction): StudyAction {
  if (action.kind !== "enqueue") return action;
  const params = Object.entries(action.params).map(([name, value]) => {
    const isTyped = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
    return [
      name,
      isTyped ? typedValue(Object.hasOwn(space, name) ? space[name] : undefined, value) : value,
    ] as const;
  });
  return { ...action, params: Object.fromEntries(params) };
}

/** What of an action the study itself forbids. @throws CurvewiseError `PARAMS_INVALID` */
function checkAction({ definition }: Study, action: StudyAction): void {
  if (action.kind !== "enqueue") return;
  const problems = problemsOfGiven(createSearchSpace(definition.space), action.params);
  if (problems.length === 0) return;
  throw new CurvewiseError("PARAMS_INVALID", `these params cannot be tried: ${problems.join("; ")}`, {
    hint: "Give values that lie in the study's search space.",
  });
}

const FATES: Readonly<Record<SubmittedRequests["fate"], string>> = {
  done: "Done. Nobody runs the study.",
  coordinator: "Asked. The coordinator carries it out within a second.",
  "next-run": "Asked. Nobody runs the study: this takes effect at the next `curvewise run`.",
};

/** Passes on what somebody asked of a study. */
export type PassRequest = (study: Study, request: unknown) => Promise<RequestAnswer>;

/**
 * Passes requests on.
 *
 * @param by who asks, as the log names them: whose token it is, which the page cannot change
 * @param submit asks the named study for actions, and tells what becomes of them
 * @returns throws CurvewiseError `REQUEST_INVALID`; `PARAMS_INVALID` for params that are not of the study's space; and
 *   what `submit` throws
 */
export function createPassRequest(
  by: string,
  submit: (study: string, actions: readonly StudyAction[]) => Promise<SubmittedRequests["fate"]>,
): PassRequest {
  return async (study, request) => {
    const actions = actionsOf(request).map((action) => typedAction(study, action));
    for (const action of actions) {
      checkedRequest(by, action);
      checkAction(study, action);
    }
    return { message: FATES[await submit(study.definition.name, actions)] };
  };
}
