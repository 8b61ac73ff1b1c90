import type { z } from "zod";
import { suggestName } from "../core/nearest.js";
import type { Path, Problem, YamlSource } from "./yaml-source.js";

type Issue = z.core.$ZodIssue;

/** The keys that the schema allows at a path, to suggest the one nearest to an unknown key. */
export type KnownKeys = (path: Path) => readonly string[];

/** What to do about a value of the wrong form, where more can be said than what its form must be. */
export type Advice = (path: Path, value: unknown) => string | undefined;

const dotted = (path: Path): string => path.map(String).join(".");

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "empty";
  if (Array.isArray(value)) return "a list";
  switch (typeof value) {
    case "object":
      return "a mapping";
    case "string":
      return `the text ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value)}`;
    default:
      return typeof value === "number" ? String(value) : JSON.stringify(value);
  }
}

const EXPECTED: Readonly<Record<string, string>> = {
  array: "a list",
  boolean: "true or false",
  int: "a whole number",
  number: "a number",
  object: "a mapping",
  record: "a mapping",
  string: "text",
  tuple: "a list",
};

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}

function pathOf(issue: Issue): Path {
  return issue.path.filter((part) => typeof part !== "symbol");
}

/** Whether an issue says that the value is not of the schema's kind. */
function isKindIssue(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === "invalid_union") return meantBranch(issue.errors) === undefined;
  return issue.code === "invalid_type" || issue.code === "invalid_value";
}

/** The branch of a union that was meant: of those whose kind fits, the one with the fewest issues. */
function meantBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const fitting = branches.filter((issues) => !issues.some(isKindIssue));
  return fitting.sort((a, b) => a.length - b.length)[0];
}

/** Drops the complaint that a key is missing where an unknown key was written instead. */
function withoutEchoes(issues: readonly Issue[]): readonly Issue[] {
  const unknown = new Set(
    issues.filter(({ code }) => code === "unrecognized_keys").map(({ path }) => path.join(".")),
  );
  return issues.filter((issue) => issue.code !== "custom" || !unknown.has(issue.path.join(".")));
}

function rootExpectations(branches: readonly (readonly Issue[])[]): string[] {
  const names = branches.flatMap((issues) =>
    issues.flatMap((issue): string[] => {
      if (issue.path.length > 0) return [];
      if (issue.code === "invalid_type") return [EXPECTED[issue.expected] ?? issue.expected];
      if (issue.code === "invalid_value") return [issue.values.map((value) => String(value)).join(", ")];
      if (issue.code === "invalid_union") return rootExpectations(issue.errors);
      return [];
    }),
  );
  return [...new Set(names)];
}

/** The sentence for an issue that is neither a union's nor about an unknown key. */
function sentence(issue: Issue, value: unknown): string {
  switch (issue.code) {
    case "invalid_type": {
      const expected = EXPECTED[issue.expected] ?? issue.expected;
      return `must be ${expected}, but is ${kindOf(value)}`;
    }
    case "invalid_value": {
      const values = issue.values.map((each) => String(each));
      const known = typeof value === "string" ? `; ${suggestName(value, values)}` : `: ${values.join(", ")}`;
      return values.length === 1
        ? `must be ${values[0]}, but is ${kindOf(value)}`
        : `cannot be ${kindOf(value)}${known}`;
    }
    case "too_small":
      if (issue.origin === "array" || issue.origin === "string") {
        return Array.isArray(value) && value.length > 0
          ? `must have at least ${issue.minimum} entries, but has ${value.length}`
          : "must not be empty";
      }
      return `must be ${issue.inclusive === false ? "above" : "at least"} ${issue.minimum}, but is ${kindOf(value)}`;
    case "too_big":
      return Array.isArray(value)
        ? `must have at most ${issue.maximum} entries, but has ${value.length}`
        : `must be ${issue.inclusive === false ? "below" : "at most"} ${issue.maximum}, but is ${kindOf(value)}`;
    case "invalid_format":
      return issue.message.startsWith("Invalid")
        ? `has the wrong form: ${kindOf(value)}`
        : `${issue.message}, but is ${kindOf(value)}`;
    default:
      return issue.message;
  }
}

/** The hint for a number in quotes, or a name without them. */
function quotesHint(issue: Issue, value: unknown): { readonly hint?: string } {
  if (issue.code !== "invalid_type") return {};
  if (issue.expected === "string" && (typeof value === "number" || typeof value === "boolean")) {
    return { hint: `Write "${value}" in quotes.` };
  }
  const isNumber = issue.expected === "number" || issue.expected === "int";
  if (!isNumber || typeof value !== "string" || value.trim() === "" || Number.isNaN(Number(value))) return {};
  return { hint: `Write ${value} without quotes.` };
}

/**
 * The problems that the schema found, in words and with their places in the file. Of a union's branches, only
 * the one that was meant counts.
 */
export function problemsOfIssues(
  issues: readonly Issue[],
  source: YamlSource,
  knownKeys: KnownKeys,
  advice: Advice = () => undefined,
  prefix: Path = [],
): Problem[] {
  return withoutEchoes(issues).flatMap((issue): Problem[] => {
    const path = [...prefix, ...pathOf(issue)];
    const value = valueAt(source.value, path);
    const label = path.length === 0 ? "the file" : `\`${dotted(path)}\``;
    const isMissing = issue.code === "invalid_type" || issue.code === "invalid_union";
    if (isMissing && value === undefined && path.length > 0) {
      return [{ position: source.valueAt(path.slice(0, -1)), message: `${label} is missing` }];
    }
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({
        position: source.keyAt([...path, key]),
        message: `unknown key \`${dotted([...path, key])}\`; ${suggestName(key, knownKeys(path))}`,
      }));
    }
    if (issue.code === "invalid_union") {
      const branch = meantBranch(issue.errors);
      if (branch !== undefined) return problemsOfIssues(branch, source, knownKeys, advice, path);
      const names = issue.errors.flatMap((errors) =>
        errors.flatMap((each) => (each.code === "invalid_value" ? each.values : [])),
      );
      const message =
        typeof value === "string" && names.length > 0
          ? `cannot be ${kindOf(value)}; ${suggestName(value, names.map(String))}`
          : `must be ${rootExpectations(issue.errors).join(" or ")}, but is ${kindOf(value)}`;
      return [{ position: source.valueAt(path), message: `${label} ${message}` }];
    }
    const advised = advice(path, value);
    return [
      {
        position: source.valueAt(path),
        message: `${label} ${sentence(issue, value)}`,
        ...(advised === undefined ? quotesHint(issue, value) : { hint: advised }),
      },
    ];
  });
}
