import jsep from "jsep";
import { messageOf } from "./errors.js";
import { suggestName } from "./nearest.js";
import type { Param, Params, ParamValue, Space } from "./param.js";
import { sameValue } from "./param-value.js";
import type { Comparison, Constraint } from "./search-space.js";

/** The type of a part of a constraint. Params with values of several types, or with lists or mappings, are `any`. */
type ValueType = "number" | "string" | "boolean" | "null" | "any";

/** A checked part of a constraint: its type, and how it is computed. */
interface Compiled {
  readonly type: ValueType;
  readonly compute: (params: Params) => ParamValue;
  /** If it is the value of a param: its name. */
  readonly param?: string;
  /** What must hold for it to be true. */
  readonly comparisons?: readonly Comparison[];
}

/** How deep a constraint may be nested: every operator of `a + b + c` is within the next one. */
const MAX_DEPTH = 500;
/** How many letters of a constraint a message shows. */
const MAX_SHOWN = 120;

const tooDeep = (): ConstraintProblem =>
  new ConstraintProblem(
    `has more than ${MAX_DEPTH} operators or brackets within each other; write several shorter constraints`,
  );

const clipped = (source: string): string =>
  source.length <= MAX_SHOWN ? source : `${source.slice(0, MAX_SHOWN - 3)}...`;

/** What is wrong with a constraint. */
class ConstraintProblem extends Error {}

jsep.addBinaryOp("**", 11, true);
jsep.addBinaryOp("and", 2);
jsep.addBinaryOp("or", 1);
jsep.addBinaryOp("in", 7);
jsep.addUnaryOp("not");

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
  "**": (a, b) => a ** b,
};

type Scalar = string | number | boolean;

const isScalar = (value: ParamValue): value is Scalar => typeof value !== "object";

/** A comparison that holds of two values of one type; null, lists and mappings have no order. */
function ordered(compare: (a: Scalar, b: Scalar) => boolean): (a: ParamValue, b: ParamValue) => boolean {
  return (a, b) => isScalar(a) && isScalar(b) && typeof a === typeof b && compare(a, b);
}

const ORDER: Readonly<Record<string, (a: ParamValue, b: ParamValue) => boolean>> = {
  "<": ordered((a, b) => a < b),
  "<=": ordered((a, b) => a <= b),
  ">": ordered((a, b) => a > b),
  ">=": ordered((a, b) => a >= b),
};

/** Numbers that differ by less than this, relative to the larger one, are equal: sums of floats are rounded. */
const ROUNDING = 1e-9;

function isEqual(a: ParamValue, b: ParamValue): boolean {
  if (typeof a !== "number" || typeof b !== "number") return sameValue(a, b);
  return a === b || Math.abs(a - b) <= ROUNDING * Math.max(Math.abs(a), Math.abs(b));
}

const EQUALITY: Readonly<Record<string, (a: ParamValue, b: ParamValue) => boolean>> = {
  "==": isEqual,
  "===": isEqual,
  "!=": (a, b) => !isEqual(a, b),
  "!==": (a, b) => !isEqual(a, b),
};

const LOGIC: Readonly<Record<string, "and" | "or">> = { "&&": "and", and: "and", "||": "or", or: "or" };

const FUNCTIONS: Readonly<Record<string, (...values: number[]) => number>> = {
  abs: Math.abs,
  ceil: Math.ceil,
  exp: Math.exp,
  floor: Math.floor,
  log: Math.log,
  log10: Math.log10,
  log2: Math.log2,
  max: Math.max,
  min: Math.min,
  round: Math.round,
  sqrt: Math.sqrt,
};

function typeOfParam(param: Param): ValueType {
  switch (param.kind) {
    case "float":
    case "int":
      return "number";
    case "choice":
    case "ordinal": {
      const types = new Set(param.options.map(typeOfValue));
      const [only = "any"] = types;
      return types.size === 1 ? only : "any";
    }
    case "fixed":
      return typeOfValue(param.value);
  }
}

function typeOfValue(value: ParamValue): ValueType {
  switch (typeof value) {
    case "number":
      return "number";
    case "string":
      return "string";
    case "boolean":
      return "boolean";
    default:
      return value === null ? "null" : "any";
  }
}

/** The result of reading a constraint. */
export type ConstraintResult =
  | { readonly constraint: Constraint; readonly names: readonly string[] }
  | { readonly problem: string };

/**
 * Reads a constraint such as `width1 >= width2`, `batch * depth <= 256` or `optimizer == "sgd" or lr < 0.1`.
 *
 * The language: params by name (`params["weight-decay"]` for names that are not identifiers), numbers,
 * strings, `true`, `false`, `null`, `+ - * / % **`, `< <= > >= == !=`, `and or not` (or `&& || !`), `in [...]`, `a ?
 * b : c`, and the functions abs ceil exp floor log log10 log2 max min round sqrt. It is parsed by jsep into a
 * tree that is checked against the space and evaluated with only the operations above: it cannot reach
 * anything in the host program.
 *
 * A constraint that names a param which is switched off in a trial holds in that trial. A comparison with NaN
 * (such as the logarithm of a negative number) does not hold.
 *
 * @param noun what the names stand for, as problems call it
 */
