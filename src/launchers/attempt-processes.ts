import { type BigIntStats, readFileSync, readlinkSync } from "node:fs";
import { readdir, readlink, stat } from "node:fs/promises";
import { basename, sep } from "node:path";
import { setImmediate as nextTurn, setTimeout } from "node:timers/promises";
import { statFields } from "../system/process-start.js";
import { signalGroup } from "./process-group.js";

/**
 * A process that has an attempt's environment, on Linux. A program's processes inherit it, whatever group or session
 * they are in and whether or not those that started them still run.
 */
interface AttemptProcess {
  readonly pid: number;
  readonly group: number;
  /** `CURVEWISE_DIR`, as this process's own mounts name it. */
  readonly folder: string;
  readonly attempt: number;
  /** `CURVEWISE_SOCKET`. */
  readonly socket: string | undefined;
}

const MARK = Buffer.from("CURVEWISE_DIR=");
/** How many processes are looked at before others get their turn. */
const AT_ONCE = 32;
/** How long to wait for killed processes: one in uninterruptible sleep may take very long. */
const PATIENCE_MILLISECONDS = 10_000;

/** In one piece: the kernel answers at once, and a thread for each file would take many times as long. */
function inspect(pid: number): AttemptProcess[] {
  try {
    const environ = readFileSync(`/proc/${pid}/environ`);
    if (!environ.includes(MARK)) return [];
    const entries = environ.toString().split("\0");
    const valueOf = (name: string): string | undefined =>
      entries.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
    const folder = valueOf("CURVEWISE_DIR");
    const [state = "", , group] = statFields(readFileSync(`/proc/${pid}/stat`, "utf8"));
    if (folder === undefined || /^[ZX]/.test(state)) return [];
    const attempt = Number(valueOf("CURVEWISE_ATTEMPT") ?? "0");
    return [{ pid, group: Number(group), folder, attempt, socket: valueOf("CURVEWISE_SOCKET") }];
  } catch {
    // It has ended, or is another user's.
    return [];
  }
}

async function scan(): Promise<AttemptProcess[]> {
  const pids = (await readdir("/proc")).map(Number).filter((pid) => pid > 1 && pid !== process.pid);
  const found: AttemptProcess[] = [];
  for (let from = 0; from < pids.length; from += AT_ONCE) {
    found.push(...pids.slice(from, from + AT_ONCE).flatMap(inspect));
    await nextTurn();
  }
  return found;
}

let current: Promise<AttemptProcess[]> | undefined;
let following: Promise<AttemptProcess[]> | undefined;

/** The processes of all attempts on this machine, as of a moment after the call; calls that wait share an answer. */
async function attemptProcesses(): Promise<AttemptProcess[]> {
  if (current !== undefined) {
    following ??= current.then(() => {
      following = undefined;
      return attemptProcesses();
    });
    return following;
  }
  current = scan().finally(() => {
    current = undefined;
  });
  return current;
}

/** Kills the processes for which this holds, with their groups, and waits until none is running. */
async function killProcesses(isMeant: (process: AttemptProcess) => Promise<boolean>): Promise<void> {
  if (process.platform !== "linux") return;
  const [, , own] = statFields(readFileSync("/proc/self/stat", "utf8"));
  const until = performance.now() + PATIENCE_MILLISECONDS;
  // Twice, since a process that starts another one and ends may hide it from the first look.
  for (let clean = 0, pause = 1; clean < 2 && performance.now() < until; ) {
    const all = await attemptProcesses();
    const answers = await Promise.all(all.map(isMeant));
    const found = all.filter(({ group }, index) => answers[index] === true && group !== Number(own));
    if (found.length === 0) {
      clean += 1;
      continue;
    }
    clean = 0;
    for (const { pid, group } of found) {
      // All of its group, of which some may have given up their environment.
      if (group > 1) signalGroup(group, "SIGKILL");
      signalProcess(pid);
    }
    await setTimeout(pause);
    pause = Math.min(100, 2 * pause);
  }
}

function signalProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}

const isSameFile = (one: BigIntStats | undefined, other: BigIntStats | undefined): boolean =>
  one !== undefined && one.dev === other?.dev && one.ino === other.ino;

/** A file's identity; undefined if there is none. */
const identity = (path: string): Promise<BigIntStats | undefined> =>
  stat(path, { bigint: true }).catch(() => undefined);

/** Whether a process sees the file system as this one does, so that its paths lead to the same files. */
async function sharesMounts(pid: number): Promise<boolean> {
  return (await readlink(`/proc/${pid}/ns/mnt`).catch(() => "")) === readlinkSync("/proc/self/ns/mnt");
}

/** Which processes {@link killAttempts} ends. */
export interface LeftAttempts {
  /** Only attempts before this one; undefined for all. */
  readonly before?: number;
  /** The socket of an attempt that is known to be over. */
  readonly socket?: string;
}

/**
 * Kills what is left of the attempts in a trial's folder, and waits until it is gone: the processes whose
 * `CURVEWISE_DIR` is this folder, also where links or a container's mounts give it another path, and also when they
 * lead sessions of their own. Processes that have neither an attempt's environment nor a group in which another one has
 * it are not found. Does nothing on systems without `/proc`.
 *
 * @param folder absolute
 */
export async function killAttempts(
  folder: string,
  { before = Number.POSITIVE_INFINITY, socket }: LeftAttempts,
): Promise<void> {
  const own = await identity(folder);
  await killProcesses(async (each) => {
    if (each.attempt >= before) return false;
    if (socket !== undefined && each.socket === socket) return true;
    if (each.folder === folder && (await sharesMounts(each.pid))) return true;
    return (
      basename(each.folder) === basename(folder) &&
      isSameFile(await identity(`/proc/${each.pid}/root${each.folder}`), own)
    );
  });
}

/**
 * Kills what is left of all attempts of a study, as {@link killAttempts} does.
 *
 * @param folder the study's, absolute
 */
export async function killStudyAttempts(folder: string): Promise<void> {
  await killProcesses(async (each) => each.folder.startsWith(folder + sep) && (await sharesMounts(each.pid)));
}
