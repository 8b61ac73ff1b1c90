// Puts mutants into the text of a file: each stands beside the original, behind a switch `__mutant(id)` that the tests'
// runner sets, so that one transformation serves all of them.
import { parseSync } from "oxc-parser";
import {
  bare,
  chainMutants,
  conditionMutants,
  expressionMutants,
  isElement,
  isText,
  numberMutants,
  returnMutants,
} from "./mutators.mjs";

const MARK = /\/\/ equivalent mutant \(([a-z]+)\): \S/;
/** Calls whose arguments are texts for people. */
const WORDING = new Set(["describe"]);

/** The parts of a node, in the order of the text. */
function partsOf(node) {
  const parts = [];
  for (const [key, value] of Object.entries(node)) {
    // `{ name }` has its key and its value in one place.
    if (key === "type" || key === "start" || key === "end" || (key === "key" && node.shorthand)) continue;
    for (const part of Array.isArray(value) ? value : [value]) {
      if (typeof part?.type === "string") parts.push({ key, part });
    }
  }
  return parts.toSorted((a, b) => a.part.start - b.part.start);
}

/** Whether a part is an expression that must stay as it is, or is not code that runs. */
function isFixed(node, key, part) {
  const isAssertion = /^TS(As|Satisfies|NonNull)Expression$/.test(part.type);
  if (part.type.startsWith("TS") && !isAssertion) return true;
  if (/^(Import|ExportAll)/.test(node.type)) return true;
  if (key === "key" && !node.computed) return true;
  if (node.type === "Property" && node.shorthand) return part.type !== "AssignmentPattern";
  if (node.type === "MemberExpression" && key === "property" && !node.computed) return true;
  if (node.type === "TemplateLiteral" || node.type === "TaggedTemplateExpression") return true;
  if (node.type === "ThrowStatement") return true;
  if (node.type === "NewExpression" && (node.callee.name ?? "").endsWith("Error")) return true;
  return node.type === "CallExpression" && key === "arguments" && WORDING.has(node.callee.property?.name);
}

/** Names of constants of the module that are numbers: mutants of them act where the constant is used. */
function constantsOf(program) {
  const constants = new Map();
  for (const statement of program.body) {
    const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    if (declaration?.type !== "VariableDeclaration" || declaration.kind !== "const") continue;
    for (const { id, init } of declaration.declarations) {
      const isConstant = id.type === "Identifier" && /^[A-Z][A-Z0-9_]*$/.test(id.name);
      if (isConstant && init?.type === "Literal" && typeof init.value === "number")
        constants.set(id.name, init);
    }
  }
  return constants;
}

