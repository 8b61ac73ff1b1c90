import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import type { Storage } from "../core/storage.js";
import { createApi } from "./api-app.js";
import { addRequestRoutes } from "./api-requests.js";
import { addStudyRoutes } from "./api-studies.js";
import { addTrialRoutes } from "./api-trials.js";
import { type Listener, openListener, type TlsKeys } from "./http-listener.js";
import type { ServedSession } from "./remote-worker.js";
import { closeRendezvous, RENDEZVOUS_FILE, reopenRendezvous, writeRendezvous } from "./rendezvous.js";
import { createTokenCheck, ensureToken, TOKEN_FILE } from "./token.js";
import { createWorkerHub, type WorkerHub } from "./worker-hub.js";
import { serveWorkerSocket } from "./worker-socket.js";

/** Addresses on which a server listens on every interface. */
const EVERYWHERE = new Set(["0.0.0.0", "::", ""]);
/** The most addresses whose refused calls are noted in the study's log. */
const NOTED_STRANGERS = 20;

/** What {@link openStudyServer} needs. */
export interface StudyServerOptions {
  /** The study's name. */
  readonly study: string;
  /** The study's folder. */
  readonly folder: string;
  readonly storage: Pick<Storage, "readEvents" | "addRequest" | "listRequests">;
  /** Whose token it is, as the log names those who ask: `user@host`. */
  readonly owner: string;
  /** Where to listen. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly tls?: TlsKeys | undefined;
  /** How workers reach this host if not by `host`; by default, the machine's own name. */
  readonly advertise?: string | undefined;
  /** By default the file in the study's folder. It is created if missing. */
  readonly tokenFile?: string | undefined;
  /** Seconds of silence after which a worker is lost. */
  readonly lease: number;
  /** Trials are handed out once this many workers were present at the same time. */
  readonly atLeast: number;
  /**
   * Open the port only together with the study: for a standby, whose predecessor may hold the port until
   * then.
   */
  readonly late?: boolean;
  /** For the API's document. */
  readonly version: string;
  /**
   * Receives messages for people, such as refused tokens and connections that were closed for what they sent.
   */
  readonly log: (message: string) => void;
}

/** The server of one study. */
export interface StudyServer {
  /** Where workers and programs reach it; undefined while the port is not open. */
  readonly url: string | undefined;
  readonly tokenFile: string;
  /** The file through which workers find it. */
  readonly rendezvous: string;
  /** Resolves when trials are handed out, since enough workers have joined. */
  readonly begun: Promise<void>;
  /** Serves an open session until it is settled. */
  serve(session: ServedSession): Promise<void>;
  /** Closes the port. */
  close(): Promise<void>;
}

const bracketed = (host: string): string => (host.includes(":") ? `[${host}]` : host);

/**
 * Opens a study's server: the workers' channel and the HTTP API. Until a session is served, callers are asked
 * to try again.
 *
 * @throws CurvewiseError those of the listener and the token
 */
export async function openStudyServer(options: StudyServerOptions): Promise<StudyServer> {
  const { study, storage, owner, host, port, tls, lease, atLeast, version, log } = options;
  const folder = resolve(options.folder);
  const tokenFile = resolve(options.tokenFile ?? join(folder, TOKEN_FILE));
  const isAllowed = createTokenCheck(await ensureToken(tokenFile));
  const coordinator = randomUUID();
  const rendezvous = join(folder, RENDEZVOUS_FILE);
  const strangers = new Set<string>();
  let hub: WorkerHub | undefined;
  let begin = (): void => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });

  const onRefused = (from: string): void => {
    const message = `a call from ${from} was refused: its token is missing or wrong`;
    if (hub === undefined || strangers.has(from) || strangers.size >= NOTED_STRANGERS) {
      log(message);
      return;
    }
    strangers.add(from);
    // If the storage fails, the recorder tells the session.
    hub.session.record({ type: "note", code: "TOKEN_REFUSED", message }).catch(() => {});
  };

  const context = { study, folder, storage, owner, hub: () => hub, lease, isAllowed, onRefused, version };
  const api = createApi(context);
  addStudyRoutes(api, context);
  addTrialRoutes(api, context);
  addRequestRoutes(api, context);
  const listen = (): Promise<Listener> =>
    openListener({
      host,
      port,
      tls,
      api,
      isAllowed,
      onRefused,
      onWorker: (socket, from) => {
        if (hub === undefined) socket.close(1013, "the study is not open: try again");
        else serveWorkerSocket(socket, { hub, facts: { study, folder, coordinator, lease }, from, log });
      },
    });
  const reached = options.advertise ?? (EVERYWHERE.has(host) ? hostname() : host);
  const urlOf = (listener: Listener): string =>
    `${tls === undefined ? "http" : "https"}://${bracketed(reached)}:${listener.port}`;
  let listener = options.late === true ? undefined : await listen();
  if (listener !== undefined) await reopenRendezvous(rendezvous);

  const serve = async (session: ServedSession): Promise<void> => {
    const serving = createWorkerHub({ session, folder, lease, atLeast });
    hub = serving;
    void serving.begun.then(begin);
    try {
      listener ??= await listen();
      const url = urlOf(listener);
      log(`workers: curvewise worker --rendezvous ${folder} (the coordinator is at ${url})`);
      await mkdir(folder, { recursive: true });
      await writeRendezvous(rendezvous, {
        study,
        url,
        coordinator,
        tokenFile,
        host: hostname(),
        pid: process.pid,
        ...(tls === undefined ? {} : { certificate: tls.cert }),
      });
      await serving.serve();
    } finally {
      hub = undefined;
      serving.close();
      const isFinished = session.ending() === "finished" && !session.killed.aborted;
      await closeRendezvous(rendezvous, coordinator, isFinished);
      await listener?.close();
    }
  };
  return {
    get url() {
      return listener === undefined ? undefined : urlOf(listener);
    },
    tokenFile,
    rendezvous,
    begun,
    serve,
    close: async () => {
      await listener?.close();
    },
  };
}
