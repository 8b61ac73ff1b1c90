import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname } from "node:os";
import { getRequestListener } from "@hono/node-server";
import { CurvewiseError } from "../core/errors.js";
import { createAccess, type DashboardTokens, isLoopback } from "./access.js";
import { createDashboardApp } from "./dashboard-app.js";
import { readPageFiles } from "./page-files.js";
import type { PassRequest } from "./pass-request.js";
import { createReplays } from "./replay-thread.js";
import { prepareFiles } from "./served-files.js";
import type { StudySource } from "./study-source.js";
import type { FolderOf } from "./trial-files.js";
import { createStudyWatch } from "./watched-study.js";

/** What {@link openDashboard} needs. */
export interface DashboardOptions {
  readonly source: StudySource;
  readonly folderOf: FolderOf;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Further names by which the page may be reached, such as a proxy's. */
  readonly names?: readonly string[];
  readonly tokens: DashboardTokens;
  /** Passes on what people ask of a study; undefined: the page only shows. */
  readonly send?: PassRequest | undefined;
  readonly version: string;
}

/** A dashboard that is served. */
export interface Dashboard {
  /** Where the page is, without a token. */
  readonly url: string;
  /** Closes the port, and the pages' streams. */
  close(): Promise<void>;
}

const EVERYWHERE: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

const bracketed = (host: string): string => (host.includes(":") ? `[${host}]` : host);

/**
 * Serves the page about the studies of a database or a coordinator. It only reads: what people ask for is passed on.
 *
 * @throws CurvewiseError `PORT_TAKEN`, `LISTEN_FAILED`, `PAGE_MISSING`
 */
export async function openDashboard(options: DashboardOptions): Promise<Dashboard> {
  const { source, folderOf, host, port, names = [], tokens, send, version } = options;
  const watch = createStudyWatch(source, Date.now);
  const replays = createReplays();
  const { app, live } = createDashboardApp({
    source,
    watch,
    folderOf,
    version,
    replays,
    served: await prepareFiles(await readPageFiles()),
    accessOf: createAccess(tokens, isLoopback(host)),
    names: new Set([host, hostname(), ...names].map((name) => bracketed(name).toLowerCase())),
    send,
  });
  const listen = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createServer((request, response) => void listen(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      reject(
        cause.code === "EADDRINUSE"
          ? new CurvewiseError("PORT_TAKEN", `another process listens on ${host}:${port}`, {
              hint: "Give --listen another port, or 0 for any that is free.",
              cause,
            })
          : new CurvewiseError("LISTEN_FAILED", `cannot listen on ${host}:${port}: ${cause.message}`, {
              hint: "Give --listen an address of this machine, and a port of at least 1024.",
              cause,
            }),
      );
    });
    server.listen({ host, port }, resolve);
  });
  const isInfo = (address: AddressInfo | string | null): address is AddressInfo =>
    typeof address === "object" && address !== null;
  const address = server.address();
  const shown = EVERYWHERE.has(host) ? hostname() : host;
  return {
    url: `http://${bracketed(shown)}:${isInfo(address) ? address.port : port}/`,
    close: async () => {
      live.close();
      replays.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
