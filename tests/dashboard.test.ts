import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "selfsigned";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStorage } from "../src/storage/index.js";
import { asked, definitionOf } from "../src/testing/storage-contract/example-events.js";
import { pathOf } from "../src/views/answer-path.js";
import { decodeCurves } from "../src/views/curve-columns.js";
import { connectAssistant } from "./support/assistant.js";
import { curvewise } from "./support/command-in-process.js";
import { FORMULA, startCurvewise, temporaryFolder } from "./support/command-line.js";
import { embeddedAnswers } from "./support/embedded-answers.js";
import { holdTrainings } from "./support/held-trainings.js";
import { send, serveDashboard } from "./support/served-dashboard.js";
import { eventsOf, untilLog } from "./support/study-log.js";

const ATTACK = '<img src=x onerror="alert(1)">';

function writeStudy(folder: string, trials: number, more: readonly string[] = []): void {
  const program = [process.execPath, FORMULA, "--lr={lr}", "--momentum={momentum}", ...more];
  writeFileSync(
    join(folder, "study.yaml"),
    `study: seen
goal: {minimize: loss}
command: ${JSON.stringify(program)}
space:
  lr: {float: [1e-4, 1], log: true}
  momentum: {float: [0, 0.99]}
  kind: {choice: [${JSON.stringify(ATTACK)}]}
maxSteps: 6
sampler: random
scheduler: ${more.length === 0 ? "asha" : "none"}
budget: {trials: ${trials}}
seed: 11
`,
  );
}

const studiesShape = z.object({
  mayAct: z.boolean(),
  studies: z.array(z.object({ name: z.string(), state: z.string(), trials: z.number() })),
});
const trialsShape = z.object({ events: z.number(), trials: z.array(z.number()) });
const problemShape = z.object({ error: z.object({ code: z.string(), hint: z.string().nullable() }) });

describe("a dashboard of a database", () => {
  it("answers every path of the contract about a study that has ended", async () => {
    const folder = temporaryFolder();
    writeStudy(folder, 12);
    await curvewise(folder, "run", "study.yaml", "--quiet");
    const { json, url } = await serveDashboard(folder);
    expect(studiesShape.parse(await json("studies")).studies).toEqual([
      { name: "seen", state: "finished", trials: 12 },
    ]);
    const study = z
      .object({ plots: z.array(z.object({ name: z.string() })), schedulers: z.array(z.string()) })
      .parse(await json("studies/seen"));
    const plot = z.object({ sentence: z.string().min(1), figure: z.object({ data: z.array(z.unknown()) }) });
    for (const { name } of study.plots) plot.parse(await json(`studies/seen/plots/${name}`));
    expect(study.plots.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["best-so-far", "parallel-coordinates", "slice", "importance"]),
    );
    expect(trialsShape.parse(await json("studies/seen/trials")).trials).toHaveLength(12);
    const some = trialsShape
      .omit({ events: true })
      .parse(await json("studies/seen/trials?filter=step%20%3E%3D%206"));
    expect(some.trials.length).toBeGreaterThan(0);
    expect(some.trials.length).toBeLessThan(12);
    const trial = z
      .object({
        params: z.array(z.object({ text: z.string() })),
        decisions: z.array(z.object({ hasPlot: z.boolean() })),
      })
      .parse(await json("studies/seen/trials/0"));
    expect(trial.params.map(({ text }) => text)).toContain(ATTACK);
    plot.parse(await json("studies/seen/trials/0/decisions/0"));
    plot.parse(await json("studies/seen/timeline"));
    z.object({ rungs: z.array(z.unknown()).min(1) }).parse(await json("studies/seen/rungs"));
    z.object({ happenings: z.array(z.unknown()) }).parse(await json("studies/seen/happenings"));
    z.object({ facts: z.array(z.unknown()).min(3) }).parse(
      await json("studies/seen/what-if?scheduler=median"),
    );
    expect(study.schedulers).toContain("lcm");
    const bytes = await fetch(new URL("/api/studies/seen/curves", url));
    const curves = decodeCurves(await bytes.arrayBuffer());
    expect([...curves.trials]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(curves.steps[0]).toBe(1);
  });

  it("says what is wrong with a path, and how to mend it", async () => {
    const folder = temporaryFolder();
    writeStudy(folder, 1);
    await curvewise(folder, "run", "study.yaml", "--quiet");
    const { get } = await serveDashboard(folder);
    const wrong = {
      "/api/studies/none": [404, "STUDY_NOT_FOUND"],
      "/api/studies/seen/trials/7": [404, "TRIAL_NOT_FOUND"],
      "/api/studies/seen/trials/-1": [404, "TRIAL_NOT_FOUND"],
      "/api/studies/seen/trials/constructor": [404, "TRIAL_NOT_FOUND"],
      "/api/studies/seen/trials?filter=lr%20%3C": [400, "FILTER_INVALID"],
      "/api/studies/seen/plots/constructor": [400, "PLOT_UNKNOWN"],
      "/api/studies/seen/plots/slice?metric=nope": [400, "METRIC_UNKNOWN"],
      "/api/studies/seen/plots/slice?params=nope": [400, "PLOT_INVALID"],
      "/api/studies/seen/curves?since=x": [400, "REQUEST_INVALID"],
      "/api/studies/seen/what-if?scheduler=nope": [400, "SCHEDULER_UNKNOWN"],
      "/api/compare?studies=seen": [400, "STUDIES_INCOMPARABLE"],
      "/api/nothing": [404, "PATH_NOT_FOUND"],
    };
    for (const [path, [status, code]] of Object.entries(wrong)) {
      const answer = await get(path);
      const { error } = problemShape.parse(JSON.parse(answer.body));
      expect([path, answer.status, error.code]).toEqual([path, status, code]);
      expect(error.hint).toMatch(/\S/);
    }
  });

  it("tells an open page of each change while the study runs", async () => {
    const folder = temporaryFolder();
    const held = holdTrainings(folder, { step: 2, trial: 1 });
    writeStudy(folder, 4, [...held.options]);
    const run = startCurvewise(folder, "run", "study.yaml", "--workers", "1");
    await run.untilTold("trial 0");
    const { url, json } = await serveDashboard(folder);
    const page = new AbortController();
    const stream = await fetch(new URL("/api/studies/seen/live?after=0", url), { signal: page.signal });
    const states: string[] = [];
    let text = "";
    const changes = (async () => {
      for await (const part of stream.body ?? []) {
        text += new TextDecoder().decode(part);
        states.splice(
          0,
          states.length,
          ...[...text.matchAll(/"state":"(\w+)"/g)].map(([, state = ""]) => state),
        );
        if (states.at(-1) === "running" && states.length === 1) held.letGo();
        if (states.at(-1) === "finished") return;
      }
    })();
    await changes;
    page.abort();
    await run.result;
    expect(states[0]).toBe("running");
    expect(studiesShape.parse(await json("studies")).studies[0]).toMatchObject({
      state: "finished",
      trials: 4,
    });
  });
});

