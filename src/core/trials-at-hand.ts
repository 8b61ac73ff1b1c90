import type { Trial } from "./trial.js";

/** Trials by number, some of which are gone; iterating skips those. */
export class TrialsAtHand<T extends Trial> extends Array<T> {
  /** Leaves a trial's place empty. */
  forget(number: number): void {
    Reflect.deleteProperty(this, number);
  }

  override *[Symbol.iterator](): ArrayIterator<T> {
    for (let number = 0; number < this.length; number++) {
      const trial = this[number];
      if (trial !== undefined) yield trial;
    }
  }
}