export function parseConstraint(
  source: string,
  space: Space,
  noun: "param" | "column" = "param",
): ConstraintResult {
  const name = source.trim().replace(/\s+/g, " ");
  try {
    const names = new Set<string>();
    const compiled = compile(parse(name), { space, names, noun }, 1);
    if (compiled.type !== "boolean" && compiled.type !== "any") {
      return { problem: `"${clipped(name)}" is a ${compiled.type}, not a comparison` };
    }
    if (names.size === 0) return { problem: `"${clipped(name)}" names no ${noun}` };
    const needed = [...names];
    const holds = (params: Params): boolean =>
      needed.some((needs) => params[needs] === undefined) || compiled.compute(params) === true;
    const { comparisons = [] } = compiled;
    return { constraint: { name, holds, comparisons }, names: needed };
  } catch (thrown) {
    if (thrown instanceof ConstraintProblem) return { problem: thrown.message };
    // A name of thousands of parts is read by recursion too.
    if (thrown instanceof RangeError) return { problem: tooDeep().message };
    throw thrown;
  }
}

function parse(source: string): jsep.Expression {
  if (source === "") throw new ConstraintProblem("a constraint is empty");
  try {
    return jsep(source);
  } catch (thrown) {
    // So does the parser's recursion end.
    if (thrown instanceof RangeError) throw thrown;
    throw new ConstraintProblem(`"${clipped(source)}" cannot be read: ${messageOf(thrown)}`);
  }
}