describe("who may use a dashboard", () => {
  it("is whoever asks it by its own name", async () => {
    const folder = temporaryFolder();
    writeStudy(folder, 1);
    await curvewise(folder, "run", "study.yaml", "--quiet");
    const { get, url } = await serveDashboard(folder, "--name", "tuning.example");
    const { host } = new URL(url);
    const statusWith = async (headers: Readonly<Record<string, string>>): Promise<number> =>
      (await get("/api/studies", headers)).status;
    expect(await statusWith({ host })).toBe(200);
    expect(await statusWith({ host: "tuning.example" })).toBe(200);
    expect(await statusWith({ host, origin: `http://${host}` })).toBe(200);
    expect(await statusWith({ host: "rebound.example" })).toBe(403);
    expect(await statusWith({ host, origin: "http://elsewhere.example" })).toBe(403);
    const { headers } = await get("/api/studies");
    expect(headers["content-security-policy"]).toMatch(/^default-src 'none'/);
    expect(headers["content-security-policy"]).not.toContain("unsafe");
    expect(headers["access-control-allow-origin"]).toBeUndefined();
  });

  it("gets the page with its style inside, and nothing again that it has", async () => {
    const folder = temporaryFolder();
    await (await openStorage(join(folder, "curvewise.db"))).close();
    const { get } = await serveDashboard(folder);
    const page = await get("/");
    const [, style = ""] = /<style>([^]*)<\/style>/.exec(page.body) ?? [];
    expect(style).toContain(".draw-");
    expect(page.body).not.toContain("stylesheet");
    const hash = createHash("sha256").update(style).digest("base64");
    expect(page.headers["content-security-policy"]).toContain(`style-src 'sha256-${hash}';`);
    const tag = String(page.headers["etag"]);
    expect(await get("/", { "if-none-match": tag })).toMatchObject({ status: 304, body: "" });
    expect((await get("/page.js", { "if-none-match": tag })).status).toBe(200);
    const squeezed = await get("/page.js", { "accept-encoding": "br, gzip" });
    expect(squeezed.headers).toMatchObject({ "content-encoding": "gzip", vary: "Accept-Encoding" });
    expect(Number(squeezed.headers["content-length"])).toBeLessThan(80_000);
    expect(
      (await get("/page.js", { "accept-encoding": "gzip;q=0" })).headers["content-encoding"],
    ).toBeUndefined();
  });

  it("is everyone on this machine for reading, and over the network those with a token", async () => {
    const folder = temporaryFolder();
    writeStudy(folder, 1);
    await curvewise(folder, "run", "study.yaml", "--quiet");
    const near = await serveDashboard(folder);
    const far = await serveDashboard(folder, "--listen", "0.0.0.0:0");
    const base = `http://127.0.0.1:${new URL(far.url).port}/api/studies`;
    const status = async (token?: string): Promise<number> =>
      (await send(base, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } })).status;
    expect((await near.get("/api/studies")).status).toBe(200);
    expect(await status()).toBe(401);
    expect(await status("nonsense-nonsense")).toBe(401);
    expect(await status(far.reading)).toBe(200);
    expect(await status(far.acting)).toBe(200);
    expect(far.acting).toBe(near.acting);
    expect(statSync(join(folder, "curvewise-files/.dashboard/token")).mode & 0o077).toBe(0);
  });
});

