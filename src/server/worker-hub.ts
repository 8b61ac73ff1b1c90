import { setTimeout as sleep } from "node:timers/promises";
import { CurvewiseError } from "../core/errors.js";
import type { WorkerJoined } from "../core/events.js";
import { createRemoteWorker, type RemoteWorker, type ServedSession } from "./remote-worker.js";

/** So long are killed trainings waited for until they are given up, in milliseconds. */
const KILL_PATIENCE = 5000;
/** So long are workers waited for that were told that there is no more to do, in milliseconds. */
const FAREWELL_PATIENCE = 3000;
/** So often is looked whether they have gone, in milliseconds. */
const LOOK = 20;

/** What a {@link createWorkerHub} needs. */
export interface WorkerHubOptions {
  readonly session: ServedSession;
  /** The study's folder, absolute. */
  readonly folder: string;
  /** Seconds of silence after which a worker is lost, unless it asked for other ones. */
  readonly lease: number;
  /** Trials are handed out once so many workers were there at the same time. */
  readonly atLeast: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly clock?: () => number;
}

/** What a worker says of itself when it joins. */
export type WorkerIntroduction = Omit<WorkerJoined, "type">;

/** The workers of a study, and the watch over their leases. */
export interface WorkerHub {
  readonly session: ServedSession;
  /** Resolves when so many workers have joined as were wanted. */
  readonly begun: Promise<void>;
  /**
   * The worker of this name: one that is known goes on as it was, any other joins, which is then durable.
   *
   * @param lease seconds, where it is not to be the usual one
   */
  join(introduction: WorkerIntroduction, lease?: number): Promise<RemoteWorker>;
  /** The worker of this name, if it is there. */
  find(name: string): RemoteWorker | undefined;
  /** Something was heard of a worker. */
  touch(worker: RemoteWorker): void;
  /** A worker takes its leave: what it has is given back. */
  dismiss(worker: RemoteWorker, message: string): Promise<void>;
  /** Resolves when the study is settled, and the workers that are connected have gone, or had the time to. */
  serve(): Promise<void>;
  /** Ends the watch. */
  close(): void;
}

interface Member {
  readonly worker: RemoteWorker;
  readonly lease: number;
  readonly joined: Promise<void>;
  deadline: number;
}

/** Resolves when something holds, or after so many milliseconds. */
async function waitUntil(holds: () => boolean, patience: number): Promise<void> {
  const until = performance.now() + patience;
  while (!holds() && performance.now() < until) await sleep(LOOK);
}

/** Makes the hub of an open session. */
export function createWorkerHub(options: WorkerHubOptions): WorkerHub {
  const { session, folder, atLeast, clock = () => performance.now() } = options;
  const members = new Map<string, Member>();
  let begin = (): void => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  if (atLeast <= 0) begin();
  const isAnyLinked = (): boolean => {
    for (const { worker } of members.values()) if (worker.linked) return true;
    return false;
  };

  const leave = async (member: Member, reason: "left" | "silent", message: string): Promise<void> => {
    const { worker } = member;
    if (members.get(worker.name) !== member) return;
    members.delete(worker.name);
    const recorded = session.record({ type: "worker-lost", worker: worker.name, reason, message });
    await Promise.all([recorded, worker.fence(reason === "silent" ? "lost" : "interrupted")]);
  };

  const join = async (introduction: WorkerIntroduction, lease = options.lease): Promise<RemoteWorker> => {
    const name = introduction.worker;
    const known = members.get(name);
    if (known !== undefined) {
      await known.joined;
      known.deadline = clock() + known.lease * 1000;
      return known.worker;
    }
    const worker = createRemoteWorker({ name, slots: introduction.slots, session, folder, begun });
    const joined = session.record({ type: "worker-joined", ...introduction });
    members.set(name, { worker, lease, joined, deadline: clock() + lease * 1000 });
    if (members.size >= atLeast) begin();
    await joined;
    return worker;
  };

  const tick = Math.max(10, Math.min(1000, options.lease * 100));
  let looked = clock();
  const watch = setInterval(() => {
    const now = clock();
    // Where this very process stood still, the workers' messages wait unread: their silence is not theirs.
    const stall = now - looked - tick;
    looked = now;
    for (const member of members.values()) {
      if (stall > tick) member.deadline += stall;
      if (member.deadline > now) continue;
      const message = `nothing was heard of it for ${member.lease} s`;
      // The recorder tells the session when the storage fails.
      leave(member, "silent", message).catch(() => {});
    }
  }, tick);

  const killAll = async (): Promise<void> => {
    for (const { worker } of members.values()) worker.stop();
    await waitUntil(() => !isAnyLinked(), KILL_PATIENCE);
    // Those that are still connected had the time; the recorder tells the session when the storage fails.
    await Promise.allSettled([...members.values()].map((member) => leave(member, "left", "it was killed")));
  };
  // One listener for all that they are at: adding one to a signal takes the longer, the more it has.
  const onInterrupt = (): void => {
    for (const { worker } of members.values()) worker.interrupt();
  };
  session.interrupted.addEventListener("abort", onInterrupt, { once: true });
  const onKill = (): void => {
    void killAll();
  };
  if (session.killed.aborted) onKill();
  else session.killed.addEventListener("abort", onKill, { once: true });

  return {
    session,
    begun,
    join,
    find: (name) => members.get(name)?.worker,
    touch: (worker) => {
      const member = members.get(worker.name);
      if (member?.worker === worker) member.deadline = clock() + member.lease * 1000;
    },
    dismiss: async (worker, message) => {
      const member = members.get(worker.name);
      if (member?.worker !== worker) {
        throw new CurvewiseError("WORKER_LOST", `worker ${worker.name} was given up`, { kind: "failure" });
      }
      await leave(member, "left", message);
    },
    serve: async () => {
      await session.coordinator.settled();
      await waitUntil(() => !isAnyLinked(), FAREWELL_PATIENCE);
    },
    close: () => {
      clearInterval(watch);
      session.interrupted.removeEventListener("abort", onInterrupt);
      session.killed.removeEventListener("abort", onKill);
    },
  };
}
