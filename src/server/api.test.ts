import { existsSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  lossOf,
  type NetworkStudy,
  startNetworkStudy,
  startWorker,
} from "../../tests/support/network-study.js";

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

async function call(study: NetworkStudy, method: string, path: string, body?: unknown): Promise<Reply> {
  const response = await fetch(`${study.url}${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${study.token}`,
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

/** Sends a path as it is; `fetch` would normalize it. */
function rawGet(study: NetworkStudy, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: "127.0.0.1", port: study.port, path, headers: { Authorization: `Bearer ${study.token}` } },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    sent.on("error", reject);
    sent.end();
  });
}

const given = z.object({
  assignment: z.object({
    trial: z.number(),
    attempt: z.number(),
    params: z.object({ lr: z.number() }),
    folder: z.string(),
    maxSteps: z.number(),
  }),
});

async function take(study: NetworkStudy, worker = "outside", more: object = {}) {
  const { status, body } = await call(study, "POST", "/studies/net/trials:ask", { worker, ...more });
  expect(status).toBe(200);
  return given.parse(body).assignment;
}

describe("the HTTP API", () => {
  it("answers nothing without the token", async () => {
    const study = await startNetworkStudy();
    for (const [method, path] of [
      ["GET", "/"],
      ["GET", "/openapi.json"],
      ["GET", "/studies"],
      ["GET", "/studies/net"],
      ["GET", "/studies/net/trials"],
      ["GET", "/studies/net/trials/0"],
      ["GET", "/studies/net/events"],
      ["GET", "/studies/net/events/live"],
      ["GET", "/studies/net/best"],
      ["GET", "/studies/net/workers"],
      ["POST", "/studies/net/trials:ask"],
      ["POST", "/studies/net/requests"],
      ["GET", "/studies/net/requests"],
      ["POST", "/studies/net/trials/0/report"],
      ["DELETE", "/studies/net/workers/w"],
      ["GET", "/nowhere"],
    ] as const) {
      for (const headers of [{}, { Authorization: "Bearer wrong-wrong-wrong-wrong" }]) {
        const response = await fetch(`${study.url}${path}`, { method, headers });
        expect(response.status, `${method} ${path}`).toBe(401);
        expect(response.headers.get("www-authenticate")).toBe("Bearer");
        expect(await response.json()).toMatchObject({ error: { code: "TOKEN_REFUSED" } });
      }
    }
    expect(await study.eventsOf("worker-joined")).toEqual([]);
  });

  it("describes itself by a valid document of OpenAPI 3.1, with every path", async () => {
    const study = await startNetworkStudy();
    const { status, body } = await call(study, "GET", "/openapi.json");
    expect(status).toBe(200);
    const shape = z.record(z.string(), z.unknown());
    const document = shape.parse(body);
    const result = await new Validator().validate({ ...document });
    expect(result.errors).toBeUndefined();
    expect(result.valid).toBe(true);
    expect(document["openapi"]).toBe("3.1.0");
    expect(Object.keys(shape.parse(document["paths"])).sort()).toEqual([
      "/studies",
      "/studies/{study}",
      "/studies/{study}/best",
      "/studies/{study}/events",
      "/studies/{study}/events/live",
      "/studies/{study}/requests",
      "/studies/{study}/trials",
      "/studies/{study}/trials/{trial}",
      "/studies/{study}/trials/{trial}/report",
      "/studies/{study}/trials/{trial}/snapshot",
      "/studies/{study}/trials/{trial}/tell",
      "/studies/{study}/trials:ask",
      "/studies/{study}/workers",
      "/studies/{study}/workers/{worker}",
      "/studies/{study}/workers/{worker}/heartbeat",
    ]);
  });

  it("refuses names that would vanish", async () => {
    const study = await startNetworkStudy();
    for (const [path, body] of [
      ["requests", { by: "x", action: { kind: "enqueue", params: JSON.parse('{"__proto__": 1}') } }],
      [
        "trials/0/report",
        { worker: "w", attempt: 1, sequence: 1, step: 1, metrics: JSON.parse('{"loss": 1, "__proto__": 1}') },
      ],
    ] as const) {
      expect(await call(study, "POST", `/studies/net/${path}`, body)).toMatchObject({
        status: 400,
        body: { error: { code: "REQUEST_INVALID", message: expect.stringContaining("__proto__") } },
      });
    }
  });

  it("refuses crooked paths, unknown ones and what is not there", async () => {
    const study = await startNetworkStudy();
    for (const path of [
      "/studies/../studies",
      "/studies/net/../net",
      "/studies/%2e%2e/x",
      "/studies/..%2fetc",
      "/studies/net%5c",
      "/studies//net",
      "/studies/net%00",
    ]) {
      expect(await rawGet(study, path), path).toBe(400);
    }
    // Dots in a name lead nowhere.
    for (const path of ["/studies/net..old", "/studies/..net", "/studies/v1%2e0"])
      expect(await rawGet(study, path), path).toBe(404);
    expect((await call(study, "GET", "/nowhere")).status).toBe(404);
    expect(await call(study, "GET", "/studies/other")).toMatchObject({
      status: 404,
      body: { error: { code: "STUDY_NOT_FOUND" } },
    });
    expect((await call(study, "GET", "/studies/other/events")).status).toBe(404);
    expect((await call(study, "GET", "/studies/net/trials/7")).status).toBe(404);
    expect((await call(study, "GET", "/studies/net/trials/-1")).status).toBe(400);
    expect((await call(study, "GET", "/studies/net/trials?limit=1e9")).status).toBe(400);
    expect((await call(study, "POST", "/studies/net/workers/nobody/heartbeat")).status).toBe(404);
  });

  it("refuses what does not fit, and what is too large", async () => {
    const study = await startNetworkStudy();
    const ask = (body: unknown) => call(study, "POST", "/studies/net/trials:ask", body);
    expect(await ask({})).toMatchObject({ status: 400, body: { error: { code: "REQUEST_INVALID" } } });
    expect((await ask({ worker: "../x" })).status).toBe(400);
    expect((await ask({ worker: "x", unknown: 1 })).status).toBe(400);
    expect((await ask({ worker: "x", labels: { a: "y".repeat(2_000_000) } })).status).toBe(413);
    const torn = await fetch(`${study.url}/studies/net/trials:ask`, {
      method: "POST",
      headers: { Authorization: `Bearer ${study.token}`, "Content-Type": "application/json" },
      body: "{",
    });
    expect(torn.status).toBe(400);
    const untyped = await fetch(`${study.url}/studies/net/trials:ask`, {
      method: "POST",
      headers: { Authorization: `Bearer ${study.token}`, "Content-Type": "text/plain" },
      body: '{"worker":"x"}',
    });
    expect(untyped.status).toBe(415);
    expect(await untyped.json()).toMatchObject({ error: { code: "REQUEST_INVALID" } });
    const inChunks = await fetch(`${study.url}/studies/net/trials:ask`, {
      method: "POST",
      headers: { Authorization: `Bearer ${study.token}`, "Content-Type": "application/json" },
      body: new ReadableStream({
        start: (controller) => {
          controller.enqueue(new TextEncoder().encode('{"worker":"x"}'));
          controller.close();
        },
      }),
      duplex: "half",
    });
    expect(inChunks.status).toBe(411);
    expect(await torn.json()).toMatchObject({ error: { code: "REQUEST_INVALID" } });
    expect(await study.eventsOf("trial-asked")).toEqual([]);
  });

  it("takes what is asked of the study, which its coordinator carries out", async () => {
    const study = await startNetworkStudy();
    const { trial } = await take(study);
    const ask = (body: unknown) => call(study, "POST", "/studies/net/requests", body);
    for (const bad of [
      {},
      { action: { kind: "burn" } },
      { action: { kind: "pause", trial: -1 } },
      { action: { kind: "tags" } },
      { action: { kind: "note", text: "" } },
      { action: { kind: "pause" }, by: "two\nlines" },
      { action: { kind: "workers", workers: 0 } },
      { action: { kind: "pause" }, unknown: 1 },
    ])
      expect(await ask(bad), JSON.stringify(bad)).toMatchObject({
        status: 400,
        body: { error: { code: "REQUEST_INVALID" } },
      });
    const added = [
      await ask({ action: { kind: "note", trial, text: "odd" } }),
      await ask({ by: "page of root)\u202e", action: { kind: "stop", trial } }),
    ];
    expect(added).toMatchObject([{ status: 202 }, { status: 202 }]);
    while ((await study.eventsOf("requested")).length === 0) await sleep(20);
    expect(await study.eventsOf("note")).toMatchObject([
      { trial, message: "odd", by: "ana@login1 over HTTP" },
    ]);
    expect(await study.eventsOf("requested")).toMatchObject([
      { trial, action: "stop", by: "ana@login1 over HTTP (page of root-)" },
    ]);
    expect(await call(study, "GET", "/studies/net/requests")).toEqual({
      status: 200,
      body: { requests: [] },
    });
    const report = { worker: "outside", attempt: 1, step: 1, metrics: { loss: 1 } };
    expect(await call(study, "POST", `/studies/net/trials/${trial}/report`, report)).toMatchObject({
      body: { answer: { action: "stop" } },
    });
    const end = { worker: "outside", attempt: 1, end: { kind: "ended" } };
    expect((await call(study, "POST", `/studies/net/trials/${trial}/tell`, end)).status).toBe(200);
    expect(await study.eventsOf("finished")).toMatchObject([{ trial, state: "stopped" }]);
  });

  it("lets a program outside train the whole study", async () => {
    const study = await startNetworkStudy({ study: { budget: { trials: 2 } } });
    for (let trial = 0; trial < 2; trial++) {
      const assignment = await take(study, "outside", { labels: { where: "a laptop" } });
      expect(assignment).toMatchObject({ trial, attempt: 1, maxSteps: 5 });
      expect(existsSync(assignment.folder)).toBe(true);
      const place = { worker: "outside", attempt: 1 };
      for (let step = 1; step <= 5; step++) {
        const metrics = { loss: lossOf(assignment.params.lr, step), odd: "NaN" };
        const reply = await call(study, "POST", `/studies/net/trials/${trial}/report`, {
          ...place,
          step,
          metrics,
        });
        expect(reply).toEqual({ status: 200, body: { answer: { action: "continue" }, late: false } });
      }
      writeFileSync(join(assignment.folder, "model"), "weights");
      const saved = { ...place, step: 5, path: "model" };
      expect((await call(study, "POST", `/studies/net/trials/${trial}/snapshot`, saved)).status).toBe(200);
      const outOfIt = { ...place, step: 5, path: "../trial-9/model" };
      expect((await call(study, "POST", `/studies/net/trials/${trial}/snapshot`, outOfIt)).status).toBe(400);
      const told = { ...place, end: { kind: "ended" } };
      expect((await call(study, "POST", `/studies/net/trials/${trial}/tell`, told)).status).toBe(200);
    }
    const { study: after, ended } = await study.result;
    expect(ended).toBe("finished");
    expect(after.trials.map(({ state, curve }) => [state, curve.steps.length])).toEqual([
      ["complete", 5],
      ["complete", 5],
    ]);
    expect(after.trials[0]?.curve.metrics.get("odd")?.[0]).toBeNaN();
    expect((await study.eventsOf("snapshot-saved")).map(({ path }) => path)).toEqual([
      "trial-0/model",
      "trial-1/model",
    ]);
  });

  it("gives the same trial to the same request, records a sequence once, and takes failures", async () => {
    const study = await startNetworkStudy({ study: { budget: { trials: 1 } } });
    const first = await take(study, "a", { request: "one" });
    expect(await take(study, "a", { request: "one" })).toEqual(first);
    const body = { worker: "a", attempt: 1, sequence: 1, step: 1, metrics: { loss: 1 } };
    for (let again = 0; again < 3; again++) {
      expect(await call(study, "POST", "/studies/net/trials/0/report", body)).toMatchObject({
        status: 200,
        body: { answer: { action: "continue" } },
      });
    }
    expect(await call(study, "POST", "/studies/net/trials/0/report", { ...body, sequence: 2 })).toMatchObject(
      {
        status: 409,
        body: { error: { code: "STEP_NOT_INCREASING" } },
      },
    );
    expect(await study.eventsOf("reported")).toHaveLength(1);
    const error = { code: "OUT_OF_MEMORY", message: "it grew too large" };
    await call(study, "POST", "/studies/net/trials/0/tell", {
      worker: "a",
      attempt: 1,
      end: { kind: "failed", error, output: ["last line"] },
    });
    expect(await study.eventsOf("failed")).toMatchObject([
      { trial: 0, error, output: ["last line"], retry: false },
    ]);
  });

  it("says whether asking again is worth it, and takes leave", async () => {
    const study = await startNetworkStudy({ study: { budget: { trials: 1 } } });
    await take(study, "a");
    const waiting = call(study, "POST", "/studies/net/trials:ask", { worker: "b", wait: 30 });
    expect(await call(study, "POST", "/studies/net/trials:ask", { worker: "c" })).toMatchObject({
      body: { assignment: null, reason: "none-yet" },
    });
    expect(await call(study, "DELETE", "/studies/net/workers/a")).toEqual({
      status: 200,
      body: { ok: true },
    });
    expect(await waiting).toMatchObject({ body: { assignment: { trial: 0, attempt: 2 } } });
    const end = { worker: "b", attempt: 2, step: 5, metrics: { loss: 1 } };
    await call(study, "POST", "/studies/net/trials/0/report", end);
    await call(study, "POST", "/studies/net/trials/0/tell", {
      worker: "b",
      attempt: 2,
      end: { kind: "ended" },
    });
    expect((await study.result).ended).toBe("finished");
  });

  it("takes the trial from a program that is silent for longer than its lease, and keeps its late reports", async () => {
    const study = await startNetworkStudy({ study: { budget: { trials: 1 } }, server: { lease: 1 } });
    await take(study, "slow", { lease: 1 });
    await take(study, "patient", { lease: 60, wait: 5 }).then(({ trial, attempt }) => {
      expect([trial, attempt]).toEqual([0, 2]);
      return attempt;
    });
    expect(await study.eventsOf("worker-lost")).toMatchObject([{ worker: "slow", reason: "silent" }]);
    const late = { worker: "slow", attempt: 1, step: 1, metrics: { loss: 9 } };
    for (let again = 0; again < 2; again++) {
      expect(await call(study, "POST", "/studies/net/trials/0/report", late)).toEqual({
        status: 200,
        body: { answer: { action: "stop" }, late: true },
      });
    }
    expect(await study.eventsOf("reported-late")).toMatchObject([{ trial: 0, attempt: 1, step: 1 }]);
    expect(
      await call(study, "POST", "/studies/net/trials/0/tell", {
        worker: "slow",
        attempt: 1,
        end: { kind: "ended" },
      }),
    ).toMatchObject({ status: 409, body: { error: { code: "ATTEMPT_OVER" } } });
  });

  it("keeps a program's trial while it sends heartbeats", async () => {
    const study = await startNetworkStudy({ study: { budget: { trials: 1 } }, server: { lease: 1 } });
    await take(study, "beating");
    for (let beat = 0; beat < 8; beat++) {
      await sleep(200);
      expect((await call(study, "POST", "/studies/net/workers/beating/heartbeat")).status).toBe(200);
    }
    expect(await study.eventsOf("worker-lost")).toEqual([]);
  });

  it("gives the log by pages", async () => {
    const study = await startNetworkStudy();
    const read = new AbortController();
    const worker = startWorker(study, {
      train: async (trial) => {
        for (let step = 1; step <= 5; step++) await trial.report(step, { loss: step });
        if (trial.number === 6) await sleep(100_000, undefined, { signal: read.signal }).catch(() => {});
      },
    });
    await study.until("the last one waits", (events) =>
      events.some((event) => event.type === "reported" && event.trial === 6 && event.step === 5),
    );
    const page = z.object({
      events: z.array(z.object({ sequence: z.number(), event: z.looseObject({ type: z.string() }) })),
      next: z.number().nullable(),
    });
    const types: string[] = [];
    let after = 0;
    for (;;) {
      const { body } = await call(study, "GET", `/studies/net/events?limit=7&after=${after}`);
      const { events, next } = page.parse(body);
      types.push(...events.map(({ event }) => event.type));
      expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => after + 1 + index));
      if (next === null) break;
      after = next;
    }
    expect(types).toEqual((await study.events()).map(({ type }) => type));
    expect(types.length).toBeGreaterThan(40);
    read.abort();
    expect((await worker.result).ended).toBe("finished");
  });

  it("shows a study at work", async () => {
    const study = await startNetworkStudy();
    const worker = startWorker(study, {
      name: "w1",
      labels: { JOB: "5" },
      slots: 2,
      train: async (trial) => {
        await trial.report(1, { loss: trial.number });
        if (trial.number < 2) return;
        await sleep(100_000, undefined, { signal: trial.signal });
      },
    });
    await study.until(
      "two are complete",
      (events) => events.filter(({ type }) => type === "reported").length === 4,
    );
    const expectShown = async (path: string, shown: object) => {
      const { status, body } = await call(study, "GET", path);
      expect({ status, body }).toMatchObject({ status: 200, body: shown });
    };
    await expectShown("/studies", { studies: [{ name: "net", state: "running" }] });
    await expectShown("/studies/net", {
      trials: { total: 4, complete: 2, running: 2 },
      best: { trial: 0, value: 0 },
    });
    await expectShown("/studies/net/trials?limit=3", {
      trials: [{ number: 0 }, { number: 1 }, { number: 2 }],
      next: 2,
    });
    await expectShown("/studies/net/trials?after=2", { trials: [{ number: 3 }], next: null });
    await expectShown("/studies/net/trials?state=running", {
      trials: [{ number: 2 }, { number: 3 }],
      next: null,
    });
    await expectShown("/studies/net/trials/1", {
      number: 1,
      state: "complete",
      curve: [{ step: 1, loss: 1 }],
    });
    await expectShown("/studies/net/best", { trial: { number: 0, value: 0 } });
    await expectShown("/studies/net/events?trial=1", {
      events: ["trial-asked", "attempt-started", "reported", "finished"].map((type) => ({
        event: { type, trial: 1 },
      })),
      next: null,
    });
    await expectShown("/studies/net/workers", {
      workers: [
        { name: "w1", state: "present", slots: 2, labels: { JOB: "5" }, trials: [2, 3], goneAt: null },
      ],
    });
    worker.kill.abort();
    await worker.result;
    await expectShown("/studies/net/workers", {
      workers: [{ name: "w1", state: "left", trials: [], message: "it was asked to end" }],
    });
  });

  it("sends the log as it grows, from where it is wanted", async () => {
    const study = await startNetworkStudy();
    const listen = async (path: string, headers: object): Promise<string[]> => {
      const response = await fetch(`${study.url}${path}`, {
        headers: { Authorization: `Bearer ${study.token}`, ...headers },
      });
      expect(response.headers.get("content-type")).toContain("text/event-stream");
      return (await response.text())
        .split("\n\n")
        .filter((text) => text.startsWith("id:") || text.startsWith("event:"));
    };
    const all = listen("/studies/net/events/live?after=0", {});
    const some = listen("/studies/net/events/live", { "Last-Event-ID": "10" });
    startWorker(study);
    await study.result;
    const events = await study.events();
    const ids = (texts: string[]) => texts.map((text) => Number(/^id: ?(\d+)$/m.exec(text)?.[1]));
    const served = ids(await all);
    expect(served).toEqual(Array.from({ length: served.length }, (_, index) => index + 1));
    expect(served.length).toBeGreaterThanOrEqual(events.findLastIndex(({ type }) => type === "finished") + 1);
    expect(ids(await some)[0]).toBe(11);
    const [first = ""] = await all;
    expect(first).toContain("event: study-created");
    expect(JSON.parse(/^data: ?(.*)$/m.exec(first)?.[1] ?? "")).toMatchObject({ type: "study-created" });
  });
});
