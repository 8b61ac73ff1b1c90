import { describe, expect, it } from "vitest";
import { definition } from "../../tests/support/network-study.js";
import type { AttemptEnd } from "../core/launcher.js";
import { studyRecord } from "../core/study-record.js";
import type { Work } from "../engine/coordinator.js";
import type { Order } from "./messages.js";
import { createRemoteWorker } from "./remote-worker.js";

/** Work on a trial that never reports. */
const workOn = (trial: number): Work => ({
  assignment: {
    study: "net",
    trial,
    attempt: 1,
    params: {},
    seed: 1,
    maxSteps: 5,
    folder: `/s/trial-${trial}`,
    resume: undefined,
    timeout: undefined,
  },
  channel: {
    interrupted: new AbortController().signal,
    report: async () => "continue",
    snapshot: async () => {},
    note: () => {},
  },
});

/** A worker that joined, over a session whose coordinator starts attempts when it is told to. */
function joinedWorker(slots = 1) {
  const starts: ((work: Work | undefined) => void)[] = [];
  const ended: string[] = [];
  const worker = createRemoteWorker({
    name: "w",
    host: "there",
    slots,
    folder: "/s",
    begun: Promise.resolve(),
    session: {
      study: studyRecord(definition, 0),
      coordinator: {
        ask: () => new Promise((resolve) => starts.push(resolve)),
        end: async ({ assignment }: Work, end: AttemptEnd) => {
          ended.push(`${assignment.trial}: ${end.kind === "released" ? end.reason : end.kind}`);
        },
        settled: async () => {},
      },
      interrupted: new AbortController().signal,
      killed: new AbortController().signal,
      reportLate: async () => {},
      record: async () => {},
      ending: () => "interrupted",
      breakDown: () => {},
    },
  });
  /** Ends the wait of the ask of this index, once there is one. */
  const start = async (index: number, work: Work | undefined): Promise<void> => {
    while (starts[index] === undefined) await Promise.resolve();
    starts[index](work);
  };
  return { worker, start, ended };
}

/** A connection that remembers what goes over it. */
function linkOf() {
  const orders: Order[] = [];
  const closed: number[] = [];
  return {
    orders,
    closed,
    send: (order: Order) => orders.push(order),
    close: (code: number) => closed.push(code),
  };
}

describe("a worker that its coordinator knows", () => {
  it.each(["interrupted", "lost"] as const)(
    "gives back, as %s, also what was being started for it when it was fenced",
    async (reason) => {
      const { worker, start, ended } = joinedWorker(2);
      const first = worker.handle({ type: "ask", request: "1" });
      await start(0, workOn(1));
      expect(await first).toMatchObject({ type: "assignment", assignment: { trial: 1 } });
      const second = worker.handle({ type: "ask", request: "2" });
      await Promise.resolve();
      await worker.fence(reason);
      expect(ended).toEqual([`1: ${reason}`]);
      await start(1, workOn(2));
      expect(await second).toEqual({ type: "none", reason: "interrupted" });
      expect(ended).toEqual([`1: ${reason}`, `2: ${reason}`]);
      await worker.fence("lost");
      expect(ended).toHaveLength(2);
      await expect(worker.handle({ type: "ask", request: "3" })).rejects.toMatchObject({
        code: "WORKER_LOST",
      });
    },
  );

  it("is told to stop by its newest connection, as often as it is to be, and by none when it has none", async () => {
    const { worker, start } = joinedWorker();
    const asked = worker.handle({ type: "ask", request: "1" });
    await start(0, workOn(4));
    await asked;
    const [old, next] = [linkOf(), linkOf()];
    worker.attach(old, []);
    expect(
      worker.attach(next, [
        { trial: 4, attempt: 1 },
        { trial: 9, attempt: 2 },
      ]),
    ).toEqual({
      over: [{ trial: 9, attempt: 2 }],
      orders: [],
    });
    worker.detach(old);
    expect(worker.linked).toBe(true);
    worker.stop();
    worker.stop({ trial: 4, attempt: 1 });
    worker.interrupt();
    worker.detach(next);
    worker.stop();
    expect(worker.linked).toBe(false);
    expect([old.orders, old.closed, next.closed]).toEqual([[], [4003], []]);
    expect(next.orders).toEqual(
      ["stop", "stop", "interrupt"].map((type) => ({ type, trial: 4, attempt: 1 })),
    );
  });
});
