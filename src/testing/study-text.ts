import type { Study } from "../core/study.js";

/** Where lists and objects begin and end in a row; nothing else can be mistaken for them. */
const [OPEN_LIST, OPEN_OBJECT, CLOSE] = [Symbol("["), Symbol("{"), Symbol("]")];

/** All of a study in one row, maps and sets included: another row whenever anything of it is another. */
function noteParts(value: unknown, row: unknown[]): void {
  if (typeof value !== "object" || value === null) {
    row.push(value);
    return;
  }
  if (Array.isArray(value) || value instanceof Set || value instanceof Map) {
    row.push(OPEN_LIST);
    for (const part of value) noteParts(part, row);
  } else {
    row.push(OPEN_OBJECT);
    for (const [key, part] of Object.entries(value)) {
      row.push(key);
      noteParts(part, row);
    }
  }
  row.push(CLOSE);
}

function partsOf(study: Study): readonly unknown[] {
  const row: unknown[] = [];
  noteParts(study, row);
  return row;
}

const isSame = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((part, index) => Object.is(part, b[index]));

/**
 * Calls a sampler or scheduler, and notes the names of those calls that change the study. Between two calls only events
 * change it, so that what it was like after one is what it is like before the next, unless there was an event.
 */
export function changeWatch(changes: string[]): <T>(name: string, study: Study, call: () => T) => T {
  let last: { readonly events: number; readonly parts: readonly unknown[] } | undefined;
  return (name, study, call) => {
    const before = last?.events === study.events ? last.parts : partsOf(study);
    const result = call();
    const after = partsOf(study);
    if (!isSame(before, after)) changes.push(name);
    last = { events: study.events, parts: after };
    return result;
  };
}
