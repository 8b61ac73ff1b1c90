/** A set of trial numbers. */
export interface TrialNumbers extends Iterable<number> {
  readonly size: number;
  has(number: number): boolean;
}

/** The same, while a study's log is being read. */
export interface ChangingTrialNumbers extends TrialNumbers {
  add(number: number): unknown;
  delete(number: number): boolean;
}

/** A set of trial numbers at one bit each, always in ascending order. */
export class NumberBits implements ChangingTrialNumbers {
  #words = new Uint32Array(16);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(number: number): boolean {
    return (((this.#words[number >>> 5] ?? 0) >>> (number & 31)) & 1) === 1;
  }

  add(number: number): void {
    if (this.has(number)) return;
    const place = number >>> 5;
    if (place >= this.#words.length) {
      const larger = new Uint32Array(Math.max(place + 1, 2 * this.#words.length));
      larger.set(this.#words);
      this.#words = larger;
    }
    this.#words[place] = (this.#words[place] ?? 0) | (1 << (number & 31));
    this.#size += 1;
  }

  delete(number: number): boolean {
    if (!this.has(number)) return false;
    const place = number >>> 5;
    this.#words[place] = (this.#words[place] ?? 0) & ~(1 << (number & 31));
    this.#size -= 1;
    return true;
  }

  *[Symbol.iterator](): Generator<number> {
    for (const [place, word] of this.#words.entries()) {
      // equivalent mutant (condition): to look at every bit of a word without any is only slower
      if (word === 0) continue;
      for (let bit = 0; bit < 32; bit++) {
        if (((word >>> bit) & 1) === 1) yield place * 32 + bit;
      }
    }
  }
}
