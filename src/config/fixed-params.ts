import { type Document, isMap, isNode, isSeq, parseDocument } from "yaml";
import { CurvewiseError } from "../core/errors.js";
import type { Params, Space } from "../core/param.js";
import { isOn } from "../core/search-space.js";

/** A study file with some params fixed. */
export interface FixedStudy {
  readonly text: string;
  /** Params that are gone, since the values of others switch them off in every trial. */
  readonly removed: readonly string[];
  /** Params that could not be fixed, since the file has them as a part of something else, such as a schedule. */
  readonly left: readonly string[];
}

/** The params that trials no longer have once others have these values. */
function switchedOff(space: Space, values: Params): Set<string> {
  const off = new Set<string>();
  for (let before = -1; before < off.size; ) {
    before = off.size;
    for (const [name, { when }] of Object.entries(space)) {
      const fails = Object.entries(when ?? {}).some(
        ([parent, requirement]) =>
          off.has(parent) || (values[parent] !== undefined && !isOn({ [parent]: requirement }, values)),
      );
      if (fails) off.add(name);
    }
  }
  return off;
}

/** Leaves out what `enqueue` says of params that are no longer searched. */
function clearEnqueued(document: Document, names: ReadonlySet<string>): void {
  const enqueued = document.get("enqueue");
  if (!isSeq(enqueued)) return;
  for (const entry of enqueued.items) if (isMap(entry)) for (const name of names) entry.delete(name);
  enqueued.items = enqueued.items.filter((entry) => !isMap(entry) || entry.items.length > 0);
  if (enqueued.items.length === 0) document.delete("enqueue");
}

/**
 * A study file in which some params have one value each; everything else stays, comments too, though its layout may change. Params that this
 * switches off in every trial are left out, and so is what `enqueue` says of any of these.
 *
 * @param text the study file, which has been read without errors
 * @param name the name of the new study
 * @param space that of the study
 * @param values by param; a param with a condition keeps it
 * @throws CurvewiseError `CONFIG_INVALID` if the file has no mapping `space`
 */
export function fixParams(text: string, name: string, space: Space, values: Params): FixedStudy {
  const document = parseDocument(text, { version: "1.2", merge: true });
  const section = document.get("space");
  if (document.errors.length > 0 || !isMap(section)) {
    throw new CurvewiseError("CONFIG_INVALID", "the study file has no params to fix", {
      hint: "Give the file that the study was run from.",
    });
  }
  const left = Object.keys(values).filter((param) => !section.has(param));
  const fixed = Object.entries(values).filter(([param]) => section.has(param));
  const own = new Map(fixed);
  const off = switchedOff(space, Object.fromEntries(own));
  for (const [param, value] of fixed) {
    const before = section.get(param);
    const when = isMap(before) ? before.get("when") : undefined;
    const isPlain = typeof value !== "object" && when === undefined;
    const entry = { fixed: value, ...(when === undefined ? {} : { when }) };
    const after = document.createNode(isPlain ? value : entry, { flow: true });
    const node = section.get(param, true);
    if (isNode(node) && node.comment !== undefined) after.comment = node.comment;
    section.set(param, after);
  }
  const removed = [...off].filter((param) => section.delete(param));
  clearEnqueued(document, new Set([...own.keys(), ...removed]));
  document.set("study", name);
  return { text: document.toString({ lineWidth: 0 }), removed, left };
}
