import { useEffect, useRef } from "preact/hooks";

/** What a key does. */
export type KeyActions = Readonly<Record<string, () => void>>;

interface Bound {
  readonly current: KeyActions;
}

/** What parts of the page do with keys, the innermost last. */
const bound: Bound[] = [];

/** Has keys do something while a part of the page is there. Two keys in a row are written with a space: `g t`. */
export function useKeys(actions: KeyActions): void {
  const own = useRef(actions);
  own.current = actions;
  useEffect(() => {
    bound.push(own);
    return () => {
      bound.splice(bound.indexOf(own), 1);
    };
  }, []);
}

const actionOf = (keys: string): (() => void) | undefined =>
  bound.findLast(({ current }) => Object.hasOwn(current, keys))?.current[keys];

const isPrefix = (key: string): boolean =>
  bound.some(({ current }) => Object.keys(current).some((keys) => keys.startsWith(`${key} `)));

/** Whether keys are meant for something that is written in or chosen from. */
const isTaken = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target.closest("textarea, select, dialog, input:not([type=checkbox], [type=range], [type=radio])") !==
      null);

/** Milliseconds in which the second of two keys must follow. */
const PATIENCE = 1500;

/** Listens to the keyboard, for as long as the page is there. */
export function listenToKeys(): void {
  let first = "";
  let pressedAt = 0;
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTaken(event.target))
      return;
    // A button or link that has the focus is pressed by this key.
    if (
      event.key === "Enter" &&
      event.target !== document.body &&
      event.target instanceof HTMLElement &&
      event.target.matches("a, button, summary")
    )
      return;
    const isSecond = first !== "" && event.timeStamp - pressedAt < PATIENCE;
    const keys = isSecond ? `${first} ${event.key}` : event.key;
    first = "";
    const action = actionOf(keys);
    if (action !== undefined) {
      event.preventDefault();
      action();
    } else if (!isSecond && isPrefix(event.key)) {
      first = event.key;
      pressedAt = event.timeStamp;
    }
  });
}
