import { z } from "zod";
import { checkExactlyOne, exactlyOne } from "../core/exactly-one.js";
import { GOAL_ACROSS, GOAL_REPORTS, type Goal } from "../core/goal.js";
import { parseMetricConstraint } from "../core/goals/metric-constraint.js";
import { parseGoals } from "../core/goals/parse-goals.js";
import type { Space } from "../core/param.js";
import { collectProblem } from "./problems.js";
import type { Path, Problem, YamlSource } from "./yaml-source.js";

const keys = {
  minimize: z.string().min(1).optional().describe("The metric that should become small."),
  maximize: z.string().min(1).optional().describe("The metric that should become large."),
  of: z
    .enum(GOAL_REPORTS)
    .optional()
    .describe("Which report of a training counts: its last one (the default), or its best one."),
  across: z
    .enum(GOAL_ACROSS)
    .optional()
    .describe("What counts of a trial's replicates: their mean (the default), their median, or the worst."),
};

/** The section `goal`. */
export const goalSection = z
  .strictObject(keys)
  .check(checkExactlyOne(["minimize", "maximize"]))
  .meta(exactlyOne(["minimize", "maximize"]));

/** The section `goals`. */
export const goalsSection = z
  .array(
    z
      .strictObject({
        ...keys,
        reference: z
          .number()
          .optional()
          .describe(
            "The value beyond which a trial gains nothing in this metric: hypervolume is measured from there.",
          ),
      })
      .check(checkExactlyOne(["minimize", "maximize"]))
      .meta(exactlyOne(["minimize", "maximize"])),
  )
  .min(2);

const onMetrics = z.record(z.string().min(1), z.string().min(1));

/** The section `constraints`: rules across params, and limits of metrics. */
export const constraintsSection = z.union([z.array(z.union([z.string().min(1), onMetrics])), onMetrics]);

type ConstraintsInput = z.output<typeof constraintsSection>;

/** A constraint as it is written, and where. */
export interface WrittenConstraint {
  readonly text: string;
  readonly path: Path;
}

/** A rule across params, or limits of metrics by their names. */
type ConstraintPart = string | z.output<typeof onMetrics>;

const partsOf = (input: ConstraintsInput): { readonly part: ConstraintPart; readonly path: Path }[] =>
  Array.isArray(input)
    ? input.map((part, index) => ({ part, path: ["constraints", index] }))
    : [{ part: input, path: ["constraints"] }];

/** The rules across params. */
export const paramConstraints = (input: ConstraintsInput): WrittenConstraint[] =>
  partsOf(input).flatMap(({ part, path }) => (typeof part === "string" ? [{ text: part, path }] : []));

/** What the sections `goal`, `goals` and `constraints` hold. */
interface GoalInputs {
  readonly goal?: z.output<typeof goalSection> | undefined;
  readonly goals?: z.output<typeof goalsSection> | undefined;
  readonly constraints: ConstraintsInput;
}

/** The problem of a file without a goal; undefined if it has one. */
export function missingGoal({ value }: YamlSource): Problem | undefined {
  if (typeof value !== "object" || value === null || "goal" in value || "goals" in value) return undefined;
  return {
    position: { line: 1, column: 1 },
    message: "`goal` is missing",
    hint: "For example: goal: {minimize: loss}",
  };
}

const ONE_GOAL = "Write one goal as `goal: {minimize: loss}`.";
const SEVERAL_GOALS = "Write several goals as `goals: [{minimize: loss}, {minimize: latency}]`.";

/** What to do about one goal that is written as several, or several as one; undefined for anything else. */
export function goalAdvice([section, key, ...rest]: Path, value: unknown): string | undefined {
  if (section === "goal" && Array.isArray(value)) return value.length < 2 ? ONE_GOAL : SEVERAL_GOALS;
  if (section === "goal" && key === undefined)
    return typeof value === "object" && value !== null ? `${ONE_GOAL} ${SEVERAL_GOALS}` : ONE_GOAL;
  if (section !== "goals" || rest.length > 0) return undefined;
  return key === undefined ? `${SEVERAL_GOALS} ${ONE_GOAL}` : SEVERAL_GOALS;
}

/** The name of the metric that every training reports, for checks that need nothing else of the goal. */
export function firstMetric({ goal, goals }: Pick<GoalInputs, "goal" | "goals">): string {
  const first = goal ?? goals?.[0];
  return first?.minimize ?? first?.maximize ?? "";
}

/**
 * Reads the study's goal from the sections `goal` or `goals`, and the constraints on metrics.
 *
 * @param space no metric in a constraint may have the name of one of its params
 * @param problems receives what is wrong; if anything is, there is no result
 */
export function readGoal(
  { goal, goals, constraints }: GoalInputs,
  space: Space | undefined,
  source: YamlSource,
  problems: Problem[],
): Goal | undefined {
  const before = problems.length;
  const onMetrics = partsOf(constraints).flatMap(({ part, path }) => {
    if (typeof part === "string") return [];
    return Object.entries(part).flatMap(([metric, text]) => {
      if (space !== undefined && Object.hasOwn(space, metric)) {
        problems.push({
          position: source.keyAt([...path, metric]),
          message: `\`constraints\` "${metric}" is a param, but the constraint is written like one on a metric`,
          hint: `Write it as one line in a list: - ${metric} ${text}`,
        });
        return [];
      }
      const read = () => parseMetricConstraint(metric, text);
      return collectProblem(problems, source, [...path, metric], "", read) ?? [];
    });
  });
  if (goal !== undefined && goals !== undefined) {
    problems.push({
      position: source.keyAt(["goals"]),
      message: "a study has either `goal` or `goals`",
      hint: "Write all goals under `goals`, and remove `goal`.",
    });
  }
  if (problems.length > before || (goal === undefined && goals === undefined)) return undefined;
  const key = goals === undefined ? "goal" : "goals";
  const all = (goals ?? [goal]).flatMap((each) => {
    if (each === undefined) return [];
    const { minimize, maximize = "", ...rest } = each;
    return [minimize === undefined ? { maximize, ...rest } : { minimize, ...rest }];
  });
  return collectProblem(problems, source, [key], "", () => parseGoals(all, onMetrics));
}
