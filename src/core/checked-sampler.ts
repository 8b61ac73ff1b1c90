import { type Culprit, callAlgorithm, shownValue, tellAlgorithm, wrongAnswer } from "./algorithm-fault.js";
import type { Params } from "./param.js";
import { isSampler, type Sampler, type SamplerChoice, type SamplerSetup } from "./sampler.js";
import { ownParams, problemsOf } from "./search-space.js";

/** Whether a value has the shape of params, of whatever space. */
function isParams(value: unknown): value is Params {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((each) =>
    ["string", "number", "boolean", "object"].includes(typeof each),
  );
}

function checkedParams(culprit: Culprit, trial: number, answer: unknown, setup: SamplerSetup): Params {
  const proposed = `it proposed ${shownValue(answer)} for trial ${trial}`;
  if (!isParams(answer)) {
    throw wrongAnswer(
      culprit,
      "ask",
      proposed,
      "It must return the trial's params by name, or undefined when there are no more.",
    );
  }
  // A replay of a table looks candidates up by identity.
  if (setup.candidates !== undefined) return answer;
  const problems = problemsOf(setup.space, answer);
  if (problems.length > 0) throw wrongAnswer(culprit, "ask", `${proposed}: ${problems.join("; ")}`);
  // A sampler that changes its object later must not change the study.
  return ownParams(setup.space.params, { ...answer });
}

/** Checks what a sampler answers in its setup. */
function checkedSampler(culprit: Culprit, sampler: Sampler, setup: SamplerSetup): Sampler {
  const { transfer, size, plan } = sampler;
  return {
    ...(transfer === undefined ? {} : { transfer }),
    ...(size === undefined ? {} : { size }),
    ...(typeof plan === "string" ? { plan } : {}),
    restore: (study) => tellAlgorithm(culprit, "restore", () => sampler.restore?.(study)),
    observe: (event, study) => tellAlgorithm(culprit, "observe", () => sampler.observe?.(event, study)),
    ask: (trial, random, study) => {
      const answer = callAlgorithm(culprit, "ask", () => sampler.ask(trial, random, study));
      return answer === undefined ? undefined : checkedParams(culprit, trial, answer, setup);
    },
  };
}

/**
 * The same sampler with all its answers checked: errors that it throws name it, and params that violate the space, its
 * conditions or its constraints are refused before anything is recorded.
 *
 * Its methods throw CurvewiseError `ALGORITHM_FAILED`.
 */
export function checkedSamplerChoice(choice: SamplerChoice): SamplerChoice {
  const culprit: Culprit = { kind: "sampler", ...choice };
  const create = (setup: SamplerSetup): Sampler => {
    const sampler: unknown = callAlgorithm(culprit, "create", () => choice.create(setup));
    if (isSampler(sampler)) return checkedSampler(culprit, sampler, setup);
    const isObject = typeof sampler === "object" && sampler !== null && !(sampler instanceof Promise);
    const made = isObject ? "it made an object without `ask`" : `it made ${shownValue(sampler)}`;
    throw wrongAnswer(culprit, "create", made, "It must return an object with `ask`.");
  };
  const { transferring } = choice;
  return {
    ...choice,
    ...(transferring === undefined
      ? {}
      : { transferring: (studies: readonly string[]) => checkedSamplerChoice(transferring(studies)) }),
    create,
  };
}