it("shows the study of a coordinator, also once that has ended", async () => {
  const folder = temporaryFolder();
  const held = holdTrainings(folder, { step: 2, trial: 1 });
  writeStudy(folder, 3, [...held.options]);
  const run = startCurvewise(folder, "run", "study.yaml", "--workers", "1", "--listen", "0");
  await run.untilTold("trial 0");
  const elsewhere = temporaryFolder();
  const { json } = await serveDashboard(elsewhere, "--rendezvous", join(folder, "curvewise-files/seen"));
  expect(studiesShape.parse(await json("studies")).studies[0]).toMatchObject({
    name: "seen",
    state: "running",
  });
  held.letGo();
  await run.result;
  const [after] = studiesShape.parse(await json("studies")).studies;
  expect(after?.name).toBe("seen");
  expect(after?.state).not.toBe("running");
});

it("says that the coordinator is away once it was interrupted, and that it is back", async () => {
  const folder = temporaryFolder();
  const held = holdTrainings(folder, { step: 2, trial: 1 });
  writeStudy(folder, 3, [...held.options]);
  const runAgain = () => startCurvewise(folder, "run", "study.yaml", "--workers", "1", "--listen", "0");
  const run = runAgain();
  await run.untilTold("trial 0");
  const place = ["--rendezvous", join(folder, "curvewise-files/seen")];
  const { json } = await serveDashboard(temporaryFolder(), ...place);
  const shape = z.object({
    state: z.string(),
    isAway: z.boolean(),
    facts: z.array(z.object({ label: z.string() })),
  });
  const seen = async () => {
    const { state, isAway, facts } = shape.parse(await json("studies/seen"));
    return { state, isAway, running: facts.find(({ label }) => label.endsWith("running"))?.label };
  };
  expect(await seen()).toEqual({ state: "running", isAway: false, running: "running" });
  run.child.kill("SIGINT");
  expect((await run.result).code).toBe(130);
  expect(await seen()).toEqual({ state: "away", isAway: true, running: "last heard running" });
  expect(studiesShape.parse(await json("studies")).studies[0]?.state).toBe("away");
  const again = runAgain();
  await expect
    .poll(seen, { timeout: 60_000 })
    .toEqual({ state: "running", isAway: false, running: "running" });
  held.letGo();
  expect((await again.result).code).toBe(0);
});

it("says as its report and `status` do how many steps a finished study saved by pausing", async () => {
  const folder = temporaryFolder();
  writeStudy(folder, 12);
  const file = join(folder, "study.yaml");
  writeFileSync(file, readFileSync(file, "utf8").replace("{trials: 12}", "{totalSteps: 30}"));
  await curvewise(folder, "run", "study.yaml", "--quiet");
  const status = z.object({
    studies: z.tuple([
      z.object({ stepsSaved: z.number().positive(), trials: z.object({ stopped: z.literal(0) }) }),
    ]),
  });
  const { stdout } = await curvewise(folder, "status", "seen", "--json");
  const [{ stepsSaved }] = status.parse(JSON.parse(stdout)).studies;
  const facts = z.object({ facts: z.array(z.object({ label: z.string(), text: z.string() })) });
  await curvewise(folder, "report", "--output", "page.html");
  const report = embeddedAnswers(readFileSync(join(folder, "page.html"), "utf8"));
  const { json } = await serveDashboard(folder);
  for (const view of [report["studies/seen"], await json("studies/seen")])
    expect(facts.parse(view).facts).toContainEqual({ label: "steps saved", text: String(stepsSaved) });
});

