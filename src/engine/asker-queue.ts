import type { ParkedTraining, StopSignal } from "../core/launcher.js";
import type { Place } from "./worker-health.js";

/** A worker that asked for a trial and is waiting. */
export interface Asker<T> {
  readonly place: Place;
  /** Fires when it stops waiting. */
  readonly gone: StopSignal | undefined;
  /** The trainings that wait at this worker, to go on without a start. */
  readonly parked: () => Iterable<ParkedTraining>;
  readonly resolve: (answer: Promise<T | undefined> | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** Workers that are waiting for a trial, in the order in which they asked. */
export interface AskerQueue<T> extends Iterable<Asker<T>> {
  /**
   * Adds a worker to the end. Resolves to its answer; undefined if there is none, or if it stopped waiting.
   *
   * @param onChanged called once it is waiting, and when it stops waiting without an answer
   */
  wait(who: Pick<Asker<T>, "place" | "gone" | "parked">, onChanged: () => void): Promise<T | undefined>;
  /** Whether it still waits. */
  has(asker: Asker<T>): boolean;
  /** Takes a worker out, to be answered; false if it no longer waits. */
  remove(asker: Asker<T>): boolean;
  /** Tells all waiting workers that there is nothing. */
  dismiss(): void;
}

/** Creates an empty queue. */
export function createAskerQueue<T>(): AskerQueue<T> {
  const askers = new Set<Asker<T>>();

  const wait: AskerQueue<T>["wait"] = async ({ place, gone, parked }, onChanged) => {
    if (gone?.aborted === true) return undefined;
    let withdraw = (): void => {};
    return new Promise<T | undefined>((resolve, reject) => {
      const asker: Asker<T> = { place, gone, parked, resolve, reject };
      withdraw = () => {
        if (!askers.delete(asker)) return;
        resolve(undefined);
        onChanged();
      };
      gone?.addEventListener("abort", withdraw);
      askers.add(asker);
      onChanged();
    }).finally(() => gone?.removeEventListener("abort", withdraw));
  };

  return {
    [Symbol.iterator]: () => askers[Symbol.iterator](),
    wait,
    has: (asker) => askers.has(asker),
    remove: (asker) => askers.delete(asker),
    dismiss: () => {
      for (const asker of askers) asker.resolve(undefined);
      askers.clear();
    },
  };
}
