import { connect, createServer, type Socket } from "node:net";

/** A wire between two ends on this machine that can be held or cut. */
export interface TcpProxy {
  readonly port: number;
  /** From now on, nothing passes in either direction, but both ends still see an open connection. */
  hold(): void;
  /** Lets pass what was held, and everything after it. */
  release(): void;
  /** Cuts every connection. */
  cut(): void;
  close(): Promise<void>;
}

/** Opens a {@link TcpProxy} to a port of this machine. */
export async function openTcpProxy(target: number): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let held = false;
  const server = createServer((near) => {
    const far = connect(target, "127.0.0.1");
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on("error", () => {});
      from.on("data", (data) => {
        to.write(data);
      });
      from.on("close", () => {
        pairs.delete(pair);
        to.destroy();
      });
      if (held) from.pause();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  const all = (act: (socket: Socket) => void): void => {
    for (const pair of pairs) for (const socket of pair) act(socket);
  };
  return {
    port: address.port,
    hold: () => {
      held = true;
      all((socket) => socket.pause());
    },
    release: () => {
      held = false;
      all((socket) => socket.resume());
    },
    cut: () => all((socket) => socket.destroy()),
    close: async () => {
      all((socket) => socket.destroy());
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
