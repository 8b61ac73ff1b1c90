import { CurvewiseError } from "../core/errors.js";
import type { Param, Params, ParamValue, Space } from "../core/param.js";
import { contains, createSearchSpace, defaultOf } from "../core/search-space.js";

function refuse(study: string, message: string, hint: string): never {
  throw new CurvewiseError("STUDY_CHANGED", `study "${study}" cannot be changed like this: ${message}`, {
    hint,
  });
}

function valuesOf(param: Param): readonly ParamValue[] | undefined {
  if (param.kind === "fixed") return [param.value];
  return "options" in param ? param.options : undefined;
}

/** Whether some value of a param may be one of another param. */
function shareValues(before: Param, now: Param): boolean {
  const values = valuesOf(now);
  if (values !== undefined) return values.some((value) => contains(before, value));
  const old = valuesOf(before);
  if (old !== undefined) return old.some((value) => contains(now, value));
  return "low" in before && "low" in now && before.low <= now.high && now.low <= before.high;
}

/**
 * The values that added params had in earlier trials: their defaults, or what they are fixed at. Params come after those
 * that their conditions name. A conditional param may have no default: trials in which its condition holds then do not
 * fit the new space.
 *
 * @param study the study's name, for messages
 * @returns undefined if nothing has to be filled in
 * @throws CurvewiseError `STUDY_CHANGED` when a param was removed, when one was added whose value in earlier trials is not
 *   known, or when the kind of one was changed to another that has none of its values
 */
export function filledBy(study: string, before: Space, now: Space): Params | undefined {
  const removed = Object.keys(before).find((name) => !Object.hasOwn(now, name));
  if (removed !== undefined) {
    return refuse(
      study,
      `the param "${removed}" was removed, but the earlier trials have it`,
      `Keep it and fix it at one value: \`${removed}: { fixed: VALUE }\`.`,
    );
  }
  const filled: Record<string, ParamValue> = {};
  for (const name of createSearchSpace(now).order) {
    const param = now[name];
    if (param === undefined) continue;
    const old = Object.hasOwn(before, name) ? before[name] : undefined;
    if (old !== undefined) {
      if (old.kind === param.kind || shareValues(old, param)) continue;
      return refuse(
        study,
        `"${name}" was a ${old.kind} and is now a ${param.kind} that has none of its values`,
        "Add a param of another name instead.",
      );
    }
    const value = param.kind === "fixed" ? param.value : defaultOf(param);
    if (value !== undefined) filled[name] = value;
    else if (param.when === undefined) {
      return refuse(
        study,
        `the param "${name}" was added, and it is not known which value the earlier trials had`,
        `Give it a \`default\`: the value with which the earlier trials were trained.`,
      );
    }
  }
  return Object.keys(filled).length === 0 ? undefined : filled;
}

/**
 * Checks a changed `maxSteps`.
 *
 * @throws CurvewiseError `STUDY_CHANGED` unless it was raised in a study without replicates
 */
export function checkMaxSteps(
  study: string,
  before: number | undefined,
  now: number | undefined,
  replicates: number | undefined,
): void {
  if (before === now) return;
  if (before === undefined || now === undefined || now < before) {
    const how = now === undefined ? "removed" : before === undefined ? "added" : "lowered";
    return refuse(
      study,
      `maxSteps was ${how}, so that earlier complete trainings would mean something else`,
      "maxSteps can only be raised: complete trials then train on.",
    );
  }
  if (replicates !== undefined) {
    return refuse(
      study,
      "maxSteps was raised, but of the replicates of earlier trials only the last ones can train on",
      "Begin a new study, or leave maxSteps as it was.",
    );
  }
}
