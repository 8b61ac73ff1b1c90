import { z } from "zod";
import { type Culprit, callAlgorithm, shownValue, tellAlgorithm, wrongAnswer } from "./algorithm-fault.js";
import type { Decision } from "./decision.js";
import { paramValue } from "./param-schema.js";
import type { Resumption, Scheduler, SchedulerChoice, SchedulerSetup } from "./scheduler.js";
import { problemsOf } from "./search-space.js";
import type { Study } from "./study.js";

/** Includes NaN and the infinities, for which the log has words. */
const anyNumber = z.custom<number>((value) => typeof value === "number", "must be a number");
const trialNumber = z.int().min(0);

const explanation = z.strictObject({
  rule: z.string().min(1),
  reason: z.string().min(1),
  values: z.record(z.string(), anyNumber),
  steps: z.array(z.number()).exactOptional(),
  neighbours: z
    .array(
      z.strictObject({
        trial: trialNumber,
        study: z.string().exactOptional(),
        distance: anyNumber,
        performance: anyNumber.exactOptional(),
        forecast: anyNumber.exactOptional(),
      }),
    )
    .exactOptional(),
});

const exploit = z.strictObject({
  parent: trialNumber,
  snapshot: z.strictObject({ step: z.int().min(1), path: z.string(), digest: z.string() }),
  value: z.number(),
  params: z.record(z.string(), paramValue),
  waits: z.boolean().exactOptional(),
});

const decisionSchema = z.discriminatedUnion("action", [
  z.strictObject({ action: z.literal("continue"), explanation: explanation.exactOptional() }),
  z.strictObject({ action: z.literal(["pause", "stop"]), explanation }),
  z.strictObject({ action: z.literal("exploit"), explanation, exploit }),
]);

const resumptionSchema = z.strictObject({
  trial: trialNumber,
  explanation,
  exploit: exploit.exactOptional(),
});

const DECISION_HINT =
  'It must be {action: "continue"}, or "pause" or "stop" with an explanation: {rule, reason, values}.';
const RESUMPTION_HINT =
  "It must be undefined, or {trial, explanation: {rule, reason, values}} for a paused trial.";

function issueText({ issues }: z.ZodError): string {
  const [issue] = issues;
  if (issue === undefined) return "";
  const where = issue.path.length === 0 ? "" : `${issue.path.map(String).join(".")}: `;
  return `: ${where}${issue.message}`;
}

/** The most frequent answer by far, with nothing to check. */
function isBareContinue(answer: unknown): answer is { readonly action: "continue" } {
  if (typeof answer !== "object" || answer === null) return false;
  return "action" in answer && answer.action === "continue" && Object.keys(answer).length === 1;
}

interface Context {
  readonly culprit: Culprit;
  readonly setup: SchedulerSetup;
}

function checkExploit(
  { culprit, setup }: Context,
  method: string,
  { parent, params }: z.output<typeof exploit>,
  study: Study,
): void {
  const problems = setup.space === undefined ? [] : problemsOf(setup.space, params);
  if (parent >= study.trials.length) problems.unshift(`there is no trial ${parent}`);
  if (problems.length === 0) return;
  throw wrongAnswer(
    culprit,
    method,
    `it lets a trial go on with trial ${parent}'s model: ${problems.join("; ")}`,
  );
}

function checkedDecision(context: Context, answer: unknown, place: string, study: Study): Decision {
  if (isBareContinue(answer)) return answer;
  const parsed = decisionSchema.safeParse(answer);
  if (!parsed.success) {
    const problem = `it answered ${place} with ${shownValue(answer)}${issueText(parsed.error)}`;
    throw wrongAnswer(context.culprit, "decide", problem, DECISION_HINT);
  }
  const decision = parsed.data;
  if (decision.action === "exploit") checkExploit(context, "decide", decision.exploit, study);
  return decision;
}

