import { join } from "node:path";
import type { Assignment, AttemptEnd, Launcher, StopSignal } from "../../src/core/launcher.js";
import type { ProgramDefinition, StudyDefinition } from "../../src/core/study-definition.js";
import { studyRecord } from "../../src/core/study-record.js";
import type { Work } from "../../src/engine/coordinator.js";
import { createApi } from "../../src/server/api-app.js";
import { openListener } from "../../src/server/http-listener.js";
import type { ServedSession } from "../../src/server/remote-worker.js";
import { RENDEZVOUS_FILE, writeRendezvous } from "../../src/server/rendezvous.js";
import { runWorker } from "../../src/server/run-worker.js";
import { createTokenCheck } from "../../src/server/token.js";
import { createWorkerHub } from "../../src/server/worker-hub.js";
import { serveWorkerSocket } from "../../src/server/worker-socket.js";

const TOKEN = "the-token-of-the-contract";

interface Pending {
  readonly work: Work;
  readonly resolve: (end: AttemptEnd) => void;
  readonly ended: Promise<AttemptEnd>;
}

/** What {@link remoteLauncher} needs. */
export interface RemoteLauncherOptions {
  /** The study's folder, which contains the trials' folders. */
  readonly folder: string;
  readonly program: ProgramDefinition;
  /** What the worker runs the program with. */
  readonly makeLauncher: (program: ProgramDefinition, slots: number) => Launcher;
  readonly slots: number;
}

/**
 * A launcher whose attempts are run by a worker on a real socket, to test the launchers' contract over the
 * network. The caller's channels take the coordinator's part.
 */
export async function remoteLauncher(options: RemoteLauncherOptions): Promise<Launcher> {
  const { folder, program, makeLauncher, slots } = options;
  const waiting: Pending[] = [];
  const running = new Map<Work, Pending>();
  const askers: ((work: Work | undefined) => void)[] = [];
  let closed = false;
  const serve = (): void => {
    for (;;) {
      const asker = waiting.length > 0 || closed ? askers.shift() : undefined;
      if (asker === undefined) return;
      const pending = closed ? undefined : waiting.shift();
      if (pending !== undefined) {
        running.set(pending.work, pending);
        pending.work.channel.interrupted.addEventListener("abort", () => interruption.abort());
      }
      asker(pending?.work);
    }
  };

  const definition: StudyDefinition = {
    name: "contract",
    goal: { metric: "loss", direction: "minimize" },
    space: {},
    constraints: [],
    sampler: { name: "random", options: {} },
    scheduler: { name: "none", options: {} },
    budget: {},
    seed: 1,
    retries: 0,
    program,
  };
  const interruption = new AbortController();
  const session: ServedSession = {
    study: studyRecord(definition, 0),
    coordinator: {
      ask: (_worker, gone) =>
        new Promise((resolve) => {
          askers.push(resolve);
          gone?.addEventListener("abort", () => resolve(undefined));
          serve();
        }),
      end: async (work, end) => {
        running.get(work)?.resolve(end);
        running.delete(work);
      },
      settled: async () => {},
    },
    interrupted: interruption.signal,
    killed: new AbortController().signal,
    reportLate: async () => {},
    record: async () => {},
    ending: () => "finished",
    breakDown: (error) => {
      throw error;
    },
  };
  const hub = createWorkerHub({ session, folder, lease: 30, atLeast: 0 });
  const isAllowed = createTokenCheck(TOKEN);
  const facts = { study: "contract", folder, coordinator: "contract", lease: 30 };
  const listener = await openListener({
    host: "127.0.0.1",
    port: 0,
    tls: undefined,
    api: createApi({
      study: "contract",
      folder,
      storage: {
        readEvents: async function* () {},
        addRequest: async () => 1,
        listRequests: async () => [],
      },
      owner: "ana@login1",
      hub: () => hub,
      lease: 30,
      isAllowed,
      onRefused: () => {},
      version: "0",
    }),
    isAllowed,
    onRefused: () => {},
    onWorker: (socket, from) => serveWorkerSocket(socket, { hub, facts, from, log: () => {} }),
  });
  const url = `http://127.0.0.1:${listener.port}`;
  await writeRendezvous(join(folder, RENDEZVOUS_FILE), {
    study: "contract",
    url,
    coordinator: "contract",
    tokenFile: "token",
    host: "here",
    pid: process.pid,
  });
  const kill = new AbortController();
  const worker = runWorker({
    name: "contract-worker",
    host: "here",
    pid: process.pid,
    slots,
    gpus: [],
    labels: {},
    locate: async () => ({ url, token: TOKEN }),
    makeLauncher,
    interrupt: new AbortController().signal,
    kill: kill.signal,
    reconnectFor: 5,
    log: () => {},
  });
  worker.catch(() => {});

  const run = (
    assignment: Assignment,
    channel: Work["channel"],
    _slot: number,
    killed: StopSignal,
  ): Promise<AttemptEnd> => {
    if (killed.aborted || channel.interrupted.aborted) return Promise.resolve({ kind: "ended" });
    const { trial, attempt } = assignment;
    killed.addEventListener("abort", () => hub.find("contract-worker")?.stop({ trial, attempt }));
    let resolve: (end: AttemptEnd) => void = () => {};
    const ended = new Promise<AttemptEnd>((done) => {
      resolve = done;
    });
    waiting.push({ work: { assignment, channel }, resolve, ended });
    serve();
    return ended;
  };
  return {
    name: "remote",
    slots,
    run,
    close: async () => {
      if (closed) return;
      closed = true;
      serve();
      hub.find("contract-worker")?.stop();
      await Promise.all([...running.values()].map(({ ended }) => ended));
      kill.abort();
      await worker;
      hub.close();
      await listener.close();
    },
  };
}
