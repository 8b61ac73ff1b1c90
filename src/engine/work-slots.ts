/** What works in one slot until nothing is left to do, or the slot is not wanted any longer. */
export interface SlotWork {
  /** Whether the slot is still wanted. */
  readonly isWanted: () => boolean;
  /** A signal for one wait, which fires if the slot stops being wanted meanwhile. */
  readonly untilUnwanted: () => AbortSignal;
}

/** Slots whose number may change while they work. */
export interface WorkSlots {
  /** Has as many slots work: further ones begin at once, others end after what they are at. */
  set(count: number): void;
  /** Resolves when all slots have ended; from then on, none begins. */
  ended(): Promise<void>;
}

/**
 * Creates slots; none works before {@link WorkSlots.set}.
 *
 * @param work works in a slot, by its number from 0; it must not reject
 */
export function createWorkSlots(work: (slot: number, terms: SlotWork) => Promise<void>): WorkSlots {
  let wanted = 0;
  let over = false;
  const waits = new Map<number, AbortController>();
  const working = new Map<number, Promise<void>>();

  const begin = (slot: number): void => {
    const terms: SlotWork = {
      isWanted: () => slot < wanted,
      untilUnwanted: () => {
        const wait = new AbortController();
        waits.set(slot, wait);
        return wait.signal;
      },
    };
    working.set(
      slot,
      work(slot, terms).then(() => {
        working.delete(slot);
        waits.delete(slot);
      }),
    );
  };

  return {
    set: (count) => {
      if (over) return;
      wanted = count;
      for (const [slot, wait] of waits) if (slot >= wanted) wait.abort();
      for (let slot = 0; slot < wanted; slot++) if (!working.has(slot)) begin(slot);
    },
    ended: async () => {
      while (working.size > 0) await Promise.all(working.values());
      over = true;
    },
  };
}