function checkedResumption(context: Context, answer: unknown, study: Study): Resumption {
  const { culprit } = context;
  const parsed = resumptionSchema.safeParse(answer);
  if (!parsed.success) {
    const problem = `it answered with ${shownValue(answer)}${issueText(parsed.error)}`;
    throw wrongAnswer(culprit, "resume", problem, RESUMPTION_HINT);
  }
  const resumption = parsed.data;
  const { trial } = resumption;
  // A forgotten trial is complete.
  const state = study.trials[trial]?.state ?? (trial < study.trials.length ? "complete" : undefined);
  if (state !== "paused" && !(state === "failed" && resumption.exploit !== undefined)) {
    const which = state === undefined ? "which does not exist" : `which is ${state}`;
    throw wrongAnswer(culprit, "resume", `it resumed trial ${trial}, ${which}`, RESUMPTION_HINT);
  }
  if (resumption.exploit !== undefined) checkExploit(context, "resume", resumption.exploit, study);
  return resumption;
}

function checkedScheduler(culprit: Culprit, scheduler: Scheduler, setup: SchedulerSetup): Scheduler {
  const { population, transfer, snapshotEvery, plan } = scheduler;
  const context: Context = { culprit, setup };
  const resume = (study: Study, isEnding?: boolean, isClosed?: boolean): Resumption | undefined => {
    const answer = callAlgorithm(culprit, "resume", () => scheduler.resume?.(study, isEnding, isClosed));
    return answer === undefined ? undefined : checkedResumption(context, answer, study);
  };
  return {
    ...(population === undefined ? {} : { population }),
    ...(transfer === undefined ? {} : { transfer }),
    ...(snapshotEvery === undefined ? {} : { snapshotEvery }),
    ...(typeof plan === "string" ? { plan } : {}),
    restore: (study) => tellAlgorithm(culprit, "restore", () => scheduler.restore(study)),
    observe: (event, study) => tellAlgorithm(culprit, "observe", () => scheduler.observe(event, study)),
    decide: (trial, step, study) => {
      const answer = callAlgorithm(culprit, "decide", () => scheduler.decide(trial, step, study));
      return checkedDecision(context, answer, `trial ${trial.number} at step ${step}`, study);
    },
    // A scheduler without `resume` declares that it never pauses.
    ...(scheduler.resume === undefined ? {} : { resume }),
  };
}

const METHODS = ["restore", "observe", "decide"] as const;

function isScheduler(value: unknown): value is Scheduler {
  if (typeof value !== "object" || value === null) return false;
  return METHODS.every((method) => typeof Reflect.get(value, method) === "function");
}

/** What was made instead of a scheduler. */
function madeText(value: unknown): string {
  if (typeof value !== "object" || value === null || value instanceof Promise) return shownValue(value);
  const missing = METHODS.filter((method) => typeof Reflect.get(value, method) !== "function");
  return `an object without ${missing.map((method) => `\`${method}\``).join(", ")}`;
}

/**
 * The same scheduler with all its answers checked: errors that it throws name it, and an answer that is not a decision,
 * or resumes a trial that cannot go on, is refused before anything is recorded.
 *
 * Its methods throw CurvewiseError `ALGORITHM_FAILED`.
 */
export function checkedSchedulerChoice(choice: SchedulerChoice): SchedulerChoice {
  const culprit: Culprit = { kind: "scheduler", ...choice };
  const create = (setup: SchedulerSetup): Scheduler => {
    const scheduler: unknown = callAlgorithm(culprit, "create", () => choice.create(setup));
    if (isScheduler(scheduler)) return checkedScheduler(culprit, scheduler, setup);
    const made = `it made ${madeText(scheduler)}`;
    throw wrongAnswer(culprit, "create", made, `It must return an object with ${METHODS.join(", ")}.`);
  };
  const { transferring } = choice;
  return {
    ...choice,
    ...(transferring === undefined
      ? {}
      : { transferring: (studies: readonly string[]) => checkedSchedulerChoice(transferring(studies)) }),
    create,
  };
}