it("ends with its run at Ctrl-C, also while a page is open, and nothing is lost", async () => {
  const folder = temporaryFolder();
  const held = holdTrainings(folder, { step: 2, trial: 1 });
  writeStudy(folder, 3, [...held.options]);
  const run = startCurvewise(folder, "run", "study.yaml", "--workers", "1", "--dashboard", "0");
  await run.untilTold("trial 0");
  const [, address = ""] = /dashboard: (\S+)#/.exec(run.stderr()) ?? [];
  const stream = await fetch(new URL("api/studies/seen/live?after=0", address));
  const told = await stream.body?.getReader().read();
  expect(new TextDecoder().decode(told?.value)).toContain(": open");
  run.child.kill("SIGINT");
  held.letGo();
  expect((await run.result).code).toBe(130);
  await expect
    .poll(
      () =>
        fetch(address).then(
          () => "open",
          () => "closed",
        ),
      { timeout: 60_000 },
    )
    .toBe("closed");
  const again = await startCurvewise(folder, "run", "study.yaml", "--quiet").result;
  expect([again.code, again.stderr]).toEqual([0, ""]);
  const steps = eventsOf(await untilLog(folder, "seen", () => true), "reported").map(({ trial, step }) => [
    trial,
    step,
  ]);
  expect(steps).toHaveLength(18);
  expect(new Set(steps.map(String)).size).toBe(18);
});

it("trusts a coordinator's own certificate as its workers do, and no other", async () => {
  const folder = temporaryFolder();
  const held = holdTrainings(folder, { step: 2, trial: 1 });
  writeStudy(folder, 3, [...held.options]);
  const keys = await generate([{ name: "commonName", value: "a-login-node" }], {
    extensions: [{ name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] }],
  });
  writeFileSync(join(folder, "cert.pem"), keys.cert);
  writeFileSync(join(folder, "key.pem"), keys.private, { mode: 0o600 });
  const pair = ["--tls-cert", "cert.pem", "--tls-key", "key.pem"];
  const run = startCurvewise(folder, "run", "study.yaml", "--workers", "1", "--listen", "0", ...pair);
  await run.untilTold("trial 0");
  const files = join(folder, "curvewise-files", "seen");
  const { url } = z
    .object({ url: z.string().startsWith("https:") })
    .parse(JSON.parse(readFileSync(join(files, "coordinator.json"), "utf8")));
  const found = ["--rendezvous", files];
  const named = ["--coordinator", url, "--token-file", join(files, "token")];
  const known = [...named, "--tls-ca", join(folder, "cert.pem")];
  for (const place of [found, known]) {
    const { json } = await serveDashboard(temporaryFolder(), ...place);
    expect(await json("studies/seen")).toMatchObject({ state: "running" });
  }
  for (const command of ["dashboard", "mcp", "report"]) {
    const { code, stderr } = await startCurvewise(temporaryFolder(), command, ...named).result;
    expect([command, code, stderr]).toEqual([command, 1, expect.stringContaining("error COORDINATOR_AWAY")]);
    expect(stderr).toContain("--tls-ca");
  }
  const assistant = await connectAssistant(temporaryFolder(), [...found, "--write"]);
  expect((await assistant.call("note", { text: "seen from afar" })).says).toContain("within a second");
  await untilLog(folder, "seen", (log) => eventsOf(log, "note").length > 0);
  held.letGo();
  expect((await run.result).code).toBe(0);
});

