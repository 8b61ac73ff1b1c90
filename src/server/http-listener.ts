import { createServer, type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import { type WebSocket, WebSocketServer } from "ws";
import { CurvewiseError, messageOf } from "../core/errors.js";
import { type Api, errorJson } from "./api-app.js";
import { MAX_FRAME } from "./messages.js";
import { watchStrangers } from "./strangers.js";

/** The path on which workers connect. */
export const WORKER_PATH = "/worker";
/** Milliseconds for open connections to end by themselves when the server closes. */
const CLOSE_PATIENCE = 1000;

/** The certificate that a server shows, in PEM. */
export interface TlsKeys {
  readonly cert: string;
  readonly key: string;
}

/** What {@link openListener} needs. */
export interface ListenerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly tls: TlsKeys | undefined;
  readonly api: Api;
  readonly isAllowed: (authorization: string | undefined) => boolean;
  readonly onRefused: (from: string) => void;
  /** Called with every connection of a worker that has the token. */
  readonly onWorker: (socket: WebSocket, from: string) => void;
}

/** A server that listens. */
export interface Listener {
  readonly port: number;
  /** Accepts no more connections; ends the open ones. */
  close(): Promise<void>;
}

/** What may lead out of a path, however it is written. */
const CROOKED = /\/(\.|%2e){1,2}(\/|$)|%2f|%5c|%00|\\|\/\//i;

/** Why a request is refused before its contents are looked at. */
function misfit({ url, headers }: IncomingMessage): { status: number; error: CurvewiseError } | undefined {
  if (CROOKED.test(url?.split("?")[0] ?? "")) {
    const error = new CurvewiseError("REQUEST_INVALID", "the path is not a plain path", {
      hint: "Write it without `.` and `..`, empty parts and escaped slashes.",
    });
    return { status: 400, error };
  }
  if (headers["transfer-encoding"] !== undefined) {
    const error = new CurvewiseError("LENGTH_NEEDED", "the call does not say how long it is", {
      hint: "Send the header Content-Length, not a body in chunks.",
    });
    return { status: 411, error };
  }
  if (Number(headers["content-length"] ?? 0) > MAX_FRAME) {
    const error = new CurvewiseError("REQUEST_TOO_LARGE", `a call may have at most ${MAX_FRAME} bytes`, {
      hint: "Send metrics, not data.",
    });
    return { status: 413, error };
  }
  return undefined;
}

function makeServer(tls: TlsKeys | undefined): Server {
  if (tls === undefined) return createServer();
  try {
    return createSecureServer({ cert: tls.cert, key: tls.key, minVersion: "TLSv1.2" });
  } catch (cause) {
    throw new CurvewiseError("TLS_INVALID", `the certificate and its key do not fit: ${messageOf(cause)}`, {
      hint: "Both must be PEM files that belong together.",
      cause,
    });
  }
}

function refuseUpgrade(socket: Duplex, status: number, error: CurvewiseError): void {
  const body = JSON.stringify(errorJson(error));
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

const addressOf = ({ socket }: IncomingMessage): string =>
  `${socket.remoteAddress ?? "somewhere"}:${socket.remotePort ?? 0}`;

/**
 * Opens the port: the HTTP API, and on {@link WORKER_PATH} the workers' WebSockets.
 *
 * @throws CurvewiseError `PORT_TAKEN`, `LISTEN_FAILED`, `TLS_INVALID`
 */
export async function openListener(options: ListenerOptions): Promise<Listener> {
  const { host, port, tls, api, isAllowed, onRefused, onWorker } = options;
  const server = makeServer(tls);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME,
    perMessageDeflate: false,
    clientTracking: true,
  });
  const listen = getRequestListener(api.fetch, { overrideGlobalObjects: false });

  const strangers = watchStrangers(server);
  server.on("request", (request, response) => {
    if (isAllowed(request.headers.authorization)) strangers.trust(request.socket);
    const refused = misfit(request);
    if (refused !== undefined) {
      response.writeHead(refused.status, { "Content-Type": "application/json", Connection: "close" });
      response.end(JSON.stringify(errorJson(refused.error)));
      return;
    }
    void listen(request, response);
  });
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    if (!isAllowed(request.headers.authorization)) {
      onRefused(request.socket.remoteAddress ?? "somewhere");
      const error = new CurvewiseError("TOKEN_REFUSED", "the token is missing or wrong");
      refuseUpgrade(socket, 401, error);
      return;
    }
    strangers.trust(request.socket);
    if (request.url !== WORKER_PATH) {
      refuseUpgrade(socket, 404, new CurvewiseError("PATH_NOT_FOUND", "there is nothing here"));
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => onWorker(webSocket, addressOf(request)));
  });
  server.on("clientError", (_error, socket) => {
    if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    else socket.destroy();
  });

  await new Promise<void>((resolve, reject) => {
    const onError = (cause: NodeJS.ErrnoException): void => {
      const where = `${host}:${port}`;
      reject(
        cause.code === "EADDRINUSE"
          ? new CurvewiseError("PORT_TAKEN", `another process listens on ${where}`, {
              hint: "Give --listen another port, or end that process.",
              cause,
            })
          : new CurvewiseError("LISTEN_FAILED", `cannot listen on ${where}: ${cause.message}`, {
              hint: "Give --listen an address of this machine, and a port of at least 1024.",
              cause,
            }),
      );
    };
    server.once("error", onError);
    server.listen({ host, port, backlog: 4096 }, () => {
      server.off("error", onError);
      resolve();
    });
  });
  server.on("error", () => {});

  const isInfo = (address: AddressInfo | string | null): address is AddressInfo =>
    typeof address === "object";
  const address = server.address();
  return {
    port: address !== null && isInfo(address) ? address.port : port,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      for (const socket of sockets.clients) socket.close(1012, "the coordinator ends");
      const patience = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
        server.closeAllConnections();
      }, CLOSE_PATIENCE);
      await closed;
      clearTimeout(patience);
    },
  };
}