function isNode(value: unknown): value is jsep.Expression {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

function nodeOf(value: unknown): jsep.Expression {
  if (isNode(value)) return value;
  throw new ConstraintProblem("a part of the constraint is missing");
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

const nodesOf = (value: unknown): jsep.Expression[] => (Array.isArray(value) ? value.map(nodeOf) : []);

/** What names stand for, and those that were named. */
interface Scope {
  readonly space: Space;
  readonly names: Set<string>;
  readonly noun: "param" | "column";
}

function compile(node: jsep.Expression, scope: Scope, depth: number): Compiled {
  if (depth > MAX_DEPTH) throw tooDeep();
  const inner = (part: unknown): Compiled => compile(nodeOf(part), scope, depth + 1);
  switch (node.type) {
    case "Literal":
      return literal(node["value"]);
    case "Identifier":
    case "MemberExpression":
      return param(nameOf(node), scope);
    case "UnaryExpression":
      return unary(textOf(node["operator"]), inner(node["argument"]));
    case "BinaryExpression": {
      const operator = textOf(node["operator"]);
      if (operator === "in") return membership(inner(node["left"]), nodeOf(node["right"]), inner);
      if (!(operator in ORDER || operator in EQUALITY)) {
        return binary(operator, inner(node["left"]), inner(node["right"]));
      }
      const own = new Set<string>();
      const [left, right] = [node["left"], node["right"]].map((part) =>
        compile(nodeOf(part), { ...scope, names: own }, depth + 1),
      );
      for (const name of own) scope.names.add(name);
      if (left === undefined || right === undefined)
        throw new ConstraintProblem(`\`${operator}\` needs two sides`);
      return comparison(operator, left, right, [...own]);
    }
    case "ConditionalExpression":
      return conditional(inner(node["test"]), inner(node["consequent"]), inner(node["alternate"]));
    case "CallExpression":
      return call(nodeOf(node["callee"]), nodesOf(node["arguments"]).map(inner));
    default:
      throw new ConstraintProblem(
        node.type === "Compound"
          ? "there are two expressions, with no operator between them"
          : "lists only follow `in`",
      );
  }
}

function literal(value: unknown): Compiled {
  if (
    typeof value === "number" ||
    typeof value === "string" ||
    typeof value === "boolean" ||
    value === null
  ) {
    return { type: typeOfValue(value), compute: () => value };
  }
  throw new ConstraintProblem(`${JSON.stringify(value)} is not a number, text, true, false or null`);
}

/** `a`, `a.b` (a name with dots) and `params["a-b"]`. */
function nameOf(node: jsep.Expression): string {
  if (node.type === "Identifier") return textOf(node["name"]);
  if (node.type !== "MemberExpression") throw new ConstraintProblem("only a param can come before a dot");
  const object = nodeOf(node["object"]);
  const property = nodeOf(node["property"]);
  if (node["computed"] !== true) return `${nameOf(object)}.${nameOf(property)}`;
  if (nameOf(object) === "params" && property.type === "Literal" && typeof property["value"] === "string") {
    return property["value"];
  }
  throw new ConstraintProblem('square brackets are only for params["name"]');
}

function param(name: string, { space, names, noun }: Scope): Compiled {
  const found = Object.hasOwn(space, name) ? space[name] : undefined;
  if (found === undefined) {
    throw new ConstraintProblem(`"${name}" is not a ${noun}; ${suggestName(name, Object.keys(space))}`);
  }
  names.add(name);
  return {
    type: typeOfParam(found),
    compute: (params) => {
      const value = params[name];
      return value === undefined ? Number.NaN : value;
    },
    param: name,
  };
}

function expect(part: Compiled, type: ValueType, operator: string): void {
  if (part.type === type || part.type === "any") return;
  throw new ConstraintProblem(`\`${operator}\` needs a ${type}, but gets a ${part.type}`);
}

const numberOf = (value: ParamValue): number => (typeof value === "number" ? value : Number.NaN);

function unary(operator: string, part: Compiled): Compiled {
  switch (operator) {
    case "!":
    case "not":
      expect(part, "boolean", operator);
      return { type: "boolean", compute: (params) => part.compute(params) !== true };
    case "-":
      expect(part, "number", operator);
      return { type: "number", compute: (params) => -numberOf(part.compute(params)) };
    case "+":
      expect(part, "number", operator);
      return part;
    default:
      throw new ConstraintProblem(`\`${operator}\` is not an operator here`);
  }
}

function binary(operator: string, left: Compiled, right: Compiled): Compiled {
  const arithmetic = ARITHMETIC[operator];
  if (arithmetic !== undefined) {
    expect(left, "number", operator);
    expect(right, "number", operator);
    return {
      type: "number",
      compute: (params) => arithmetic(numberOf(left.compute(params)), numberOf(right.compute(params))),
    };
  }
  const logic = LOGIC[operator];
  if (logic !== undefined) {
    expect(left, "boolean", operator);
    expect(right, "boolean", operator);
    return {
      type: "boolean",
      comparisons: logic === "and" ? [...(left.comparisons ?? []), ...(right.comparisons ?? [])] : [],
      compute:
        logic === "and"
          ? (params) => left.compute(params) === true && right.compute(params) === true
          : (params) => left.compute(params) === true || right.compute(params) === true,
    };
  }
  throw new ConstraintProblem(`\`${operator}\` is not an operator here`);
}

/** What an operator demands of two numbers; `swapped`: of the right and the left one. */
const SIGNS: Readonly<Record<string, { readonly sign: Comparison["sign"]; readonly swapped: boolean }>> = {
  "<": { sign: "<", swapped: false },
  "<=": { sign: "<=", swapped: false },
  ">": { sign: "<", swapped: true },
  ">=": { sign: "<=", swapped: true },
  "==": { sign: "==", swapped: false },
  "===": { sign: "==", swapped: false },
};

/** @param names the params of both sides */
function comparison(operator: string, left: Compiled, right: Compiled, names: readonly string[]): Compiled {
  const compare = ORDER[operator] ?? EQUALITY[operator];
  if (compare === undefined) throw new ConstraintProblem(`\`${operator}\` is not an operator here`);
  if (left.type !== "any" && right.type !== "any" && left.type !== right.type) {
    const chained = left.type === "boolean" && operator in ORDER;
    throw new ConstraintProblem(
      `\`${operator}\` compares a ${left.type} with a ${right.type}${chained ? "; write `a <= b and b <= c`" : ""}`,
    );
  }
  const compute = (params: Params): boolean => compare(left.compute(params), right.compute(params));
  const signed = SIGNS[operator];
  if (signed === undefined || left.type !== "number" || right.type !== "number")
    return { type: "boolean", compute };
  const [low, high] = signed.swapped ? [right, left] : [left, right];
  const difference = (params: Params): number =>
    numberOf(low.compute(params)) - numberOf(high.compute(params));
  const both = { names, sign: signed.sign, difference };
  const { param: lower } = low;
  const { param: upper } = high;
  const sides = lower === undefined || upper === undefined ? {} : { sides: [lower, upper] as const };
  return { type: "boolean", compute, comparisons: [{ ...both, ...sides }] };
}

function membership(left: Compiled, list: jsep.Expression, inner: (part: unknown) => Compiled): Compiled {
  if (list.type !== "ArrayExpression")
    throw new ConstraintProblem("`in` needs a list, such as `in [16, 32]`");
  const members = nodesOf(list["elements"]).map(inner);
  for (const member of members) {
    if (left.type !== "any") expect(member, left.type, "in");
  }
  return {
    type: "boolean",
    compute: (params) => {
      const value = left.compute(params);
      return members.some((member) => sameValue(member.compute(params), value));
    },
  };
}

function conditional(test: Compiled, yes: Compiled, no: Compiled): Compiled {
  expect(test, "boolean", "?");
  return {
    type: yes.type === no.type ? yes.type : "any",
    compute: (params) => (test.compute(params) === true ? yes : no).compute(params),
  };
}

function call(callee: jsep.Expression, values: readonly Compiled[]): Compiled {
  const name = callee.type === "Identifier" ? nameOf(callee) : "";
  const apply = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (apply === undefined) {
    throw new ConstraintProblem(`"${name}" is not a function; ${suggestName(name, Object.keys(FUNCTIONS))}`);
  }
  const several = name === "min" || name === "max";
  if (several ? values.length === 0 : values.length !== 1) {
    throw new ConstraintProblem(`${name}() takes ${several ? "at least one value" : "one value"}`);
  }
  for (const value of values) expect(value, "number", `${name}()`);
  return {
    type: "number",
    compute: (params) => apply(...values.map((value) => numberOf(value.compute(params)))),
  };
}
