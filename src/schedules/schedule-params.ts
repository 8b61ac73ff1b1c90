import { CurvewiseError } from "../core/errors.js";
import type { ParamValue } from "../core/param.js";
import { scheduleNamed, scheduleNames } from "./kinds.js";
import { parseSchedule, type Schedule } from "./schedule.js";

function refuse(message: string, hint: string): never {
  throw new CurvewiseError("SCHEDULE_INVALID", message, { hint });
}

/** Converts a param's value to an option's: a list may be written as a JSON string. */
export function valueOfText(value: ParamValue): unknown {
  if (typeof value !== "string" || !value.trimStart().startsWith("[")) return value;
  try {
    return JSON.parse(value);
  } catch (cause) {
    throw new CurvewiseError("SCHEDULE_INVALID", `${JSON.stringify(value)} is not a JSON list`, {
      hint: "Write a list as JSON, such as [1000, 2000].",
      cause,
    });
  }
}

/** Settings of {@link scheduleFromParams}. */
export interface FromParamsSettings {
  /** The name of the param that holds the kind of schedule; by default `schedule`. */
  readonly name?: string;
  /** The rate for a schedule whose params do not include one, such as `params.lr`. */
  readonly rate?: number;
}

/** Options by the part of the name before them: a kind or `warmup`. */
type Groups = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/** `schedule.cosine.duration` as the option `duration` of the group `cosine`. */
function groupsOf(params: Readonly<Record<string, ParamValue | undefined>>, name: string): Groups {
  const groups = new Map<string, Record<string, unknown>>();
  for (const [full, value] of Object.entries(params)) {
    if (value === undefined || !full.startsWith(`${name}.`)) continue;
    const [group = "", ...option] = full.slice(name.length + 1).split(".");
    groups.set(group, { ...groups.get(group), [option.join(".")]: valueOfText(value) });
  }
  return groups;
}

/**
 * The schedule that a trial's params describe, by the names that `scheduleSpace` and study files give them: `schedule`
 * is the kind, `schedule.KIND.OPTION` its options, `schedule.warmup.OPTION` those of the warmup, and `schedule.unit`
 * the unit. Anything left out has its default.
 *
 * @param params a trial's params; those with other names are ignored
 * @example scheduleFromParams({ lr: 0.1, schedule: "cosine", "schedule.cosine.duration": 1000 }, { rate: 0.1 })
 * @throws CurvewiseError `SCHEDULE_INVALID` when there is no such schedule, or an option is unknown, invalid or of
 *   another kind
 */
export function scheduleFromParams(
  params: Readonly<Record<string, ParamValue | undefined>>,
  settings: FromParamsSettings = {},
): Schedule {
  const { name = "schedule", rate } = settings;
  const known = `Known: ${scheduleNames.join(", ")}.`;
  const kind = params[name];
  if (kind === undefined)
    return refuse(`the params have no ${name}`, `Give ${name}, the kind of schedule. ${known}`);
  const definition = typeof kind === "string" ? scheduleNamed(kind) : undefined;
  if (definition === undefined) return refuse(`${name} cannot be ${JSON.stringify(kind)}`, known);
  const { scheduleName } = definition;
  const groups = groupsOf(params, name);
  const stray = [...groups.keys()].find((group) => ![scheduleName, "warmup", "unit"].includes(group));
  if (stray !== undefined) {
    const option = Object.keys(groups.get(stray) ?? {})[0] ?? "";
    const full = [name, stray, option].filter((part) => part !== "").join(".");
    refuse(
      `${full} is set, but ${name} is ${scheduleName}`,
      `Leave it out; the options of ${scheduleName} are ${name}.${scheduleName}.*`,
    );
  }
  const needsRate = rate !== undefined && "rate" in definition.options.shape;
  const options = { ...(needsRate ? { rate } : {}), ...groups.get(scheduleName) };
  const unit = groups.get("unit")?.[""];
  const warmup = groups.get("warmup");
  return parseSchedule({
    [scheduleName]: options,
    ...(unit === undefined ? {} : { unit }),
    ...(warmup === undefined ? {} : { warmup }),
  });
}
