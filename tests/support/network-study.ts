import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFailed, onTestFinished } from "vitest";
import type { StudyEvent } from "../../src/core/events.js";
import { float } from "../../src/core/param.js";
import { createSearchSpace } from "../../src/core/search-space.js";
import type { Storage } from "../../src/core/storage.js";
import type { StudyDefinition } from "../../src/core/study-definition.js";
import { type RunStudyOptions, runStudy } from "../../src/engine/run-study.js";
import type { SessionResult } from "../../src/engine/session.js";
import { type InlineLauncherOptions, inlineLauncher } from "../../src/launchers/inline.js";
import { random } from "../../src/samplers/random.js";
import { none } from "../../src/schedulers/none.js";
import { coordinatorLocator } from "../../src/server/coordinator-address.js";
import { runWorker, type WorkerOptions, type WorkerResult } from "../../src/server/run-worker.js";
import { openStudyServer, type StudyServer, type StudyServerOptions } from "../../src/server/study-server.js";
import { readToken } from "../../src/server/token.js";
import { memoryStorage } from "../../src/storage/memory.js";
import { temporaryFolder } from "./command-line.js";
import { testEnd } from "./test-end.js";

export const space = createSearchSpace({ lr: float(1e-4, 1, { log: true }) });

/** A study whose trainings are functions in the workers; its program is never started. */
export const definition: StudyDefinition = {
  name: "net",
  goal: { metric: "loss", direction: "minimize" },
  space: space.params,
  constraints: [],
  maxSteps: 5,
  sampler: { name: "random", options: {} },
  scheduler: { name: "none", options: {} },
  budget: { trials: 8 },
  seed: 5,
  retries: 0,
  program: {
    command: ["true"],
    shell: false,
    folder: "/",
    env: {},
    metrics: { kind: "lines" },
    killAfter: 1,
  },
};

type Train = InlineLauncherOptions<{ readonly lr: number }>["train"];

/** The loss of a training at a step. */
export const lossOf = (lr: number, step: number): number => Math.abs(Math.log10(lr) + 2) + 1 / step;

/** Trains until the end or until told to stop, one step per this many milliseconds. */
export function trainSlowly(stepTime: number): Train {
  return async (trial) => {
    const { params, resume, maxSteps = 5 } = trial;
    for (let step = (resume?.step ?? 0) + 1; step <= maxSteps; step++) {
      await sleep(stepTime, undefined, { signal: trial.signal });
      const action = await trial.report(step, { loss: lossOf(params.lr, step) });
      if (action !== "continue") return;
    }
  };
}

/** A running study with its server. */
export interface NetworkStudy {
  readonly server: StudyServer;
  readonly url: string;
  readonly port: number;
  readonly token: string;
  readonly folder: string;
  readonly storage: Storage;
  readonly result: Promise<SessionResult>;
  readonly log: readonly string[];
  /** Ends it like Ctrl-C. */
  readonly interrupt: AbortController;
  readonly kill: AbortController;
  events(): Promise<StudyEvent[]>;
  eventsOf<Type extends StudyEvent["type"]>(type: Type): Promise<Extract<StudyEvent, { type: Type }>[]>;
  /** Waits until the log meets a condition. */
  until(what: string, holds: (events: readonly StudyEvent[]) => boolean): Promise<void>;
}

/** Starts a study that waits for workers; it is ended with the test. */
export async function startNetworkStudy(
  options: {
    readonly study?: Partial<StudyDefinition>;
    readonly server?: Partial<StudyServerOptions>;
    readonly run?: Partial<RunStudyOptions>;
    readonly storage?: Storage;
    readonly folder?: string;
  } = {},
): Promise<NetworkStudy> {
  const { storage = memoryStorage(), folder = join(temporaryFolder(), "net") } = options;
  const log: string[] = [];
  const server = await openStudyServer({
    study: "net",
    folder,
    storage,
    owner: "ana@login1",
    host: "127.0.0.1",
    port: 0,
    lease: 30,
    atLeast: 0,
    version: "0",
    log: (message) => log.push(message),
    ...options.server,
  });
  const [interrupt, kill] = [new AbortController(), new AbortController()];
  const result = runStudy({
    storage,
    definition: { ...definition, ...options.study },
    space,
    sampler: random(),
    scheduler: none(),
    folder,
    launcher: {
      name: "none",
      slots: 0,
      run: () => Promise.reject(new Error("no slots")),
      close: async () => {},
    },
    serve: (session) => server.serve(session),
    interrupt: interrupt.signal,
    kill: kill.signal,
    ...options.run,
  });
  result.catch(() => {});
  onTestFinished(async () => {
    kill.abort();
    await result.catch(() => {});
    await server.close();
  });
  const events = async (): Promise<StudyEvent[]> => {
    const all: StudyEvent[] = [];
    for await (const { event } of storage.readEvents("net")) all.push(event);
    return all;
  };
  const { url = "" } = server;
  const study: NetworkStudy = {
    server,
    url,
    port: Number(new URL(url).port),
    token: await readToken(server.tokenFile),
    folder,
    storage,
    result,
    log,
    interrupt,
    kill,
    events,
    eventsOf: async (type) => {
      const isWanted = (event: StudyEvent): event is Extract<StudyEvent, { type: typeof type }> =>
        event.type === type;
      return (await events()).filter(isWanted);
    },
    until: async (what, holds) => {
      const over = testEnd();
      onTestFailed(async () => {
        if (over.aborted) console.error(`this never happened: ${what}`, (await events()).slice(-20));
      });
      while (!holds(await events())) {
        if (over.aborted) throw new Error("the test is over");
        await sleep(10);
      }
    },
  };
  const isOurs = (): boolean =>
    existsSync(server.rendezvous) && readFileSync(server.rendezvous, "utf8").includes(url);
  await study.until("the study is open", isOurs);
  return study;
}

/** A worker in this process, ended with the test. */
export interface TestWorker {
  readonly result: Promise<WorkerResult>;
  readonly log: readonly string[];
  readonly interrupt: AbortController;
  readonly kill: AbortController;
}

/** Starts a worker whose trainings are functions. */
export function startWorker(
  study: Pick<NetworkStudy, "folder" | "token">,
  options: Partial<WorkerOptions> & { readonly train?: Train; readonly url?: string } = {},
): TestWorker {
  const { train = trainSlowly(1), url, ...rest } = options;
  const log: string[] = [];
  const [interrupt, kill] = [new AbortController(), new AbortController()];
  const result = runWorker({
    name: "w",
    host: "here",
    pid: 1,
    slots: 1,
    gpus: [],
    labels: {},
    locate:
      url === undefined
        ? coordinatorLocator({ rendezvous: study.folder })
        : coordinatorLocator({ url, token: study.token }),
    makeLauncher: (_program, slots) => inlineLauncher({ train, slots }),
    interrupt: interrupt.signal,
    kill: kill.signal,
    reconnectFor: 10,
    log: (message) => log.push(message),
    ...rest,
  });
  result.catch(() => {});
  onTestFinished(async () => {
    kill.abort();
    await result.catch(() => {});
  });
  return { result, log, interrupt, kill };
}
