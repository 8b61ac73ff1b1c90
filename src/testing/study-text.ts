import type { Study } from "../core/study.js";

/** All of a study as text, maps and sets included: another text whenever anything of it is another. */
function textOf(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return String(value);
  let text = "";
  if (Array.isArray(value) || value instanceof Set || value instanceof Map) {
    for (const part of value) text += `${textOf(part)},`;
    return `[${text}]`;
  }
  for (const [key, part] of Object.entries(value)) text += `${key}:${textOf(part)},`;
  return `{${text}}`;
}

/**
 * Calls a sampler or scheduler, and notes the names of those calls that change the study. Between two calls only events
 * change it, so that what it was like after one is what it is like before the next, unless there was an event.
 */
export function changeWatch(changes: string[]): <T>(name: string, study: Study, call: () => T) => T {
  let last: { readonly events: number; readonly text: string } | undefined;
  return (name, study, call) => {
    const before = last?.events === study.events ? last.text : textOf(study);
    const result = call();
    const after = textOf(study);
    if (after !== before) changes.push(name);
    last = { events: study.events, text: after };
    return result;
  };
}
