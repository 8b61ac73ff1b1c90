import { parseConstraint } from "../core/constraint.js";
import { completeParams } from "../core/draw/sample-params.js";
import { CurvewiseError } from "../core/errors.js";
import { suggestName } from "../core/nearest.js";
import {
  type Condition,
  choice,
  fixed,
  float,
  int,
  type NumberPrior,
  ordinal,
  type Param,
  type Params,
  type ParamValue,
  type Requirement,
  type Space,
} from "../core/param.js";
import { checkPrior } from "../core/prior.js";
import {
  type Constraint,
  checkDefault,
  contains,
  createSearchSpace,
  type SearchSpace,
} from "../core/search-space.js";
import { createRandom, PURPOSE } from "../math/random.js";
import { scheduleSpace } from "../schedules/index.js";
import type { WrittenConstraint } from "./goal-section.js";
import { collectProblem } from "./problems.js";
import { PARAM_KINDS, type ParamInput, type PlainParamInput, plainParam } from "./study-schema.js";
import type { Problem, YamlSource } from "./yaml-source.js";

type ConditionInput = Exclude<ParamInput, ParamValue>["when"];
type RequirementInput = NonNullable<ConditionInput>[string];

const isRange = (
  requirement: RequirementInput,
): requirement is Extract<RequirementInput, { min?: number | undefined }> =>
  typeof requirement === "object" && requirement !== null && !Array.isArray(requirement);

/** The condition without undefined keys. */
function conditionOf(input: ConditionInput): Condition | undefined {
  if (input === undefined) return undefined;
  const entries = Object.entries(input).map(([name, requirement]): [string, Requirement] => {
    if (!isRange(requirement)) return [name, requirement];
    const { min, max } = requirement;
    return [name, { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) }];
  });
  return Object.fromEntries(entries);
}

type NumberPriorInput = Extract<NonNullable<PlainParamInput["prior"]>, { readonly around: number }>;

/** @throws CurvewiseError `SPACE_INVALID` unless it says in one way how near the best value is */
function numberPrior({ around, factor, within }: NumberPriorInput): NumberPrior {
  if (factor !== undefined && within === undefined) return { around, factor };
  if (within !== undefined && factor === undefined) return { around, within };
  throw new CurvewiseError(
    "SPACE_INVALID",
    `a prior needs ${factor === undefined ? "" : "only one of "}factor or within, besides around`,
    { hint: "Write {around: 1e-3, factor: 3} with log, and {around: 0.5, within: 0.1} without." },
  );
}

function paramOf(input: PlainParamInput): Param {
  const condition = conditionOf(input.when);
  const settings = condition === undefined ? {} : { when: condition };
  const { prior } = input;
  const listed = {
    ...settings,
    ...(input.default === undefined ? {} : { default: input.default }),
    ...(prior !== undefined && "weights" in prior ? { prior } : {}),
  };
  const numeric = {
    ...settings,
    ...(typeof input.default === "number" ? { default: input.default } : {}),
    ...(prior !== undefined && "around" in prior ? { prior: numberPrior(prior) } : {}),
    ...(input.log === undefined ? {} : { log: input.log }),
    ...(input.step === undefined ? {} : { step: input.step }),
  };
  if (input.float !== undefined) return float(...input.float, numeric);
  if (input.int !== undefined) return int(...input.int, numeric);
  if (input.choice !== undefined) return choice(input.choice, listed);
  if (input.ordinal !== undefined) return ordinal(input.ordinal, listed);
  return fixed(input.fixed === undefined ? "" : input.fixed, settings);
}

/** The options of a kind of schedule, with params for what is searched. */
function scheduleOptions(input: unknown): unknown {
  if (typeof input !== "object" || input === null) return input;
  const entries = Object.entries(input).map(([option, value]) => {
    const param = plainParam.safeParse(value);
    return [option, param.success ? paramOf(param.data) : value] as const;
  });
  return Object.fromEntries(entries);
}

/** The params that an entry of the section `space` stands for: one, or those of a schedule. */
function paramsOf(name: string, input: ParamInput): [string, Param][] {
  if (typeof input !== "object") return [[name, fixed(input)]];
  if (input.schedule === undefined) return [[name, paramOf(input)]];
  const choices = Object.entries(input.schedule).map(
    ([kind, options]) => [kind, scheduleOptions(options)] as const,
  );
  const settings = { name, when: conditionOf(input.when) };
  return Object.entries(scheduleSpace(Object.fromEntries(choices), settings));
}

