import type { Box } from "./axes.js";
import type { Range } from "./axis-view.js";

/** What a picture of many curves depends on. */
export interface BulkView {
  readonly box: Box;
  readonly ratio: number;
  readonly x: Range;
  readonly y: Range;
  /** Everything else. */
  readonly key: string;
}

/** A picture that takes longer is moved and stretched while the view changes, and drawn again when it rests. */
const SLOW = 30;
const REST = 140;

const sameRange = (a: Range, b: Range): boolean => a[0] === b[0] && a[1] === b[1];

/**
 * Where a picture of an older view goes in a new one, in pixels from the box's lower left corner: along one axis, its
 * first pixel and its length.
 */
export function movedTo(before: Range, now: Range, length: number): readonly [from: number, length: number] {
  const scale = length / (now[1] - now[0]);
  return [(before[0] - now[0]) * scale, (before[1] - before[0]) * scale];
}

/** Keeps the picture of many curves, so that it is not drawn again for every curve that is pointed at. */
export class BulkLayer {
  readonly #canvas = document.createElement("canvas");
  readonly #request: () => void;
  #view: BulkView | undefined;
  #wanted: BulkView | undefined;
  #cost = 0;
  #timer = 0;

  /** @param request asks for another picture */
  constructor(request: () => void) {
    this.#request = request;
  }

  paint(
    context: CanvasRenderingContext2D,
    view: BulkView,
    draw: (to: CanvasRenderingContext2D) => void,
  ): void {
    const { box, ratio } = view;
    const before = this.#view;
    const isMoved = before !== undefined && !(sameRange(before.x, view.x) && sameRange(before.y, view.y));
    const isSame = before !== undefined && before.key === view.key;
    const isWaiting = this.#timer !== 0 || this.#wanted === undefined || !this.#rests(view);
    if (isSame && !isMoved) {
      this.#wanted = view;
      this.#copy(context, box, [0, box.width], [0, box.height]);
      return;
    }
    if (isSame && this.#cost > SLOW && isWaiting) {
      const isNew = !this.#rests(view);
      this.#wanted = view;
      const across = movedTo(before.x, view.x, box.width);
      this.#copy(context, box, across, movedTo(before.y, view.y, box.height));
      if (isNew || this.#timer === 0) this.#wait();
      return;
    }
    const start = performance.now();
    this.#canvas.width = Math.max(1, Math.round(box.width * ratio));
    this.#canvas.height = Math.max(1, Math.round(box.height * ratio));
    const own = this.#canvas.getContext("2d");
    if (own === null) return;
    own.setTransform(ratio, 0, 0, ratio, -box.left * ratio, -box.top * ratio);
    draw(own);
    this.#cost = performance.now() - start;
    this.#view = view;
    this.#wanted = view;
    this.#copy(context, box, [0, box.width], [0, box.height]);
  }

  destroy(): void {
    clearTimeout(this.#timer);
  }

  #rests(view: BulkView): boolean {
    return (
      this.#wanted !== undefined && sameRange(this.#wanted.x, view.x) && sameRange(this.#wanted.y, view.y)
    );
  }

  #wait(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      this.#request();
    }, REST);
  }

  #copy(
    context: CanvasRenderingContext2D,
    { left, top, height }: Box,
    [x, width]: readonly [number, number],
    [y, tall]: readonly [number, number],
  ): void {
    context.globalAlpha = 1;
    context.drawImage(this.#canvas, left + x, top + height - y - tall, width, tall);
  }
}