it("is written into one file by a report: of a database, and of a coordinator while it runs", async () => {
  const folder = temporaryFolder();
  const held = holdTrainings(folder, { step: 2, trial: 1 });
  writeStudy(folder, 3, [...held.options]);
  const run = startCurvewise(folder, "run", "study.yaml", "--workers", "1", "--listen", "0");
  await run.untilTold("trial 0");
  const elsewhere = temporaryFolder();
  const place = ["--rendezvous", join(folder, "curvewise-files/seen")];
  const { code, stderr } = await startCurvewise(elsewhere, "report", ...place).result;
  expect([code, stderr]).toEqual([0, "The report is in report.html\n"]);
  const early = embeddedAnswers(readFileSync(join(elsewhere, "report.html"), "utf8"));
  expect(z.object({ state: z.string() }).parse(early["studies/seen"]).state).toBe("running");
  held.letGo();
  await run.result;
  await startCurvewise(folder, "report", "--output", "page.html").result;
  const page = readFileSync(join(folder, "page.html"), "utf8");
  expect(page).not.toContain(ATTACK);
  const answers = embeddedAnswers(page);
  for (const path of [
    "studies",
    "studies/seen",
    "studies/seen/curves",
    "studies/seen/trials/2",
    "studies/seen/rungs",
  ])
    expect(Object.keys(answers)).toContain(path);
  expect(Object.keys(answers)).toContain("studies/seen/plots/slice?params=lr");
  expect(JSON.stringify(answers["studies/seen/trials/0"])).toContain("onerror");
});

const answerShape = z.object({ message: z.string() });
const viewShape = z.object({ state: z.string(), mayAct: z.boolean(), tags: z.array(z.string()) });

it("passes on what is asked for on the page to the run, and only with the token", async () => {
  const folder = temporaryFolder();
  const held = holdTrainings(folder, { step: 2, trial: 1 });
  writeStudy(folder, 4, [...held.options]);
  const run = startCurvewise(folder, "run", "study.yaml", "--workers", "1");
  await run.untilTold("trial 0");
  const page = await serveDashboard(folder);
  const ask = async (token: string, request: unknown) =>
    send(new URL("/api/studies/seen/requests", page.url).href, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(request),
    });
  const until = async (isSo: (view: z.output<typeof viewShape>) => boolean): Promise<void> => {
    await expect
      .poll(async () => isSo(viewShape.parse(await page.json("studies/seen"))), { timeout: 60_000 })
      .toBe(true);
  };
  expect((await ask(page.reading, { kind: "stop" })).status).toBe(401);
  expect((await ask("", { kind: "stop" })).status).toBe(401);
  for (const wrong of [
    { kind: "delete" },
    { kind: "pause", by: "root" },
    { kind: "budget", trials: -1 },
    { kind: "enqueue", params: { lr: 7 } },
    "stop",
  ]) {
    const { status, body } = await ask(page.acting, wrong);
    expect([wrong, status]).toEqual([wrong, 400]);
    expect(problemShape.parse(JSON.parse(body)).error.hint).toMatch(/\S/);
  }
  expect((await ask(page.acting, { kind: "pause" })).status).toBe(200);
  await until(({ state }) => state === "held");
  await ask(page.acting, { kind: "tags", add: ["looked-at"], remove: [] });
  await until(({ tags }) => tags.includes("looked-at"));
  held.letGo();
  const { body } = await ask(page.acting, { kind: "resume" });
  expect(answerShape.parse(JSON.parse(body)).message).toContain("The coordinator carries it out");
  const ended = await run.result;
  expect(ended.code).toBe(0);
  const log = await curvewise(folder, "status", "seen", "--json");
  expect(log.stdout).toContain("looked-at");
  const asked = eventsOf(await untilLog(folder, "seen", () => true), "requested");
  expect(asked.map(({ action, by }) => [action, by])).toEqual([
    ["pause", expect.stringMatching(/^page of \S+@\S+$/)],
    ["resume", expect.stringMatching(/^page of \S+@\S+$/)],
  ]);
  await until(({ state }) => state === "finished");
  const waits = await ask(page.acting, { kind: "note", text: "seen afterwards" });
  expect(answerShape.parse(JSON.parse(waits.body)).message).toContain("Done");
  const refused = await ask(page.acting, { kind: "stop" });
  expect([refused.status, problemShape.parse(JSON.parse(refused.body)).error.code]).toEqual([
    400,
    "STUDY_FINISHED",
  ]);
  const later = await ask(page.acting, { kind: "budget", trials: 9 });
  expect(answerShape.parse(JSON.parse(later.body)).message).toContain("at the next `curvewise run`");
});

/** A database with empty studies of these names. */
async function writeStudies(file: string, names: readonly string[]): Promise<void> {
  const storage = await openStorage(file);
  for (const name of names) {
    await storage.createStudy(definitionOf(name), Date.now());
    const holder = { host: "here", pid: 1, started: "" };
    const lease = await storage.acquire(name, { holder, now: 0, duration: 1, isGone: () => true });
    await storage.append(lease, [asked(0)]);
    await storage.release(lease);
  }
  await storage.close();
}

