import { type Signal, signal } from "@preact/signals";

/** A setting that the browser remembers, where it may. @param read undefined: what is stored is not understood */
export function savedSignal<Value>(
  key: string,
  initial: Value,
  read: (stored: unknown) => Value | undefined,
): Signal<Value> {
  const name = `curvewise-${key}`;
  let start = initial;
  try {
    const text = localStorage.getItem(name);
    if (text !== null) start = read(JSON.parse(text)) ?? initial;
  } catch {
    // Forbidden, or written by something else: start over.
  }
  const value = signal(start);
  let isFirst = true;
  value.subscribe((next) => {
    if (isFirst) {
      isFirst = false;
      return;
    }
    try {
      localStorage.setItem(name, JSON.stringify(next));
    } catch {
      // It lasts until the page is left.
    }
  });
  return value;
}
