import { messageOf } from "../core/errors.js";
import type { StudyInput } from "./study-schema.js";
import type { Problem, YamlSource } from "./yaml-source.js";

/** Checks that the command has the form that `shell` requires. */
export function checkCommandForm(input: StudyInput, source: YamlSource): Problem[] {
  const { command, shell } = input;
  if (typeof command === "string" && !shell) {
    return [
      {
        position: source.valueAt(["command"]),
        message: "`command` must be a list of the program and its arguments",
        hint: 'Write it as a list, such as [python3, train.py, "--lr={lr}"], or add `shell: true`.',
      },
    ];
  }
  if (typeof command !== "string" && shell && command.length > 1) {
    return [
      {
        position: source.valueAt(["command"]),
        message: "`command` must be one line of text with `shell: true`",
        hint: "Write the whole line as one string, or leave out `shell`.",
      },
    ];
  }
  return [];
}

function regularExpression(pattern: string): RegExp | string {
  try {
    return new RegExp(pattern);
  } catch (thrown) {
    return messageOf(thrown);
  }
}

function groupsOf(expression: RegExp): { readonly count: number; readonly names: readonly string[] } {
  const matched = new RegExp(`${expression.source}|`).exec("");
  return { count: (matched?.length ?? 1) - 1, names: Object.keys(matched?.groups ?? {}) };
}

/**
 * Checks the regular expressions of the section `metrics`: that they are valid, and have the groups they
 * need.
 */
export function checkMetricPatterns({ metrics, goal }: StudyInput, source: YamlSource): Problem[] {
  if (metrics === "lines") return [];
  const goalMetric = goal.minimize ?? goal.maximize ?? "";
  const { pairs, pattern } = metrics;
  if (pairs !== undefined) {
    const path = ["metrics", "pairs", "step"];
    const expression = regularExpression(pairs.step);
    if (typeof expression === "string") return [{ position: source.valueAt(path), message: expression }];
    const problems: Problem[] = [];
    if (groupsOf(expression).count !== 1) {
      problems.push({
        position: source.valueAt(path),
        message: `\`metrics.pairs.step\` must have one group, the step, but has ${groupsOf(expression).count}`,
        hint: "Put parentheses around the number, such as epoch (\\d+).",
      });
    }
    if (!pairs.names.includes(goalMetric)) {
      problems.push({
        position: source.valueAt(["metrics", "pairs", "names"]),
        message: `\`metrics.pairs.names\` lacks "${goalMetric}", the goal's metric`,
      });
    }
    return problems;
  }
  const path = ["metrics", "pattern"];
  const expression = regularExpression(pattern ?? "");
  if (typeof expression === "string") return [{ position: source.valueAt(path), message: expression }];
  const { names } = groupsOf(expression);
  return ["step", goalMetric]
    .filter((name) => !names.includes(name))
    .map((name) => ({
      position: source.valueAt(path),
      message: `\`metrics.pattern\` lacks the named group "${name}"`,
      hint: "Name each group, such as epoch (?<step>\\d+) loss (?<loss>\\S+).",
    }));
}
