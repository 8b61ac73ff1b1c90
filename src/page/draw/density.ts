import type { Rgb } from "./colours.js";

/** How many lines pass through each pixel, drawn without a graphics card. */
export class Density {
  readonly width: number;
  readonly height: number;
  readonly #counts: Uint16Array;
  readonly #image: Uint8ClampedArray<ArrayBuffer>;

  constructor(width: number, height: number) {
    this.width = Math.max(1, Math.round(width));
    this.height = Math.max(1, Math.round(height));
    this.#counts = new Uint16Array(this.width * this.height);
    this.#image = new Uint8ClampedArray(4 * this.width * this.height);
  }

  /** Counts a segment in every column that it crosses, once a pixel. */
  add(x0: number, y0: number, x1: number, y1: number): void {
    if (!(x0 <= x1)) {
      if (x1 < x0) this.add(x1, y1, x0, y0);
      return;
    }
    if (!Number.isFinite(y0 + y1) || x1 < 0 || x0 >= this.width) return;
    const slope = x1 > x0 ? (y1 - y0) / (x1 - x0) : 0;
    // A wide segment has the columns whose middles it passes, so that none counts twice where two segments meet.
    const isWide = x1 - x0 >= 2;
    const first = Math.max(0, isWide ? Math.ceil(x0 - 0.5) : Math.floor(x0));
    const end = Math.min(this.width, isWide ? Math.ceil(x1 - 0.5) : Math.max(first + 1, Math.ceil(x1)));
    for (let column = first; column < end; column++) {
      const from = y0 + slope * (Math.max(column, x0) - x0);
      const to = x1 > x0 ? y0 + slope * (Math.min(column + 1, x1) - x0) : y1;
      const top = Math.max(0, Math.floor(Math.min(from, to)));
      const bottom = Math.min(this.height - 1, Math.floor(Math.max(from, to)));
      for (let row = top; row <= bottom; row++) {
        const at = row * this.width + column;
        const count = this.#counts[at] ?? 0;
        if (count < 65535) this.#counts[at] = count + 1;
      }
    }
  }

  /** How many segments passed through a pixel since the last layer. */
  countAt(column: number, row: number): number {
    return this.#counts[row * this.width + column] ?? 0;
  }

  /** Lays what was counted over the picture, as so many lines of an opacity, and starts counting again. */
  layer(colour: Rgb, opacity: number): void {
    const image = this.#image;
    for (let at = 0; at < this.#counts.length; at++) {
      const count = this.#counts[at] ?? 0;
      if (count === 0) continue;
      this.#counts[at] = 0;
      const above = 1 - (1 - opacity) ** count;
      const below = ((image[4 * at + 3] ?? 0) / 255) * (1 - above);
      const whole = above + below;
      for (let part = 0; part < 3; part++) {
        const old = image[4 * at + part] ?? 0;
        image[4 * at + part] = ((colour[part] ?? 0) * above + old * below) / whole;
      }
      image[4 * at + 3] = 255 * whole;
    }
  }

  /** Red, green, blue and opacity of every pixel, by row. */
  get image(): Uint8ClampedArray<ArrayBuffer> {
    return this.#image;
  }
}
