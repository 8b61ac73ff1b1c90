import type { ParkedProgram, ParkingLot } from "./parking-lot.js";
import type { ProgramProcess } from "./program-process.js";
import { createStopper } from "./program-stopper.js";

/** A program that waits, and can go on. */
export interface WaitingProgram extends ParkedProgram {
  readonly program: ProgramProcess;
  /** The GPUs that it was started on. */
  readonly gpus: string | undefined;
  /** Has it go on as this attempt, to which somebody attends by now; false if it is gone. */
  goOn(attempt: number): Promise<boolean>;
}

/** What {@link parkProgram} needs. */
export interface Parking extends Pick<WaitingProgram, "program" | "gpus"> {
  readonly lot: ParkingLot<WaitingProgram>;
  /** The attempt that ends with a pause, and the step that it has reached. */
  readonly place: Pick<WaitingProgram, "study" | "trial" | "attempt" | "step">;
  /** The study's. */
  readonly killAfter: number;
  /** Closes what belongs to that attempt. */
  readonly close: () => Promise<void>;
}

/**
 * Parks a program that asked for it, if there is room. The promise is what it is to be told: as which attempt it goes on,
 * or undefined: it is to end.
 *
 * @returns undefined if there is no room
 */
export function parkProgram(parking: Parking): Promise<number | undefined> | undefined {
  const { lot, place, program, gpus, killAfter, close } = parking;
  let state: "asks" | "waits" | "ends" | "went-on" | "gone" = "asks";
  let tell = (_attempt: number | undefined): void => {};
  const told = new Promise<number | undefined>((resolve) => {
    tell = resolve;
  });

  const entry: WaitingProgram = {
    ...place,
    pid: program.pid,
    program,
    gpus,
    end: async (atOnce) => {
      if (state === "asks") return;
      if (state === "waits") state = "ends";
      tell(undefined);
      const stopper = createStopper(program.pid, killAfter);
      if (atOnce) stopper.kill();
      else stopper.expectEnd();
      await program.exit;
      stopper.release();
      await gone;
    },
    goOn: async (attempt) => {
      if (state !== "waits") return false;
      state = "went-on";
      tell(attempt);
      await close();
      return true;
    },
  };
  if (!lot.admit(entry)) return undefined;
  state = "waits";

  const untilGone = async (): Promise<void> => {
    await program.exit;
    if (state === "went-on") return;
    state = "gone";
    lot.remove(entry);
    tell(undefined);
    await program.finish();
    await program.socket.drain();
    await close();
  };
  const gone = untilGone();
  return told;
}
