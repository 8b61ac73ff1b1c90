import { type Document, isAlias, isMap, isScalar, isSeq, parseDocument, visit } from "yaml";
import { z } from "zod";
import { CurvewiseError } from "../../core/errors.js";
import { refuseFile } from "../refusals.js";
import type { DescribedSearch } from "./described-search.js";
import { isHydra, searchFromHydra } from "./hydra.js";
import { isKatib, searchFromKatib } from "./katib.js";
import { isNniSpace, searchFromNni } from "./nni.js";
import { isOrion, searchFromOrion } from "./orion.js";
import { SEARCH_TOOLS, type SearchTool } from "./search-tools.js";
import { searchFromWandb } from "./wandb.js";

/** A file of another tool. */
export interface SearchFile {
  /** Its name, for messages. */
  readonly file: string;
  readonly text: string;
  /** Reads a file that this one names, relative to it. */
  readonly readNamed: (path: string) => string;
}

/** The words that YAML 1.1, which these tools read, has for true and false besides those of YAML 1.2. */
const TRUTHS = /^(yes|on|no|off)$/i;

/** A file's content. */
interface Content {
  readonly value: unknown;
  /** Whether the number at a place is a float in Python, as 1.0 is. */
  readonly isFloat: (keys: readonly string[]) => boolean;
}

/** Whether the number at a place is written with a point or an exponent; in JavaScript, 1.0 is a whole number. */
function isWrittenFloat(document: Document, keys: readonly string[]): boolean {
  const resolved = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node);
  // What a mapping has itself goes before what is merged into it.
  const below = (given: unknown, key: string): unknown => {
    const node = resolved(given);
    if (isSeq(node)) return node.items.map((each) => below(each, key)).find((each) => each !== undefined);
    if (!isMap(node)) return undefined;
    // Keys may be numbers, which are texts in JavaScript's objects.
    const own = node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key);
    if (own !== undefined) return own.value;
    const merged = node.items.find((pair) => isScalar(pair.key) && pair.key.source === "<<");
    return merged === undefined ? undefined : below(merged.value, key);
  };
  const node = resolved(keys.reduce<unknown>(below, document.contents));
  return isScalar(node) && typeof node.value === "number" && /^(?!0x).*[.e]/i.test(node.source ?? "");
}

/** YAML, and JSON as a part of it. */
function documentOf(text: string, file: string): Content {
  try {
    return contentOf(text, file);
  } catch (error) {
    // The parser's own errors: aliases that name nothing, or that stand for far too much.
    if (!(error instanceof ReferenceError)) throw error;
    return refuseFile(file, `it cannot be read: ${error.message}`, {
      hint: "Check the aliases in it, such as *base, or write out what they stand for.",
      cause: error,
    });
  }
}

function contentOf(text: string, file: string): Content {
  const document = parseDocument(text, { merge: true });
  const [error] = document.errors;
  if (error === undefined) {
    visit(document, {
      Scalar: (key, node) => {
        if (key === "key" || node.type !== "PLAIN" || typeof node.value !== "string") return;
        if (TRUTHS.test(node.value)) node.value = /^(yes|on)$/i.test(node.value);
      },
    });
    return { value: document.toJS(), isFloat: (keys) => isWrittenFloat(document, keys) };
  }
  return refuseFile(file, `it is neither YAML nor JSON: ${error.message.split("\n")[0] ?? ""}`, {
    hint: "Give the file that the other tool reads.",
    cause: error,
  });
}

const has = (document: unknown, ...keys: readonly string[]): boolean => {
  const mapping = z.record(z.string(), z.unknown()).safeParse(document);
  return mapping.success && keys.every((key) => key in mapping.data);
};

/** By what each tool's files are told from the others'. */
const SIGNS: Readonly<Record<SearchTool, (document: unknown) => boolean>> = {
  wandb: (document) => has(document, "method", "parameters"),
  nni: (document) =>
    isNniSpace(document) ||
    ["trialCommand", "trial_command", "searchSpace", "searchSpaceFile", "searchSpacePath"].some((key) =>
      has(document, key),
    ),
  katib: isKatib,
  hydra: isHydra,
  orion: isOrion,
};

/**
 * What another tool's file says of a search.
 *
 * @param tool whose file it is, if its content does not tell
 * @throws CurvewiseError `SEARCH_UNKNOWN`, `IMPORT_INVALID`, `IMPORT_UNSUPPORTED`
 */
export function readSearch(search: SearchFile, tool: SearchTool | undefined): DescribedSearch {
  try {
    return describedIn(search, tool);
  } catch (error) {
    // What follows a file's levels calls itself for each.
    if (!(error instanceof RangeError)) throw error;
    return refuseFile(search.file, "its mappings and lists are too deep in each other", {
      hint: "Give the file that the other tool reads.",
      cause: error,
    });
  }
}

function describedIn({ file, text, readNamed }: SearchFile, tool: SearchTool | undefined): DescribedSearch {
  const { value: document, isFloat } = documentOf(text, file);
  const chosen = tool ?? SEARCH_TOOLS.find((each) => SIGNS[each](document));
  switch (chosen) {
    case "wandb":
      return searchFromWandb(document, file, isFloat);
    case "nni":
      return searchFromNni(document, file, (path) => documentOf(readNamed(path), path).value);
    case "katib":
      return searchFromKatib(document, file);
    case "hydra":
      return searchFromHydra(document, file);
    case "orion":
      return searchFromOrion(document, file);
    case undefined:
      throw new CurvewiseError("SEARCH_UNKNOWN", `${file} does not tell which tool it is for`, {
        hint: `Name it with --tool: ${SEARCH_TOOLS.join(", ")}.`,
      });
  }
}
