import { once } from "node:events";
import { createServer, IncomingMessage } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { z } from "zod";
import type { Storage } from "../../core/storage.js";
import type { StudyDefinition } from "../../core/study-definition.js";
import { followLog, type Told } from "./follow-log.js";
import { mlflowTracker } from "./mlflow.js";
import type { Tracker } from "./tracker.js";

const definition: StudyDefinition = {
  name: "study",
  goal: { direction: "minimize", metric: "loss" },
  space: {},
  constraints: [],
  seed: 1,
  sampler: { name: "random", options: {} },
  scheduler: { name: "none", options: {} },
  budget: {},
  retries: 0,
};

/** A log that only has its beginning. */
const storage: Pick<Storage, "readEvents"> = {
  readEvents: async function* () {
    yield { sequence: 1, event: { type: "study-created", time: 0, definition } };
  },
};

/** A tracker that takes everything and never answers. */
const silent: Tracker = {
  name: "silent",
  observe: () => {},
  flush: () => new Promise(() => {}),
  rest: async () => {},
};

function garbageCollector(): () => void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect !== "function") throw new Error("there is no gc()");
  return () => void Reflect.apply(collect, undefined, []);
}

it("the end of a study does not wait for a tracker that never answers, even if garbage is collected meanwhile", async () => {
  const collect = setInterval(garbageCollector(), 5);
  try {
    const follower = followLog(
      () => silent,
      storage,
      "study",
      () => {},
    );
    expect(await follower.end(200, new AbortController().signal)).toBe("it did not answer in time");
  } finally {
    clearInterval(collect);
  }
});

it("the end of a study stops waiting for its trackers when it is cut short", async () => {
  const cut = new AbortController();
  const follower = followLog(
    () => silent,
    storage,
    "study",
    () => {},
  );
  const ended = follower.end(2 ** 31 - 1, cut.signal);
  cut.abort();
  expect(await ended).toBe("it did not answer in time");
});

it("a request that is never answered ends with the wait for its tracker, and nothing is said of another try", async () => {
  const server = createServer(() => {}).listen(0, "127.0.0.1");
  try {
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("the server has no port");
    const told: Told[] = [];
    const open = mlflowTracker(`http://127.0.0.1:${address.port}`, undefined);
    const follower = followLog(open, storage, "study", (each) => told.push(each));
    const asked = once(server, "request");
    const cut = new AbortController();
    const ended = follower.end(2 ** 31 - 1, cut.signal);
    const [request] = z
      .tuple([z.instanceof(IncomingMessage)])
      .rest(z.unknown())
      .parse(await asked);
    const broken = once(request.socket, "close");
    cut.abort();
    expect(await ended).toBe("it did not answer in time");
    await broken;
    await nextTurn();
    expect(told).toEqual([]);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
