import { appendFile, mkdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { StudyEvent } from "../../core/events.js";
import type { Params } from "../../core/param.js";
import { fileVersion, scalars, sessionEnd, sessionStart } from "./event-file.js";
import { createStoppedAtOnce } from "./stopped-at-once.js";
import { type OpenTracker, replicateMetric, type TrackedStudy, type Tracker } from "./tracker.js";

/** What is known of a trial's file. */
interface TrialFile {
  readonly path: string;
  readonly params: Params;
  replicate: number;
  /** Bytes to be written. */
  pending: Uint8Array[];
  /** How many bytes come before the pending ones. */
  written: number;
}

const lengthOf = (parts: readonly Uint8Array[]): number => parts.reduce((sum, { length }) => sum + length, 0);

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}

/** The bytes after the first `count`. */
function rest(parts: readonly Uint8Array[], count: number): Uint8Array {
  return Buffer.concat(parts).subarray(count);
}

/**
 * Writes event files for TensorBoard: one folder for each trial, in `DIR/STUDY`, with its metrics as scalars and its
 * params for the HParams page. A file follows from the log alone, byte by byte, so one that is there already is
 * continued from its size on.
 *
 * @param directory what `tensorboard --logdir` is given
 */
export function tensorboardTracker(directory: string): OpenTracker {
  return ({ definition, createdAt }: TrackedStudy): Tracker => {
    const folder = resolve(directory, definition.name);
    const files = new Map<number, TrialFile>();
    const changed = new Set<TrialFile>();
    const made = new Set<string>();
    const add = (trial: number, render: (file: TrialFile) => Uint8Array): void => {
      const file = files.get(trial);
      if (file === undefined) return;
      file.pending.push(render(file));
      changed.add(file);
    };
    const stoppedAtOnce = createStoppedAtOnce();
    const observe = (event: StudyEvent): void => {
      const stopped = stoppedAtOnce(event);
      if (stopped !== undefined) add(stopped, () => sessionEnd(event.time, "success"));
      switch (event.type) {
        case "trial-asked": {
          const group = `trial-${event.trial}`;
          const name = `events.out.tfevents.${Math.floor(createdAt / 1000)}.curvewise.${event.trial}.v2`;
          files.set(event.trial, {
            path: join(folder, group, name),
            params: event.params,
            replicate: 0,
            pending: [fileVersion(event.time), sessionStart(event.time, group, event.params)],
            written: 0,
          });
          return;
        }
        case "reported":
          add(event.trial, ({ replicate }) => {
            const named = Object.entries(event.metrics).map(
              ([name, value]) => [replicateMetric(name, replicate), value] as const,
            );
            return scalars(event.time, event.step, Object.fromEntries(named));
          });
          return;
        case "replicated": {
          const file = files.get(event.trial);
          if (file !== undefined) file.replicate += 1;
          return;
        }
        case "finished":
          add(event.trial, () => sessionEnd(event.time, "success"));
          return;
        case "failed":
          if (!event.retry) add(event.trial, () => sessionEnd(event.time, "failure"));
          return;
        default:
      }
    };
    const flush = async (): Promise<void> => {
      for (const file of changed) {
        const parent = join(file.path, "..");
        if (!made.has(parent)) await mkdir(parent, { recursive: true });
        made.add(parent);
        const size = await sizeOf(file.path);
        const before = file.written;
        const all = lengthOf(file.pending);
        const there = Math.min(Math.max(0, size - before), all);
        if (there < all) await appendFile(file.path, rest(file.pending, there));
        file.written = before + all;
        file.pending = [];
        changed.delete(file);
      }
    };
    return { name: `TensorBoard's files in ${folder}`, observe, flush, rest: async () => {} };
  };
}
