import { WebSocket } from "ws";
import { agentFor, type CoordinatorAddress } from "../coordinator-address.js";
import { frameText } from "../frame-text.js";
import { WORKER_PATH } from "../http-listener.js";
import {
  type CoordinatorMessage,
  coordinatorMessageSchema,
  MAX_FRAME,
  type WorkerMessage,
} from "../messages.js";

/** A peer that does not answer the closing is not waited for any longer, in milliseconds. */
const CLOSING_PATIENCE = 1000;

/** What happens on a {@link WorkerLink}; nothing after it was cut. */
export interface LinkListener {
  onOpen(): void;
  onDenied(status: number): void;
  onMessage(message: CoordinatorMessage): void;
  onFailed(error: Error): void;
  onClosed(code: number, reason: string): void;
}

/** One connection to a coordinator. */
export interface WorkerLink {
  /** Sends; nothing is sent where the connection is not open. */
  send(message: WorkerMessage): void;
  /** Closes it in friendship. */
  part(): void;
  cut(): void;
}

/** The coordinator's message in a frame; undefined where it is none. */
function messageIn(text: string): CoordinatorMessage | undefined {
  try {
    return coordinatorMessageSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/**
 * Opens a connection.
 *
 * @param patience milliseconds that opening may take
 */
export function openWorkerLink(
  address: CoordinatorAddress,
  patience: number,
  listener: LinkListener,
): WorkerLink {
  const { url, token } = address;
  const socket = new WebSocket(new URL(WORKER_PATH, url.replace(/^http/, "ws")), {
    headers: { Authorization: `Bearer ${token}` },
    handshakeTimeout: patience,
    maxPayload: MAX_FRAME * 8,
    perMessageDeflate: false,
    ...agentFor(address),
  });
  socket.on("unexpected-response", (_request, { statusCode = 0 }) => listener.onDenied(statusCode));
  socket.on("open", () => listener.onOpen());
  socket.on("message", (data) => {
    const message = messageIn(frameText(data));
    if (message === undefined) listener.onFailed(new Error(`${url} sent an invalid message`));
    else listener.onMessage(message);
  });
  socket.on("error", (error) => listener.onFailed(new Error(`${url}: ${error.message}`, { cause: error })));
  socket.on("close", (code, reason) => listener.onClosed(code, String(reason)));
  return {
    send: (message) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    },
    part: () => {
      socket.close(1000);
      setTimeout(() => socket.terminate(), CLOSING_PATIENCE).unref();
    },
    cut: () => {
      socket.removeAllListeners();
      socket.on("error", () => {});
      socket.terminate();
    },
  };
}
