import type { ParkedTraining } from "../core/launcher.js";
import { freeMemory, useOfGroups } from "../system/process-memory.js";

/** The share of the memory that was free when the launcher was made, which parked programs leave free. */
const RESERVE = 0.25;
/** Milliseconds between two looks at whether memory has become short. */
const WATCH_INTERVAL = 5000;

/** A program that waits. */
export interface ParkedProgram extends ParkedTraining {
  readonly study: string;
  /** The step that its model has reached. */
  readonly step: number;
  /** The leader of its process group. */
  readonly pid: number;
  /** Tells it to end, or kills it; resolves when nothing of it is left. */
  end(atOnce: boolean): Promise<void>;
}

/** What parked programs may take. */
export interface Room {
  /** How many of them there may be. */
  readonly limit: number;
  /** Bytes that are free now, and those that are to stay so. */
  readonly free: number;
  readonly reserve: number;
}

/**
 * Which parked programs have to go, first those of the lowest step, and of these the one that has waited longest.
 *
 * @param programs in the order in which they were parked, with the bytes that they give back
 */
export function programsToEnd<P extends { readonly step: number; readonly bytes: number }>(
  programs: readonly P[],
  { limit, free, reserve }: Room,
): readonly P[] {
  const order = programs.toSorted((a, b) => a.step - b.step);
  let left = free;
  let ended = 0;
  for (const { bytes } of order) {
    if (order.length - ended <= limit && left >= reserve) break;
    left += bytes;
    ended += 1;
  }
  return order.slice(0, ended);
}

interface Which {
  readonly study: string;
  readonly trial?: number;
  readonly attempt?: number;
}

/** The paused programs that wait in memory, of one launcher. */
export interface ParkingLot<P extends ParkedProgram = ParkedProgram> {
  /** Says that a program runs, so that what it uses counts; the function that it returns says that it is gone. */
  note(pid: number): () => void;
  /** Takes a program in, at the expense of others if need be; false if there is no room for it. */
  admit(program: P): boolean;
  /** Those of a study. */
  of(study: string): readonly P[];
  /** Takes out one that goes on or is gone. */
  remove(program: P): void;
  /**
   * Ends those of a study, of its trial, or of its attempt; resolves when they are gone.
   *
   * @param atOnce kills them, also those that are about to end
   */
  clear(which: Which, atOnce?: boolean): Promise<void>;
  /** Kills all, and admits none from now on. */
  close(): Promise<void>;
}

/**
 * Creates an empty one.
 *
 * @param limit how many programs it takes; undefined: as many as memory allows. Programs with a GPU are then not taken,
 *   since nothing says how much of its memory they hold
 */
export function createParkingLot<P extends ParkedProgram>(limit: number | undefined): ParkingLot<P> {
  const parked = new Set<P>();
  const running = new Set<number>();
  const ending = new Map<P, Promise<void>>();
  const reserve = limit === undefined ? RESERVE * freeMemory(0) : Number.NEGATIVE_INFINITY;
  let closed = false;
  let watch: NodeJS.Timeout | undefined;

  const remove = (program: P): void => {
    parked.delete(program);
    if (parked.size > 0) return;
    clearInterval(watch);
    watch = undefined;
  };
  const end = async (program: P, atOnce = false): Promise<void> => {
    remove(program);
    const gone = program.end(atOnce);
    ending.set(program, gone);
    await gone.finally(() => ending.delete(program));
  };

  /** Ends whatever there is no room for. */
  const makeRoom = (): void => {
    const uses = limit === undefined ? useOfGroups(running) : undefined;
    const bytesOf = (pids: Iterable<number>): number =>
      [...pids].reduce((sum, pid) => sum + (uses?.get(pid)?.bytes ?? 0), 0);
    // What is about to end gives its memory back.
    const soon = bytesOf([...ending.keys()].map(({ pid }) => pid));
    const room = {
      limit: limit ?? Number.POSITIVE_INFINITY,
      free: freeMemory(bytesOf(running)) + soon,
      reserve,
    };
    const programs = [...parked].map((program) => {
      const { bytes = 0, hasGpu = false } = uses?.get(program.pid) ?? {};
      return { program, step: program.step, bytes, hasGpu };
    });
    const [onGpus, others] = [
      programs.filter(({ hasGpu }) => hasGpu),
      programs.filter(({ hasGpu }) => !hasGpu),
    ];
    for (const { program } of [...onGpus, ...programsToEnd(others, room)]) void end(program);
  };

  return {
    note: (pid) => {
      running.add(pid);
      return () => running.delete(pid);
    },
    admit: (program) => {
      if (closed || limit === 0) return false;
      parked.add(program);
      makeRoom();
      if (!parked.has(program)) return false;
      if (limit === undefined) watch ??= setInterval(makeRoom, WATCH_INTERVAL).unref();
      return true;
    },
    of: (study) => [...parked].filter((program) => program.study === study),
    remove,
    clear: async ({ study, trial, attempt }, atOnce = false) => {
      const meant = [...parked, ...ending.keys()].filter(
        (program) =>
          program.study === study &&
          (trial === undefined || program.trial === trial) &&
          (attempt === undefined || program.attempt === attempt),
      );
      await Promise.all(
        meant.map((program) => (atOnce ? undefined : ending.get(program)) ?? end(program, atOnce)),
      );
    },
    close: async () => {
      closed = true;
      await Promise.all([...parked, ...ending.keys()].map((program) => end(program, true)));
    },
  };
}
