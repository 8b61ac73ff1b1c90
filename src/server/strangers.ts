import type { Server } from "node:http";
import type { Socket } from "node:net";

/** The most connections that have not shown the token at any time. */
export const MOST_STRANGERS = 64;
/** Milliseconds that such a connection may last. */
const PATIENCE = 10_000;

/** Connections that have not shown the token: few and short, so that they cannot use up the process's descriptors. */
export interface Strangers {
  /** The connection showed the token: it may last. */
  trust(socket: Pick<Socket, "remoteAddress" | "remotePort">): void;
}

// Not by the socket: that of a request is another one than that of the connection if there is TLS between them.
const keyOf = ({ remoteAddress, remotePort }: Pick<Socket, "remoteAddress" | "remotePort">): string =>
  `${remoteAddress ?? ""} ${remotePort ?? ""}`;

/** Watches the connections of a server. Of too many strangers, the one that came first is cut. */
export function watchStrangers(server: Server, patience: number = PATIENCE): Strangers {
  const strangers = new Map<string, { readonly socket: Socket; readonly timer: NodeJS.Timeout }>();
  const forget = (key: string): void => {
    clearTimeout(strangers.get(key)?.timer);
    strangers.delete(key);
  };
  server.on("connection", (socket: Socket) => {
    const key = keyOf(socket);
    const timer = setTimeout(() => socket.destroy(), patience);
    timer.unref();
    strangers.set(key, { socket, timer });
    socket.once("close", () => {
      if (strangers.get(key)?.socket === socket) forget(key);
    });
    if (strangers.size <= MOST_STRANGERS) return;
    const [first] = strangers.values();
    first?.socket.destroy();
  });
  return { trust: (socket) => forget(keyOf(socket)) };
}
