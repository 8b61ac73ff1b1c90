import { z } from "zod";
import { messageOf } from "../../core/errors.js";
import type { Json } from "../../core/json.js";
import { anyNumber, isPythonJson, jsonValue, parsePythonJson } from "../python-json.js";
import { refuseFile } from "../refusals.js";
import {
  OPTUNA_DIRECTIONS,
  OPTUNA_STATES,
  type OptunaParam,
  type OptunaState,
  type OptunaStudy,
  type OptunaTrial,
  parseDistribution,
} from "./optuna-study.js";

const attributes = z.record(z.string(), jsonValue);
const moment = z.string().transform((text) => {
  // Optuna before version 3.1 wrote local times without a zone; nothing says which zone that was.
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
});
const state = z.literal([0, 1, 2, 3, 4]).transform((number) => OPTUNA_STATES[number]);
const values = z.array(anyNumber);
/** Keys of JSON are text, and `Number` would read an empty one as 0. */
const stepText = z.string().regex(/^-?\d+$/, "a step must be a whole number");

/** What a line can say; `op_code` says which. */
const operations = {
  0: z.object({ study_name: z.string(), directions: z.array(z.int()) }),
  1: z.object({ study_id: z.int() }),
  2: z.object({ study_id: z.int(), user_attr: attributes }),
  3: z.object({ study_id: z.int(), system_attr: attributes }),
  4: z.object({
    study_id: z.int(),
    datetime_start: moment.nullish(),
    datetime_complete: moment.nullish(),
    state: state.optional(),
    value: anyNumber.nullish(),
    values: values.nullish(),
    params: z.record(z.string(), anyNumber).default({}),
    distributions: z.record(z.string(), z.string()).default({}),
    intermediate_values: z.record(stepText, anyNumber).default({}),
    user_attrs: attributes.default({}),
    system_attrs: attributes.default({}),
  }),
  5: z.object({
    trial_id: z.int(),
    param_name: z.string(),
    param_value_internal: anyNumber,
    distribution: z.string(),
  }),
  6: z.object({
    trial_id: z.int(),
    state,
    values: values.nullish(),
    datetime_start: moment.nullish(),
    datetime_complete: moment.nullish(),
  }),
  7: z.object({ trial_id: z.int(), step: z.int(), intermediate_value: anyNumber }),
  8: z.object({ trial_id: z.int(), user_attr: attributes }),
  9: z.object({ trial_id: z.int(), system_attr: attributes }),
};

interface GrowingTrial extends OptunaTrial {
  state: OptunaState;
  startedAt: number | undefined;
  endedAt: number | undefined;
  values: readonly number[] | undefined;
  readonly params: Map<string, OptunaParam>;
  readonly intermediates: Map<number, number>;
  userAttributes: Readonly<Record<string, Json>>;
  systemAttributes: Readonly<Record<string, Json>>;
}
interface GrowingStudy extends OptunaStudy {
  userAttributes: Readonly<Record<string, Json>>;
  systemAttributes: Readonly<Record<string, Json>>;
  readonly trials: GrowingTrial[];
}

interface Replay {
  /** By id; undefined once deleted. */
  readonly studies: (GrowingStudy | undefined)[];
  /** By id, of all studies. */
  readonly trials: GrowingTrial[];
}

const isEnded = (given: OptunaState): boolean => given !== "RUNNING" && given !== "WAITING";

function createTrial({ studies, trials }: Replay, body: z.output<(typeof operations)[4]>): void {
  const study = studies[body.study_id];
  if (study === undefined) return;
  const params = Object.entries(body.params).flatMap(([name, internal]): [string, OptunaParam][] => {
    const distribution = Object.hasOwn(body.distributions, name) ? body.distributions[name] : undefined;
    return distribution === undefined
      ? []
      : [[name, { internal, distribution: parseDistribution(distribution) }]];
  });
  const { value, values: several } = body;
  const trial: GrowingTrial = {
    state: body.state ?? "RUNNING",
    startedAt: body.datetime_start ?? undefined,
    endedAt: body.datetime_complete ?? undefined,
    params: new Map(params),
    values: several ?? (value === null || value === undefined ? undefined : [value]),
    intermediates: new Map(
      Object.entries(body.intermediate_values).map(([step, each]) => [Number(step), each]),
    ),
    userAttributes: body.user_attrs,
    systemAttributes: body.system_attrs,
  };
  study.trials.push(trial);
  trials.push(trial);
}

