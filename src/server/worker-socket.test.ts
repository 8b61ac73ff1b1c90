import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { generate } from "selfsigned";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { startNetworkStudy, startWorker } from "../../tests/support/network-study.js";
import { rawWorker } from "../../tests/support/raw-worker.js";
import { coordinatorLocator } from "./coordinator-address.js";
import { MAX_FRAME, workerMessageSchema } from "./messages.js";

const report = (sequence: number, step: number, more: object = {}) => ({
  type: "report",
  trial: 0,
  attempt: 1,
  sequence,
  step,
  metrics: { loss: 1 / step },
  ...more,
});

/** The status code with which an upgrade is refused. */
function refusal(url: string, authorization: string | undefined, path = "/worker"): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace(/^http/, "ws")}${path}`, {
      headers: authorization === undefined ? {} : { authorization },
    });
    socket.on("unexpected-response", (_request, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    socket.on("open", () => reject(new Error("it was let in")));
    socket.on("error", () => {});
  });
}

describe("the door of the workers' channel", () => {
  it("opens to the token alone, and tells who was refused", async () => {
    const { url, token, eventsOf } = await startNetworkStudy();
    for (const wrong of [
      undefined,
      "",
      "Bearer",
      "Bearer ",
      `Bearer ${token}x`,
      `Bearer ${token.slice(1)}`,
      `Basic ${token}`,
      token,
    ]) {
      expect(await refusal(url, wrong)).toBe(401);
    }
    expect(await refusal(url, `Bearer ${token}`, "/elsewhere")).toBe(404);
    expect(await refusal(url, `Bearer ${token}`, "/worker?study=other")).toBe(404);
    const worker = await rawWorker(url, token);
    expect(await worker.hello()).toMatchObject({ type: "welcome", study: "net", lease: 30, over: [] });
    const notes = await eventsOf("note");
    expect(notes.map(({ code }) => code)).toEqual(["TOKEN_REFUSED"]);
    expect(notes[0]?.message).toContain("127.0.0.1");
    expect(JSON.stringify(notes)).not.toContain(token);
  });

  it("opens one study to one token", async () => {
    const [one, other] = [await startNetworkStudy(), await startNetworkStudy()];
    expect(one.token).not.toBe(other.token);
    expect(await refusal(one.url, `Bearer ${other.token}`)).toBe(401);
  });

  it("refuses another version of the protocol, saying which", async () => {
    const { url, token } = await startNetworkStudy();
    const worker = await rawWorker(url, token);
    expect(await worker.hello({ protocol: 99 })).toMatchObject({
      type: "error",
      error: { code: "PROTOCOL_MISMATCH", message: expect.stringContaining("version 99") },
    });
    expect(await worker.closed).toBe(1008);
  });

  it("shows a certificate when it has one, which workers know from the study's folder", async () => {
    const { cert, private: key } = await generate([{ name: "commonName", value: "a-login-node" }]);
    const study = await startNetworkStudy({ server: { tls: { cert, key }, advertise: "127.0.0.1" } });
    expect(study.url).toMatch(/^https:/);
    const stranger = startWorker(study, { url: study.url, reconnectFor: 0 });
    await expect(stranger.result).rejects.toMatchObject({
      code: "COORDINATOR_UNREACHABLE",
      message: expect.stringMatching(/self-signed|certificate/),
    });
    const another = await generate([{ name: "commonName", value: "a-login-node" }]);
    const misled = startWorker(study, {
      locate: async () => ({ url: study.url, token: study.token, certificate: another.cert }),
      reconnectFor: 0,
    });
    await expect(misled.result).rejects.toMatchObject({ code: "COORDINATOR_UNREACHABLE" });
    expect(await study.eventsOf("worker-joined")).toEqual([]);
    const worker = startWorker(study, { locate: coordinatorLocator({ rendezvous: study.folder }) });
    expect((await study.result).ended).toBe("finished");
    expect((await worker.result).attempts).toBe(8);
  });
});

describe("the workers' channel", () => {
  it("answers what comes again as it did, and records it once", async () => {
    const { url, token, eventsOf } = await startNetworkStudy();
    const first = await rawWorker(url, token);
    await first.hello();
    const assigned = await first.ask({ type: "ask", request: "r1" });
    expect(assigned).toMatchObject({ type: "assignment", assignment: { trial: 0, attempt: 1, maxSteps: 5 } });
    expect(await first.ask(report(1, 1))).toMatchObject({ type: "action", answer: { action: "continue" } });
    const refused = await first.ask(report(2, 1));
    expect(refused).toMatchObject({ type: "error", error: { code: "STEP_NOT_INCREASING" } });
    first.socket.terminate();

    const second = await rawWorker(url, token);
    await second.hello({ attempts: [{ trial: 0, attempt: 1 }] });
    const { to: _to, ...again } = await second.ask({ type: "ask", request: "r1" });
    expect(assigned).toMatchObject(again);
    expect(await second.ask(report(1, 1))).toMatchObject({ type: "action", answer: { action: "continue" } });
    expect(await second.ask(report(2, 1))).toMatchObject({ error: { code: "STEP_NOT_INCREASING" } });
    expect(await second.ask(report(3, 2))).toMatchObject({ type: "action" });
    const end = { type: "end", trial: 0, attempt: 1, sequence: 4, end: { kind: "ended" } };
    expect(await Promise.all([second.ask(end), second.ask(end)])).toMatchObject([
      { type: "ok" },
      { type: "ok" },
    ]);
    expect(await second.ask(end)).toMatchObject({ type: "ok" });
    // A report that was answered before the attempt ended is known from the log.
    expect(await second.ask(report(1, 1))).toMatchObject({ answer: { action: "stop" }, late: true });
    expect((await eventsOf("reported")).map(({ step }) => step)).toEqual([1, 2]);
    expect(await eventsOf("reported-late")).toEqual([]);
    expect(await eventsOf("finished")).toHaveLength(1);
    expect(await eventsOf("worker-joined")).toHaveLength(1);
    expect(await eventsOf("attempt-started")).toHaveLength(1);
  });

  it("lets the newest connection of a worker take over", async () => {
    const { url, token } = await startNetworkStudy();
    const first = await rawWorker(url, token);
    await first.hello();
    const second = await rawWorker(url, token);
    await second.hello();
    expect(await first.closed).toBe(4003);
    expect(await second.ask({ type: "heartbeat" })).toMatchObject({ type: "ok" });
  });

  it("gives no more than a worker has slots, and tells what it has no longer", async () => {
    const { url, token } = await startNetworkStudy();
    const worker = await rawWorker(url, token);
    const known = [{ trial: 3, attempt: 9 }];
    expect(await worker.hello({ attempts: known })).toMatchObject({ type: "welcome", over: known });
    await worker.ask({ type: "ask", request: "a" });
    await worker.ask({ type: "ask", request: "b" });
    expect(await worker.ask({ type: "ask", request: "c" })).toMatchObject({ error: { code: "SLOTS_TAKEN" } });
    expect(await worker.ask({ type: "heartbeat" })).toMatchObject({ type: "ok" });
  });

  it("keeps snapshots inside the study's folder, links included", async () => {
    const { url, token, folder, eventsOf } = await startNetworkStudy();
    const worker = await rawWorker(url, token);
    await worker.hello();
    await worker.ask({ type: "ask", request: "a" });
    await worker.ask(report(1, 1));
    const own = join(folder, "trial-0");
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, "s1"), "model");
    symlinkSync("/etc/hostname", join(own, "link"));
    const snapshot = (sequence: number, path: string) =>
      worker.ask({ type: "snapshot", trial: 0, attempt: 1, sequence, step: 1, path });
    expect(await snapshot(2, "trial-0/link")).toMatchObject({ error: { code: "SNAPSHOT_INVALID" } });
    expect(await snapshot(3, "trial-0/s2")).toMatchObject({ error: { code: "SNAPSHOT_INVALID" } });
    expect(await snapshot(4, "trial-0/s1")).toMatchObject({ type: "ok" });
    expect((await eventsOf("snapshot-saved")).map(({ path }) => path)).toEqual(["trial-0/s1"]);
    for (const path of ["/etc/hostname", "../net/trial-0/s1", "trial-0/../../x", "..", "a/..", "a\0b"]) {
      const other = await rawWorker(url, token);
      await other.hello({ worker: "other" });
      other.socket.send(
        JSON.stringify({ id: 9, type: "snapshot", trial: 0, attempt: 1, sequence: 9, step: 1, path }),
      );
      expect(await other.closed, path).toBe(1008);
    }
  });

  it("refuses reports for what another worker trains", async () => {
    const { url, token, eventsOf } = await startNetworkStudy();
    const [one, other] = [await rawWorker(url, token), await rawWorker(url, token)];
    await one.hello({ worker: "one" });
    await other.hello({ worker: "other" });
    await one.ask({ type: "ask", request: "a" });
    expect(await other.ask(report(1, 1))).toMatchObject({
      type: "error",
      error: { code: "ATTEMPT_UNKNOWN" },
    });
    await other.ask({ type: "end", trial: 0, attempt: 1, sequence: 2, end: { kind: "ended" } });
    expect(await one.ask(report(1, 1))).toMatchObject({ type: "action" });
    expect(await eventsOf("reported")).toHaveLength(1);
    expect(await eventsOf("finished")).toEqual([]);
  });
});

describe("what is not a message", () => {
  it("closes the connection that sent it, and no other", async () => {
    const study = await startNetworkStudy({ study: { budget: { trials: 1 } } });
    const good = await rawWorker(study.url, study.token);
    await good.hello({ worker: "good" });
    await good.ask({ type: "ask", request: "a" });
    let sequence = 0;
    const nearly = fc
      .record(
        {
          id: fc.oneof(fc.integer(), fc.string()),
          type: fc.constantFrom(
            "ask",
            "report",
            "snapshot",
            "end",
            "note",
            "heartbeat",
            "leave",
            "hello",
            "other",
          ),
          trial: fc.oneof(fc.integer(), fc.double(), fc.string()),
          attempt: fc.integer(),
          sequence: fc.integer(),
          step: fc.oneof(fc.integer(), fc.constant(Number.MAX_VALUE)),
          metrics: fc.dictionary(fc.string(), fc.jsonValue()),
          __proto__: fc.jsonValue(),
        },
        { requiredKeys: ["type"] },
      )
      .map((value) => JSON.stringify(value));
    const isMessage = (text: string | Uint8Array): boolean => {
      try {
        return typeof text === "string" && workerMessageSchema.safeParse(JSON.parse(text)).success;
      } catch {
        return false;
      }
    };
    const frame = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.uint8Array(),
      fc.jsonValue().map((value) => JSON.stringify(value)),
      nearly,
      fc.constant("[".repeat(100_000)),
      fc.constant(JSON.stringify({ id: 1, type: "hello", worker: "x".repeat(500_000) })),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.array(
          frame.filter((each) => !isMessage(each)),
          { minLength: 1, maxLength: 5 },
        ),
        async (greets, frames) => {
          const bad = await rawWorker(study.url, study.token);
          if (greets) await bad.hello({ worker: "bad" });
          for (const each of frames) if (bad.socket.readyState === WebSocket.OPEN) bad.socket.send(each);
          expect([1003, 1007, 1008]).toContain(await bad.closed);
          sequence += 1;
          expect(await good.ask(report(sequence, sequence, { step: 1 + sequence }))).toMatchObject({
            to: expect.any(Number),
          });
          expect(good.socket.readyState).toBe(WebSocket.OPEN);
        },
      ),
      { numRuns: 40 },
    );
    // At some point the training was complete; what counts is that there was always an answer.
    expect((await study.eventsOf("reported")).map(({ step }) => step)).toEqual([2, 3, 4, 5]);
    expect(study.log.length).toBeGreaterThan(0);
  });

  it.each([
    ["too large a frame", "x".repeat(MAX_FRAME + 1), 1009],
    ["a frame of bytes", Buffer.from([1, 2, 3]), 1003],
    ["no JSON", "{", 1007],
    ["no message", "{}", 1008],
    ["a name that would vanish", '{"id":1,"type":"heartbeat","__proto__":1}', 1008],
    ["a message before the hello", JSON.stringify({ id: 1, type: "heartbeat" }), 1008],
  ] as const)("is answered by closing: %s", async (_what, frame, code) => {
    const { url, token } = await startNetworkStudy();
    const worker = await rawWorker(url, token);
    worker.socket.send(frame);
    expect(await worker.closed).toBe(code);
  });

  it("may be anything at all on the bare port", async () => {
    const study = await startNetworkStudy();
    const upgrade = `GET /worker HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString("base64")}\r\nAuthorization: Bearer ${study.token}\r\n\r\n`;
    const texts = [
      "\r\n\r\n\r\n",
      "nonsense\r\n\r\n",
      "GET / HTTP/9.9\r\n\r\n",
      "GET /worker HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
      `GET /${"a".repeat(100_000)} HTTP/1.1\r\n\r\n`,
      `${upgrade}\xff\xff\xff\xff\xff\xff\xff\xff`,
      `${upgrade}\x81\x05hello`,
      upgrade.slice(0, 60),
    ];
    for (const text of texts) {
      const socket = connect(study.port, "127.0.0.1");
      socket.on("error", () => {});
      socket.write(Buffer.from(text, "latin1"));
      await sleep(10);
      socket.destroy();
    }
    const worker = startWorker(study);
    expect((await study.result).ended).toBe("finished");
    await worker.result;
  });
});

describe("the study's folder", () => {
  it("holds the token for its owner alone", async () => {
    const study = await startNetworkStudy();
    expect(readFileSync(study.server.tokenFile, "utf8").trim()).toBe(study.token);
    expect(study.token).toMatch(/^[\w-]{43}$/);
  });
});
