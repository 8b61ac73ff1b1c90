import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  Scalar,
  visit,
  type YAMLMap,
} from "yaml";
import { messageOf } from "../core/errors.js";

/** The place of a value in a document: keys and indices from the root. */
export type Path = readonly (string | number)[];

/** A place in a file; lines and columns count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong in a configuration file. */
export interface Problem {
  readonly position: Position;
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** A YAML document that knows where in the file each of its parts is. */
export interface YamlSource {
  /** The document as plain data; undefined if it could not be read. */
  readonly value: unknown;
  /** The YAML parser's complaints. */
  readonly problems: readonly Problem[];
  /** Where the value at a path begins; if there is none, the place of the nearest enclosing value. */
  valueAt(path: Path): Position;
  /** Where the key of the value at a path begins. */
  keyAt(path: Path): Position;
}

/** Reads YAML 1.2 (core schema, with merge keys). */
export function readYaml(text: string): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, version: "1.2", merge: true });
  const positionOf = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  // One broken line causes errors about what follows, so only the first is worth reading.
  const problems: Problem[] = document.errors.slice(0, 1).map((error) => ({
    position: positionOf(error.pos[0]),
    message: firstLine(error.message),
    hint: "Correct the YAML there: indentation, brackets, quotes.",
  }));
  if (problems.length === 0) {
    nameKeys(document);
    // Whoever reads the value would miss the name without a word.
    problems.push(
      ...prototypeKeys(document).map((offset) => ({
        position: positionOf(offset),
        message: "nothing can have the name __proto__",
        hint: "Give it another name.",
      })),
    );
  }
  const read = problems.length > 0 ? { value: undefined } : readValue(document);
  if ("problem" in read) problems.push({ position: { line: 1, column: 1 }, message: read.problem });

  const offsetOf = (path: Path, wanted: "key" | "value"): number => {
    let node: unknown = document.contents;
    let offset = startOf(node) ?? 0;
    for (const [index, part] of path.entries()) {
      const child = childOf(document, node, part);
      if (child === undefined) return offset;
      node = child.value;
      const keyOffset = startOf(child.key);
      const last = index === path.length - 1;
      const target = last && wanted === "key" ? keyOffset : startOf(node);
      offset = target ?? keyOffset ?? offset;
    }
    return offset;
  };
  return {
    value: "value" in read ? read.value : undefined,
    problems,
    valueAt: (path) => positionOf(offsetOf(path, "value")),
    keyAt: (path) => positionOf(offsetOf(path, "key")),
  };
}

/** Makes keys that are null, lists or mappings their JSON, which is how such values are named: `[64, 64]: 2`. */
function nameKeys(document: Document): void {
  visit(document, {
    Pair: (_, pair) => {
      const { key } = pair;
      const isNull = isScalar(key) && key.value === null;
      if (!isNull && !isCollection(key)) return;
      const named = new Scalar(JSON.stringify(key.toJS(document)));
      if (key.range) named.range = key.range;
      pair.key = named;
    },
  });
}

/** Where keys are that objects cannot hold. */
function prototypeKeys(document: Document): readonly number[] {
  const offsets: number[] = [];
  visit(document, {
    Pair: (_, { key }) => {
      if (isScalar(key) && key.value === "__proto__") offsets.push(startOf(key) ?? 0);
    },
  });
  return offsets;
}

const firstLine = (message: string): string => message.split(/ at line \d+|\n/, 1)[0] ?? message;

function readValue(document: Document): { readonly value: unknown } | { readonly problem: string } {
  try {
    return { value: document.toJS({ maxAliasCount: 100 }) };
  } catch (thrown) {
    return { problem: messageOf(thrown) };
  }
}

function startOf(node: unknown): number | undefined {
  if (isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)) return node.range?.[0];
  return undefined;
}

function childOf(
  document: Document,
  node: unknown,
  part: string | number,
): { readonly key: unknown; readonly value: unknown } | undefined {
  const target = isAlias(node) ? node.resolve(document) : node;
  if (isSeq(target) && typeof part === "number") return { key: undefined, value: target.items[part] };
  if (!isMap(target)) return undefined;
  return pairOf(target, String(part));
}

const keyText = ({ key }: Pair): string => (isScalar(key) ? String(key.value) : String(key));

/** A mapping's entries by key: a file may have thousands of problems in one mapping of thousands of keys. */
const pairsOf = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  let pairs = pairsOf.get(map);
  if (pairs === undefined) {
    // Of keys that are written twice, the first one counts.
    pairs = new Map(map.items.map((pair): [string, Pair] => [keyText(pair), pair]).reverse());
    pairsOf.set(map, pairs);
  }
  return pairs.get(key);
}