describe("a dashboard that somebody tries to break", () => {
  it("shows studies whatever their names are, and refuses with all its headers", async () => {
    const folder = temporaryFolder();
    const names = [
      "a b",
      "ü/ñ",
      "100%",
      "a?b#c",
      ATTACK,
      "__proto__",
      "constructor",
      "con%2Fst",
      ".",
      "..",
      "=..",
      "a..b",
      "a,b",
      "\u{1f300}",
      "\u202egnp",
    ];
    await writeStudies(join(folder, "curvewise.db"), names);
    const { json, get } = await serveDashboard(folder);
    expect(studiesShape.parse(await json("studies")).studies.map(({ name }) => name)).toEqual(names);
    for (const name of names) {
      const at = pathOf(["studies", name]);
      expect(await json(at)).toMatchObject({ name });
      expect(await json(`${at}/trials/0`)).toMatchObject({ number: 0 });
      expect(await json(`${at}/trials/0/output`)).toMatchObject({ text: "" });
    }
    const compared = await json(pathOf(["compare"], { studies: ["a,b", ".."] }));
    expect(compared).toMatchObject({ studies: [{ name: "a,b" }, { name: ".." }] });
    const refused = await get("/api/studies", { host: "rebound.example" });
    expect([refused.status, refused.headers["content-security-policy"]]).toEqual([
      403,
      expect.stringMatching(/^default-src 'none'/),
    ]);
    for (const path of [
      "/../../../etc/passwd",
      "/page.js/../../x",
      "/api/studies/%ff%fe",
      "/%2e%2e/%2e%2e/x",
    ])
      expect((await get(path)).status).toBe(404);
  });

  it("takes no more of a request than it may have, however it comes", async () => {
    const folder = temporaryFolder();
    await writeStudies(join(folder, "curvewise.db"), ["seen"]);
    const { url, acting } = await serveDashboard(folder);
    const path = new URL("/api/studies/seen/requests", url);
    // Whoever is refused before all was read loses the connection.
    const headers = { authorization: `Bearer ${acting}`, connection: "close" };
    const text = JSON.stringify({ kind: "note", text: "x".repeat(300_000) });
    const parts = new ReadableStream({
      start: (stream) => {
        for (let from = 0; from < text.length; from += 10_000)
          stream.enqueue(new TextEncoder().encode(text.slice(from, from + 10_000)));
        stream.close();
      },
    });
    for (const body of [text, parts]) {
      const answer = await fetch(path, { method: "POST", headers, body, duplex: "half" });
      expect(problemShape.parse(await answer.json()).error.code).toBe("REQUEST_TOO_LARGE");
      expect(answer.status).toBe(400);
    }
    for (const body of ["", "{", "null", "[]", "[".repeat(100_000), '{"kind":"stop","trials":[]}']) {
      const answer = await fetch(path, { method: "POST", headers, body });
      expect([body.slice(0, 40), answer.status]).toEqual([body.slice(0, 40), 400]);
      expect(problemShape.parse(await answer.json()).error.hint).toMatch(/\S/);
    }
  });

  it("begins no database where one was moved away, and shows the one that is put in its place", async () => {
    const folder = temporaryFolder();
    const file = join(folder, "curvewise.db");
    await writeStudies(file, ["before"]);
    const { url, acting, json, get } = await serveDashboard(folder);
    const note = async (study: string): Promise<readonly [number, string]> => {
      const { status, body } = await send(new URL(`/api/studies/${study}/requests`, url).href, {
        method: "POST",
        headers: { authorization: `Bearer ${acting}` },
        body: JSON.stringify({ kind: "note", text: "seen" }),
      });
      return [status, body];
    };
    expect((await note("before"))[0]).toBe(200);
    renameSync(file, join(folder, "moved.db"));
    for (const end of ["-wal", "-shm"]) rmSync(file + end, { force: true });
    const [status, body] = await note("before");
    expect([status, problemShape.parse(JSON.parse(body)).error.code]).toEqual([400, "STORAGE_NOT_FOUND"]);
    expect(existsSync(file)).toBe(false);
    expect((await get("/api/studies")).status).toBe(400);
    await writeStudies(file, ["after"]);
    expect(studiesShape.parse(await json("studies")).studies).toMatchObject([{ name: "after" }]);
    expect((await note("after"))[0]).toBe(200);
    expect((await get("/api/studies/before")).status).toBe(404);
  });
});
