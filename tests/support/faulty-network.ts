import { createConnection, createServer, type Socket } from "node:net";

/** What the network does to messages to and from a server. */
export type Weather =
  /** Everything arrives. */
  | "fine"
  /** Now and then, a connection breaks while an answer is on its way: the server has done what was asked. */
  | "answers get lost"
  /**
   * Now and then, a connection breaks just after a question: nobody knows whether the server will do what was
   * asked.
   */
  | "questions get cut off"
  /** Nothing arrives any more, and nobody is told; new connections are no better. */
  | "silent";

/** A connection to a server on this machine that can be disturbed. */
export interface FaultyNetwork {
  readonly port: number;
  weather: Weather;
  /** How many connections it has broken so far. */
  readonly broken: () => number;
  /** Breaks every connection for its client; a busy server does not notice. */
  breakAll(): void;
  close(): Promise<void>;
}

/** Answers that pass undisturbed on each connection, so that it can be established. */
const GRACE = 8;

/**
 * Opens a {@link FaultyNetwork} to a port.
 *
 * @param random in [0, 1)
 * @param share the share of messages that a disturbance hits
 */
export async function faultyNetwork(
  port: number,
  random: () => number,
  share = 0.05,
): Promise<FaultyNetwork> {
  let broken = 0;
  const sockets = new Set<Socket>();
  const breakers = new Set<() => void>();
  const server = createServer((client) => {
    const upstream = createConnection(port, "127.0.0.1");
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => sockets.delete(socket));
    }
    let answers = 0;
    const strikes = (weather: Weather) => network.weather === weather && answers > GRACE && random() < share;
    const breakOff = () => {
      broken += 1;
      client.resetAndDestroy();
      // What was sent still reaches the server, but its answers reach nobody.
      upstream.end();
    };
    client.on("data", (data) => {
      if (network.weather === "silent") return;
      upstream.write(data);
      if (strikes("questions get cut off")) breakOff();
    });
    upstream.on("data", (data) => {
      answers += 1;
      if (network.weather === "silent") return;
      if (strikes("answers get lost")) breakOff();
      else client.write(data);
    });
    breakers.add(breakOff);
    client.on("close", () => {
      breakers.delete(breakOff);
      upstream.end();
    });
    upstream.on("close", () => client.destroy());
  });
  const address = await new Promise<number>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const bound = server.address();
      resolve(bound !== null && typeof bound === "object" ? bound.port : 0);
    });
  });
  const network: FaultyNetwork = {
    port: address,
    weather: "fine",
    broken: () => broken,
    breakAll: () => {
      for (const breakOff of breakers) breakOff();
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
  return network;
}