function hasSuperCall(source, node) {
  return /\bsuper\(/.test(source.slice(node.start, node.end));
}

/**
 * Every mutant of a file, numbered from `firstId`, and the text of the file with those that `wants` takes.
 *
 * @param wants whether the mutant with a number is put into the text
 */
export function instrument(file, source, firstId = 0, wants = () => true) {
  const { program, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`);
  const lines = source.split("\n");
  const lineStarts = [0];
  for (const line of lines) lineStarts.push(lineStarts.at(-1) + line.length + 1);
  const constants = constantsOf(program);
  const constantMutants = new Map();
  const mutants = [];
  let equivalents = 0;

  const lineOf = (offset) => {
    let low = 0;
    let high = lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (lineStarts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  const isEquivalent = (line, operator) =>
    [lines[line], lines[line - 1]].some((text, place) => {
      const match = MARK.exec(text ?? "");
      // A comment on a line of its own speaks of the next one.
      const isAlone = (text ?? "").trimStart().startsWith("//");
      return match?.[1] === operator && (place === 0 ? !isAlone : isAlone);
    });
  /** Notes a mutant; its number, or undefined where it is not to be put into the text. */
  const add = (node, operator, replacement, isFallback) => {
    const line = lineOf(node.start);
    if (isEquivalent(line, operator)) {
      equivalents += 1;
      return undefined;
    }
    const id = firstId + mutants.length;
    const original = source.slice(node.start, node.end);
    mutants.push({ id, file, line: line + 1, operator, original, replacement, isFallback });
    return wants(id) ? id : undefined;
  };
  const wrapped = (node, text, found, isFallback) => {
    let choices = "";
    for (const { operator, text: replacement } of found) {
      const id = add(node, operator, replacement, isFallback);
      if (id !== undefined) choices += `__mutant(${id})?(${replacement}):`;
    }
    return choices === "" ? text : `(${choices}${text})`;
  };

  for (const [name, init] of constants) {
    const found = numberMutants(init).map(({ operator, text }) => ({
      id: add(init, operator, text, false),
      text,
    }));
    constantMutants.set(
      name,
      found.filter(({ id }) => id !== undefined),
    );
  }
  const constantUse = (name) => {
    const found = constantMutants.get(name) ?? [];
    return found.length === 0
      ? name
      : `(${found.map(({ id, text }) => `__mutant(${id})?${text}:`).join("")}${name})`;
  };

  /** The text of a node with mutants in it. */
  const render = (node, context) => {
    if (node.type === "TemplateLiteral" || (node.type === "ConditionalExpression" && isText(node))) {
      return source.slice(node.start, node.end);
    }
    const { isFallback } = context;
    let text = "";
    let at = node.start;
    for (const { key, part } of partsOf(node)) {
      if (part.start < at) continue;
      text += source.slice(at, part.start);
      text += isFixed(node, key, part) ? source.slice(part.start, part.end) : place(node, key, part, context);
      at = part.end;
    }
    text += source.slice(at, node.end);
    if (node.type === "Property" && node.shorthand && !context.isPattern && constants.has(node.key.name)) {
      return `${node.key.name}: ${constantUse(node.key.name)}`;
    }
    if (node.type !== "BlockStatement" || node.body.length === 0) return text;
    const [only] = node.body;
    const isReturnOnly = node.body.length === 1 && only.type === "ReturnStatement";
    if (isReturnOnly || hasSuperCall(source, node)) return text;
    const id = add(node, "block", "{}", isFallback);
    return id === undefined ? text : `{if(!__mutant(${id})){${text.slice(1, -1)}}}`;
  };

  /** The text of a part of a node: rendered, and in parentheses with the mutants that may stand for it. */
  const place = (parent, key, node, context) => {
    const isPattern =
      /Pattern$|RestElement/.test(node.type) || (context.isPattern && node.type === "Property");
    const isElementDefault =
      (parent.type === "AssignmentPattern" && key === "right" && context.isArrayPattern) ||
      (parent.type === "LogicalExpression" &&
        parent.operator === "??" &&
        key === "right" &&
        isElement(parent.left));
    const isLink =
      context.isChain &&
      (key === "expression" || key === "object" || key === "callee") &&
      (node.type === "MemberExpression" || node.type === "CallExpression");
    const inner = {
      isFallback: context.isFallback || isElementDefault,
      isPattern,
      isArrayPattern:
        node.type === "ArrayPattern" || (context.isArrayPattern && node.type === "AssignmentPattern"),
      isChain: node.type === "ChainExpression" || isLink,
    };
    const isTarget =
      (parent.type === "AssignmentExpression" && key === "left") ||
      (parent.type === "AssignmentPattern" && key === "left") ||
      (/^For(In|Of)Statement$/.test(parent.type) && key === "left") ||
      parent.type === "UpdateExpression" ||
      (parent.type === "UnaryExpression" && parent.operator === "delete");
    if (node.type === "Identifier" && constants.has(node.name) && !isPattern && !isTarget) {
      const isDeclared = parent.type === "VariableDeclarator" && key === "id";
      const isExported = parent.type === "ExportSpecifier";
      return isDeclared || isExported ? node.name : constantUse(node.name);
    }
    if (parent.type === "VariableDeclarator" && constants.get(parent.id.name) === node) return node.raw;
    const text = render(node, inner);
    if (isTarget || isPattern || isLink) return text;

    const isCondition = key === "test" && parent.type !== "SwitchCase";
    const isLoop = /^(For|While|DoWhile)Statement$/.test(parent.type);
    const isReturned =
      (parent.type === "ReturnStatement" && key === "argument") ||
      (parent.type === "ArrowFunctionExpression" && key === "body" && node.type !== "BlockStatement");
    const found = [];
    if (isCondition) found.push(...conditionMutants(node, isLoop));
    if (isReturned) found.push(...returnMutants(node));
    const isDecided = found.some((mutant) => mutant.text === "true");
    if (parent.type === "LogicalExpression" && parent.operator === "??" && key === "right") {
      const isNothing = bare(node).name === "undefined" || isText(node);
      if (!isNothing) found.push({ operator: "fallback", text: "undefined" });
    }
    if (node.type === "ChainExpression") found.push(...chainMutants(node, source));
    else found.push(...expressionMutants(node, source, isDecided));
    return wrapped(node, text, found, inner.isFallback);
  };

  const code = render(program, {
    isFallback: false,
    isPattern: false,
    isArrayPattern: false,
    isChain: false,
  });
  return { mutants, code: source.slice(0, program.start) + code + source.slice(program.end), equivalents };
}
