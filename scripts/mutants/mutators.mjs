// What is changed in a program to see whether a test notices: for one node of the syntax tree, the texts that may
// stand in its place. Texts of messages are left alone.

const ARITHMETIC = { "+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "**": "*", "<<": ">>", ">>": "<<" };
const BOUNDARY = { "<": "<=", "<=": "<", ">": ">=", ">=": ">" };
const NEGATION = { "<": ">=", "<=": ">", ">": "<=", ">=": "<", "===": "!==", "!==": "===" };
const ASSIGNMENT = { "+=": "-=", "-=": "+=", "*=": "/=", "/=": "*=", "??=": "=", "&&=": "=", "||=": "=" };
/** Methods that may be exchanged for another, or (undefined) left out so that their object is passed on. */
const METHODS = {
  filter: undefined,
  sort: undefined,
  toSorted: undefined,
  reverse: undefined,
  toReversed: undefined,
  slice: undefined,
  trim: undefined,
  some: "every",
  every: "some",
  min: "max",
  max: "min",
  floor: "ceil",
  ceil: "floor",
  startsWith: "endsWith",
  endsWith: "startsWith",
};

/** The node behind parentheses and type assertions. */
export function bare(node) {
  const isWrapper =
    node?.type === "ParenthesizedExpression" ||
    node?.type === "TSAsExpression" ||
    node?.type === "TSSatisfiesExpression" ||
    node?.type === "TSNonNullExpression";
  return isWrapper ? bare(node.expression) : node;
}

/** Whether an expression is a text: a string, a template, a sum or choice of texts. */
export function isText(node) {
  const inner = bare(node);
  if (inner === null || inner === undefined) return false;
  if (inner.type === "TemplateLiteral") return true;
  if (inner.type === "Literal") return typeof inner.value === "string";
  if (inner.type === "BinaryExpression" && inner.operator === "+") {
    return isText(inner.left) || isText(inner.right);
  }
  if (inner.type === "ConditionalExpression") return isText(inner.consequent) && isText(inner.alternate);
  return false;
}

/** Whether an expression is a truth value by its form. */
function isTruth(node) {
  const inner = bare(node);
  if (inner.type === "BinaryExpression")
    return inner.operator in NEGATION || /^(in|instanceof)$/.test(inner.operator);
  if (inner.type === "UnaryExpression") return inner.operator === "!";
  if (inner.type === "LogicalExpression") {
    return inner.operator !== "??" && isTruth(inner.left) && isTruth(inner.right);
  }
  return false;
}

/** Whether the compiler takes an element for possibly missing: `list[i]`, `list.at(-1)`, `map.get(key)`. */
export function isElement(node) {
  const inner = bare(node);
  if (inner?.type === "ChainExpression") return isElement(inner.expression);
  if (inner?.type === "MemberExpression") return inner.computed || isElement(inner.object);
  if (inner?.type !== "CallExpression" || inner.callee.type !== "MemberExpression") return false;
  return ["at", "get", "shift", "pop"].includes(inner.callee.property.name);
}

/** The texts for a number: one more and one less, or twice and half of a fraction. */
export function numberMutants(node) {
  const { value, raw } = node;
  if (typeof value !== "number") return [];
  const texts = Number.isInteger(value)
    ? [String(value + 1), String(value - 1)]
    : [`(${raw} * 2)`, `(${raw} / 2)`];
  return texts.map((text) => ({ operator: "number", text: text.startsWith("-") ? `(${text})` : text }));
}

function methodMutants(node, source) {
  const { callee } = node;
  if (callee.type !== "MemberExpression" || callee.computed || !Object.hasOwn(METHODS, callee.property.name))
    return [];
  const other = METHODS[callee.property.name];
  const edit =
    other === undefined
      ? { start: callee.object.end, end: node.end, text: "" }
      : { start: callee.property.start, end: callee.property.end, text: other };
  return [{ operator: "method", text: spliced(source, node, edit) }];
}

/** A node's text with one part of it replaced. */
function spliced(source, node, edit) {
  return source.slice(node.start, edit.start) + edit.text + source.slice(edit.end, node.end);
}

/** The mutants of an optional chain: each `?.` made a `.`, each method exchanged. */
export function chainMutants(chain, source) {
  const found = [];
  for (let node = chain.expression; node !== undefined; node = node.object ?? node.callee) {
    if (node.type !== "MemberExpression" && node.type !== "CallExpression") break;
    if (node.type === "CallExpression") {
      for (const { operator, text } of methodMutants(node, source)) {
        found.push({ operator, text: spliced(source, chain, { start: node.start, end: node.end, text }) });
      }
    }
    if (!node.optional) continue;
    const inner = node.object ?? node.callee;
    const at = source.indexOf("?.", inner.end);
    const next = source.slice(at + 2).trimStart()[0];
    const text = next === "[" || next === "(" ? "" : ".";
    found.push({ operator: "optional", text: spliced(source, chain, { start: at, end: at + 2, text }) });
  }
  return found;
}

/** What may stand for a value that is returned. */
export function returnMutants(node) {
  const inner = bare(node);
  if (inner.type === "Literal" || isText(inner)) return [];
  if (inner.type === "Identifier" && inner.name === "undefined") return [];
  const isCollection = inner.type === "ArrayExpression" || inner.type === "ObjectExpression";
  if (isCollection && (inner.elements ?? inner.properties).length > 0) return [];
  const texts = isTruth(inner) ? ["true", "false"] : ["undefined"];
  return texts.map((text) => ({ operator: "return", text }));
}

/** What may stand for the condition of an `if`, a choice or (only `false`) a loop. */
export function conditionMutants(node, isLoop) {
  if (bare(node).type === "Literal") return [];
  return (isLoop ? ["false"] : ["true", "false"]).map((text) => ({ operator: "condition", text }));
}

/**
 * What may stand for an expression.
 *
 * @param isDecided whether `true` and `false` are tried for it already, which an opposite adds nothing to
 */
export function expressionMutants(node, source, isDecided) {
  const text = (part) => source.slice(part.start, part.end);
  if (node.type === "BinaryExpression") {
    const { operator, left, right } = node;
    if (isText(node)) return [];
    const found = [];
    const change = (name, table) => {
      if (!(operator in table)) return;
      // The operator stands between the operands, perhaps beside parentheses and comments.
      const at = source.indexOf(operator, left.end);
      found.push({
        operator: name,
        text: `${source.slice(node.start, at)}${table[operator]}${source.slice(at + operator.length, right.end)}`,
      });
    };
    change("arithmetic", ARITHMETIC);
    change("boundary", BOUNDARY);
    if (!isDecided) change("negation", NEGATION);
    return found;
  }
  if (node.type === "LogicalExpression" && node.operator !== "??") {
    return [node.left, node.right].map((side) => ({ operator: "logical", text: text(side) }));
  }
  if (node.type === "UnaryExpression") {
    const isSign = node.operator === "-" && node.argument.type !== "Literal";
    if (isSign || (node.operator === "!" && !isDecided))
      return [{ operator: "unary", text: text(node.argument) }];
    return [];
  }
  if (node.type === "UpdateExpression") {
    const argument = text(node.argument);
    const operator = node.operator === "++" ? "--" : "++";
    return [{ operator: "update", text: node.prefix ? operator + argument : argument + operator }];
  }
  if (node.type === "AssignmentExpression" && node.operator in ASSIGNMENT && !isText(node.right)) {
    const between = source
      .slice(node.left.end, node.right.start)
      .replace(node.operator, ASSIGNMENT[node.operator]);
    return [{ operator: "assignment", text: text(node.left) + between + text(node.right) }];
  }
  if (node.type === "Literal") {
    if (typeof node.value === "boolean" && !isDecided)
      return [{ operator: "boolean", text: String(!node.value) }];
    return numberMutants(node);
  }
  if (node.type === "ArrayExpression" && node.elements.length > 0) return [{ operator: "array", text: "[]" }];
  if (node.type === "ObjectExpression" && node.properties.length > 0)
    return [{ operator: "object", text: "{}" }];
  if (node.type === "CallExpression") return methodMutants(node, source);
  return [];
}