function endOrStart(trial: GrowingTrial, body: z.output<(typeof operations)[6]>): void {
  // Two workers popped the same trial: the second one is refused.
  if (body.state === undefined || (body.state === "RUNNING" && trial.state === "RUNNING")) return;
  trial.state = body.state;
  if (body.state === "RUNNING") trial.startedAt = body.datetime_start ?? trial.startedAt;
  if (isEnded(body.state)) trial.endedAt = body.datetime_complete ?? undefined;
  if (body.values !== null && body.values !== undefined) trial.values = body.values;
}

function apply(replay: Replay, line: unknown): void {
  const { op_code: code } = z.object({ op_code: z.int() }).parse(line);
  const { studies, trials } = replay;
  /** The trial, unless it has ended: then nothing about it changes. */
  const open = (id: number): GrowingTrial | undefined => {
    const trial = trials[id];
    return trial === undefined || isEnded(trial.state) ? undefined : trial;
  };
  switch (code) {
    case 0: {
      const { study_name: name, directions } = operations[0].parse(line);
      if (studies.some((study) => study?.name === name)) return;
      studies.push({
        name,
        directions: directions.map((each) => OPTUNA_DIRECTIONS[each] ?? "NOT_SET"),
        userAttributes: {},
        systemAttributes: {},
        trials: [],
      });
      return;
    }
    case 1:
      studies[operations[1].parse(line).study_id] = undefined;
      return;
    case 2: {
      const body = operations[2].parse(line);
      const study = studies[body.study_id];
      if (study !== undefined) study.userAttributes = { ...study.userAttributes, ...body.user_attr };
      return;
    }
    case 3: {
      const body = operations[3].parse(line);
      const study = studies[body.study_id];
      if (study !== undefined) study.systemAttributes = { ...study.systemAttributes, ...body.system_attr };
      return;
    }
    case 4:
      createTrial(replay, operations[4].parse(line));
      return;
    case 5: {
      const body = operations[5].parse(line);
      const distribution = parseDistribution(body.distribution);
      open(body.trial_id)?.params.set(body.param_name, { internal: body.param_value_internal, distribution });
      return;
    }
    case 6: {
      const body = operations[6].parse(line);
      const trial = open(body.trial_id);
      if (trial !== undefined) endOrStart(trial, body);
      return;
    }
    case 7: {
      const body = operations[7].parse(line);
      open(body.trial_id)?.intermediates.set(body.step, body.intermediate_value);
      return;
    }
    case 8: {
      const body = operations[8].parse(line);
      const trial = open(body.trial_id);
      if (trial !== undefined) trial.userAttributes = { ...trial.userAttributes, ...body.user_attr };
      return;
    }
    case 9: {
      const body = operations[9].parse(line);
      const trial = open(body.trial_id);
      if (trial !== undefined) trial.systemAttributes = { ...trial.systemAttributes, ...body.system_attr };
      return;
    }
    case 10:
      // Only Rustuna's storages write it, and Optuna passes over it too.
      return;
    default:
      throw new TypeError(`op_code ${code} is unknown`);
  }
}

/**
 * Reads a journal: one operation a line, as `JournalFileBackend` of Optuna 3 to 5 writes it. A last line that is not
 * whole yet, because a study is running, is left out.
 *
 * @param file its name, for messages
 * @throws CurvewiseError `IMPORT_INVALID`, with the line
 */
export function readJournal(text: string, file: string): OptunaStudy[] {
  const replay: Replay = { studies: [], trials: [] };
  const lines = text.split("\n");
  const unended = lines.pop() ?? "";
  if (unended !== "" && isPythonJson(unended)) lines.push(unended);
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") continue;
    try {
      apply(replay, parsePythonJson(line));
    } catch (error) {
      const why =
        error instanceof z.ZodError ? z.prettifyError(error).split("\n").join(" ") : messageOf(error);
      refuseFile(file, `line ${index + 1} is not an operation of an Optuna journal: ${why}`, {
        hint: "Give the file that JournalFileBackend of Optuna 3.1 or newer writes.",
        cause: error,
      });
    }
  }
  return replay.studies.filter((study) => study !== undefined);
}
