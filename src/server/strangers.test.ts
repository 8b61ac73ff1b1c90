import { createServer } from "node:http";
import { connect, type Socket } from "node:net";
import { afterEach, expect, it } from "vitest";
import { MOST_STRANGERS, watchStrangers } from "./strangers.js";

const server = createServer();
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

const countOpen = (): Promise<number> =>
  new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });

it("of many connections without a token only a few stay, and none for long; those with it stay", async () => {
  const strangers = watchStrangers(server, 500);
  server.on("request", ({ headers, socket }, response) => {
    if (headers.authorization === "right") strangers.trust(socket);
    response.end("answer");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("it does not listen");
  const { port } = address;
  const open = (): Promise<Socket> =>
    new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(socket));
      socket.on("error", () => {});
      sockets.push(socket);
    });
  const friend = await open();
  friend.write("GET / HTTP/1.1\r\nHost: h\r\nAuthorization: right\r\nConnection: keep-alive\r\n\r\n");
  await new Promise((resolve) => friend.once("data", resolve));
  for (let index = 0; index < 400; index++) await open();
  await expect.poll(countOpen).toBeLessThanOrEqual(MOST_STRANGERS + 1);
  await expect.poll(countOpen).toBe(1);
  expect(friend.destroyed).toBe(false);
});