function kindKey(input: ParamInput): readonly string[] {
  if (typeof input !== "object") return [];
  const key = PARAM_KINDS.find((each) => input[each] !== undefined);
  return key === undefined ? [] : [key];
}

/** The names of the params that an entry of the section `space` stands for. */
function namesOf(name: string, input: ParamInput): string[] {
  if (typeof input !== "object" || input.schedule === undefined) return [name];
  const inner = Object.entries(input.schedule).flatMap(([kind, options]) =>
    typeof options === "object" && options !== null
      ? Object.keys(options).map((option) => `${name}.${kind}.${option}`)
      : [`${name}.${kind}`],
  );
  return [name, ...inner];
}

function checkNames(input: Readonly<Record<string, ParamInput>>, source: YamlSource): Problem[] {
  const names = Object.entries(input).flatMap(([name, param]) => namesOf(name, param));
  const problems: Problem[] = Object.keys(input)
    .filter((name) => name in Object.prototype)
    .map((name) => ({
      position: source.keyAt(["space", name]),
      message: `\`space.${name}\` "${name}" cannot be the name of a param`,
    }));
  const known = new Set<string>();
  for (const name of names) {
    if (!known.has(name)) {
      known.add(name);
      continue;
    }
    problems.push({
      position: source.keyAt(["space", name]),
      message: `\`space\` has "${name}" twice: as a param, and as a part of a schedule`,
    });
  }
  for (const [name, param] of Object.entries(input)) {
    if (typeof param !== "object") continue;
    for (const parent of Object.keys(param.when ?? {})) {
      if (known.has(parent)) continue;
      problems.push({
        position: source.keyAt(["space", name, "when", parent]),
        message: `\`space.${name}.when\` names "${parent}", which is not a param; ${suggestName(parent, names)}`,
      });
    }
  }
  return problems;
}

/**
 * Creates the search space from the sections `space` and `constraints`.
 *
 * @param problems receives what is wrong; if anything is, there is no result
 */
export function readSpace(
  input: Readonly<Record<string, ParamInput>>,
  rules: readonly WrittenConstraint[],
  source: YamlSource,
  problems: Problem[],
): SearchSpace | undefined {
  const before = problems.length;
  problems.push(...checkNames(input, source));
  const entries = Object.entries(input).flatMap(([name, each]): [string, Param][] => {
    const path = ["space", name, ...kindKey(each)];
    return collectProblem(problems, source, path, `\`space.${name}\` `, () => paramsOf(name, each)) ?? [];
  });
  for (const [name, param] of entries) {
    const at = ["space", name];
    const label = `\`space.${name}\` `;
    collectProblem(problems, source, [...at, "default"], label, () => checkDefault(name, param));
    collectProblem(problems, source, [...at, "prior"], label, () => checkPrior(name, param));
  }
  if (problems.length > before) return undefined;
  const space: Space = Object.fromEntries(entries);
  const constraints = rules.flatMap(({ text, path }): Constraint[] => {
    const result = parseConstraint(text, space);
    if ("constraint" in result) return [result.constraint];
    problems.push({
      position: source.valueAt(path),
      message: `\`constraints\` ${result.problem}`,
    });
    return [];
  });
  if (problems.length > before) return undefined;
  return collectProblem(problems, source, ["space"], "`space` ", () => createSearchSpace(space, constraints));
}

/**
 * Checks the section `enqueue`: whole or partial params, which the space and its constraints must allow.
 *
 * @param seed the study's, since what is missing is drawn from the trial's own random stream
 * @param problems receives what is wrong with each
 */
export function checkEnqueued(
  input: readonly Params[],
  space: SearchSpace,
  seed: number,
  source: YamlSource,
  problems: Problem[],
): void {
  const names = Object.keys(space.params);
  for (const [index, given] of input.entries()) {
    const before = problems.length;
    for (const [name, value] of Object.entries(given)) {
      const path = ["enqueue", index, name];
      const param = Object.hasOwn(space.params, name) ? space.params[name] : undefined;
      if (param === undefined) {
        const message = `\`enqueue.${index}\` sets "${name}", which is not a param; ${suggestName(name, names)}`;
        problems.push({ position: source.keyAt(path), message });
      } else if (!contains(param, value)) {
        const message = `\`enqueue.${index}\` "${name}" cannot be ${JSON.stringify(value)}`;
        problems.push({ position: source.valueAt(path), message });
      }
    }
    if (problems.length > before) continue;
    collectProblem(problems, source, ["enqueue", index], `\`enqueue.${index}\` `, () =>
      completeParams(space, given, createRandom(seed, index, PURPOSE.params)),
    );
  }
}
