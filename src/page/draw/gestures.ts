/** What people do to a plot with a mouse, fingers or keys; pixels are those of the element. */
export interface Gestures {
  hover(x: number, y: number): void;
  leave(): void;
  click(x: number, y: number): void;
  /** While a box is dragged, and once at its end. */
  box(from: readonly [number, number], to: readonly [number, number], isDone: boolean, other: boolean): void;
  cancelBox(): void;
  pan(dx: number, dy: number): void;
  /** A factor below 1 zooms in. */
  zoom(x: number, y: number, factor: number): void;
  reset(): void;
  /** Walks to the next point or curve: by one in either direction, or to another trace or curve. */
  walk(along: number, across: number): void;
  /** Acts on what was walked to. */
  choose(): void;
  escape(): void;
}

const CLICK_REACH = 4;
/** A page is scrolled unless the plot has the focus or a key says that zooming is meant. */
const STEP = 0.1;

/**
 * Listens to an element.
 *
 * @returns stops listening
 */
export function listen(element: HTMLElement, gestures: Gestures): () => void {
  const control = new AbortController();
  const { signal } = control;
  const pointers = new Map<number, readonly [number, number]>();
  let start: readonly [number, number] | undefined;
  let isPanning = false;
  let isOther = false;
  let gap = 0;
  const placeOf = (event: MouseEvent): readonly [number, number] => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const isFar = (a: readonly [number, number], b: readonly [number, number]): boolean =>
    Math.hypot(a[0] - b[0], a[1] - b[1]) > CLICK_REACH;
  const spread = (): readonly [number, number, number] => {
    const [a = [0, 0], b = [0, 0]] = pointers.values();
    return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, Math.hypot(a[0] - b[0], a[1] - b[1])];
  };
  const down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    const place = placeOf(event);
    pointers.set(event.pointerId, place);
    element.setPointerCapture(event.pointerId);
    if (pointers.size === 2) {
      gestures.cancelBox();
      start = undefined;
      gap = spread()[2];
      return;
    }
    start = place;
    isPanning = event.shiftKey;
    isOther = event.altKey;
  };
  const move = (event: PointerEvent): void => {
    const place = placeOf(event);
    const before = pointers.get(event.pointerId);
    if (before === undefined) {
      gestures.hover(...place);
      return;
    }
    const [oldX, oldY] = spread();
    pointers.set(event.pointerId, place);
    if (pointers.size === 2) {
      const [x, y, now] = spread();
      gestures.pan(x - oldX, y - oldY);
      if (gap > 0 && now > 0) gestures.zoom(x, y, gap / now);
      gap = now;
    } else if (start !== undefined && isPanning) gestures.pan(place[0] - before[0], place[1] - before[1]);
    else if (start !== undefined && isFar(start, place)) gestures.box(start, place, false, isOther);
  };
  const up = (event: PointerEvent): void => {
    const place = placeOf(event);
    if (!pointers.delete(event.pointerId) || start === undefined) return;
    if (isFar(start, place) && !isPanning) gestures.box(start, place, true, isOther);
    else if (!isFar(start, place)) gestures.click(...place);
    start = undefined;
  };
  const cancel = (event: PointerEvent): void => {
    pointers.delete(event.pointerId);
    start = undefined;
    gestures.cancelBox();
  };
  const wheel = (event: WheelEvent): void => {
    const hasFocus = element.contains(document.activeElement);
    if (!hasFocus && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const pixels = event.deltaMode === 0 ? event.deltaY : event.deltaY * 30;
    gestures.zoom(...placeOf(event), Math.exp(Math.max(-100, Math.min(100, pixels)) * 0.002));
  };
  const middle = (): readonly [number, number] => [element.clientWidth / 2, element.clientHeight / 2];
  const keys: Readonly<Record<string, () => void>> = {
    ArrowRight: () => gestures.walk(1, 0),
    ArrowLeft: () => gestures.walk(-1, 0),
    ArrowDown: () => gestures.walk(0, 1),
    ArrowUp: () => gestures.walk(0, -1),
    "+": () => gestures.zoom(...middle(), 1 / 1.25),
    "=": () => gestures.zoom(...middle(), 1 / 1.25),
    "-": () => gestures.zoom(...middle(), 1.25),
    "0": () => gestures.reset(),
    Enter: () => gestures.choose(),
    Escape: () => {
      start = undefined;
      gestures.cancelBox();
      gestures.escape();
    },
  };
  const shifted: Readonly<Record<string, readonly [number, number]>> = {
    ArrowRight: [-STEP, 0],
    ArrowLeft: [STEP, 0],
    ArrowUp: [0, STEP],
    ArrowDown: [0, -STEP],
  };
  const key = (event: KeyboardEvent): void => {
    if (event.target !== element || event.ctrlKey || event.metaKey || event.altKey) return;
    const by = event.shiftKey ? shifted[event.key] : undefined;
    const act = keys[event.key];
    if (by !== undefined) gestures.pan(by[0] * element.clientWidth, by[1] * element.clientHeight);
    else if (act === undefined) return;
    else act();
    event.preventDefault();
  };
  element.addEventListener("pointerdown", down, { signal });
  element.addEventListener("pointermove", move, { signal });
  element.addEventListener("pointerup", up, { signal });
  element.addEventListener("pointercancel", cancel, { signal });
  // A finger leaves with every tap; what it pointed at stays until the next one.
  const left = ({ pointerType }: PointerEvent): void => {
    if (pointerType !== "touch") gestures.leave();
  };
  element.addEventListener("pointerleave", left, { signal });
  element.addEventListener("wheel", wheel, { signal, passive: false });
  element.addEventListener("dblclick", () => gestures.reset(), { signal });
  element.addEventListener("keydown", key, { signal });
  element.addEventListener("blur", () => gestures.leave(), { signal });
  return () => control.abort();
}
