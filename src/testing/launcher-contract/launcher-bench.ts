import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Assignment, AttemptEnd, Launcher } from "../../core/launcher.js";
import {
  type RecordingChannel,
  type RecordingChannelOptions,
  recordingChannel,
} from "../recording-channel.js";

/** A training that was started. */
export interface BegunTraining {
  readonly channel: RecordingChannel;
  readonly end: Promise<AttemptEnd>;
  readonly kill: AbortController;
}

/** Holds the launcher of one test, with a folder for its trial. */
export class LauncherBench {
  readonly #make: () => Launcher | Promise<Launcher>;
  #folder: string | undefined;
  #launcher: Launcher | undefined;

  constructor(make: () => Launcher | Promise<Launcher>) {
    this.#make = make;
  }

  get launcher(): Launcher {
    if (this.#launcher === undefined) throw new Error("there is no launcher before the test begins");
    return this.#launcher;
  }

  /** The trial's own folder. */
  get folder(): string {
    if (this.#folder === undefined) throw new Error("there is no folder before the test begins");
    return this.#folder;
  }

  async setUp(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), "launcher-contract-"));
    this.#launcher = await this.#make();
  }

  async tearDown(): Promise<void> {
    await this.#launcher?.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** An assignment to run the contract's training with one of its behaviours. */
  assignment(behaviour: string, given: Partial<Assignment> = {}): Assignment {
    return {
      study: "contract",
      trial: 4,
      attempt: 1,
      params: { behaviour, lr: 0.1 },
      seed: 11,
      maxSteps: 3,
      folder: this.folder,
      resume: undefined,
      timeout: undefined,
      ...given,
    };
  }

  /** Makes the launcher run the contract's training with one of its behaviours. */
  begin(
    behaviour: string,
    given: Partial<Assignment> = {},
    options: Omit<RecordingChannelOptions, "folder"> = {},
    slot = 0,
  ): BegunTraining {
    const channel = recordingChannel({ folder: this.folder, ...options });
    const kill = new AbortController();
    const end = this.launcher.run(this.assignment(behaviour, given), channel, slot, kill.signal);
    return { channel, kill, end };
  }
}
