// A process full of simulated workers: each has its own WebSocket and uses the workers' protocol, but trains nothing.
// Controlled over IPC by load.mjs: {connect}, {begin}, {load}, {kept}; each is answered with one message.
import { writeFileSync } from "node:fs";
import { WebSocket } from "ws";
import { frameText } from "../../dist/server/frame-text.js";
import { PROTOCOL } from "../../dist/server/messages.js";
import { quantiles } from "./quantiles.mjs";

/** How many connections are made at a time. */
const CONNECTING = 500;
/** Milliseconds without another message after which `curvewise worker` sends a heartbeat, with the default lease. */
const HEARTBEAT = 7500;
/** In how many batches per second heartbeats are sent. */
const HEART_TURNS = 20;
/** Milliseconds between checks for due reports. */
const TICK = 1;
/** Milliseconds to wait for an answer before giving up. */
const PATIENCE = 60_000;

const workers = [];
/** The reports that were answered: trial, attempt, step. */
const acknowledged = [];
/** The counters of a measurement; replaced by every {load}. */
let figures = counters();
let maxSteps = 0;
let failed;

function counters() {
  return { reports: [], ends: [], asks: [], decisions: {}, unanswered: 0 };
}

const lossOf = (params, step) => Math.abs(Math.log10(params.lr) + 2) + 1 / step;

class Worker {
  #id = 0;
  #waiting = new Map();
  #attempts = 0;
  #assignment;
  #step = 0;
  #sequence = 0;
  #isReporting = false;
  #heartbeatAt = 0;
  /** How many reports are due. */
  #owed = 0;

  constructor(name) {
    this.name = name;
  }

  async connect({ url, token, localAddress }) {
    const socket = new WebSocket(`${url.replace(/^http/, "ws")}/worker`, {
      headers: { authorization: `Bearer ${token}` },
      perMessageDeflate: false,
      ...(localAddress === undefined ? {} : { localAddress }),
    });
    this.socket = socket;
    await new Promise((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    socket._socket.setNoDelay(true);
    socket.on("message", (data) => this.#take(JSON.parse(frameText(data))));
    socket.on("error", fail);
    socket.on("close", (code, reason) =>
      fail(new Error(`${this.name} was closed: ${code} ${String(reason)}`)),
    );
    await this.#request({
      type: "hello",
      protocol: PROTOCOL,
      worker: this.name,
      host: "bench",
      pid: process.pid,
      slots: 1,
      gpus: [],
      labels: { partition: "bench" },
      attempts: [],
    });
  }

  #take(message) {
    if (message.to === undefined) return;
    const waiting = this.#waiting.get(message.to);
    this.#waiting.delete(message.to);
    if (message.type === "error") fail(new Error(JSON.stringify(message.error)));
    else waiting?.(message);
  }

  #request(body) {
    this.#id += 1;
    const id = this.#id;
    this.#heartbeatAt = performance.now() + HEARTBEAT;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.socket.send(JSON.stringify({ id, ...body }));
    });
  }

  get idle() {
    return this.#waiting.size === 0;
  }

  async ask() {
    this.#attempts += 1;
    const asked = performance.now();
    const { assignment } = await this.#request({ type: "ask", request: `${this.name}/${this.#attempts}` });
    figures.asks.push(performance.now() - asked);
    if (assignment === undefined) throw new Error("there are no more trials");
    this.#assignment = assignment;
    this.#step = assignment.resume?.step ?? 0;
    this.#sequence = 0;
    if (this.#owed > 0) this.#report().catch(fail);
  }

  /** A report is due: it is sent as soon as the previous one is answered. */
  due() {
    this.#owed += 1;
    if (!this.#isReporting && this.#assignment !== undefined) this.#report().catch(fail);
  }

  forget() {
    this.#owed = 0;
  }

  async #report() {
    this.#isReporting = true;
    const { trial, attempt, params } = this.#assignment;
    while (this.#owed > 0) {
      this.#owed -= 1;
      this.#step += 1;
      this.#sequence += 1;
      const loss = lossOf(params, this.#step);
      const sent = performance.now();
      const { answer } = await this.#request({
        type: "report",
        trial,
        attempt,
        sequence: this.#sequence,
        step: this.#step,
        metrics: { loss, accuracy: Math.exp(-loss) },
      });
      figures.reports.push(performance.now() - sent);
      figures.decisions[answer.action] = (figures.decisions[answer.action] ?? 0) + 1;
      acknowledged.push(trial, attempt, this.#step);
      if (answer.action !== "continue" || this.#step === maxSteps) {
        this.#assignment = undefined;
        const asked = performance.now();
        this.#sequence += 1;
        await this.#request({
          type: "end",
          trial,
          attempt,
          sequence: this.#sequence,
          end: { kind: "ended" },
        });
        figures.ends.push(performance.now() - asked);
        this.#isReporting = false;
        await this.ask();
        return;
      }
    }
    this.#isReporting = false;
  }

  beat(now) {
    if (now < this.#heartbeatAt) return;
    void this.#request({ type: "heartbeat" });
  }
}

function fail(error) {
  if (failed !== undefined) return;
  failed = error;
  process.send({ error: String(error?.stack ?? error) });
}

/** Sends heartbeats from the first connection on: every worker is checked once a second. */
function startHeart() {
  let turn = 0;
  setInterval(() => {
    const now = performance.now();
    const upTo = Math.ceil(((turn + 1) * workers.length) / HEART_TURNS);
    for (let at = Math.floor((turn * workers.length) / HEART_TURNS); at < upTo; at++) workers[at].beat(now);
    turn = (turn + 1) % HEART_TURNS;
  }, 1000 / HEART_TURNS);
}

async function connect({ url, token, first, count, addresses }) {
  const begin = performance.now();
  let next = 0;
  startHeart();
  const work = async () => {
    while (next < count) {
      const number = first + next++;
      const worker = new Worker(`bench-${number}`);
      await worker.connect({ url, token, localAddress: addresses[number % addresses.length] });
      workers.push(worker);
    }
  };
  await Promise.all(Array.from({ length: CONNECTING }, work));
  return { seconds: (performance.now() - begin) / 1000 };
}

async function begin(options) {
  maxSteps = options.maxSteps;
  const start = performance.now();
  await Promise.all(workers.map((worker) => worker.ask()));
  return { seconds: (performance.now() - start) / 1000 };
}

/**
 * Reports come due at random, `rate` per second in total; without a rate, whenever the previous one is answered. At the
 * end, waits for everything under way.
 */
async function load({ rate, seconds }) {
  figures = counters();
  for (const worker of workers) worker.forget();
  const processor = process.cpuUsage();
  const start = performance.now();
  const end = start + seconds * 1000;
  let nextAt = start;
  let turn = Math.floor(Math.random() * workers.length);
  let demanded = 0;
  while (performance.now() < end) {
    const now = performance.now();
    if (rate === undefined) {
      for (const worker of workers) if (worker.idle) worker.due();
    } else {
      for (; nextAt < now; nextAt -= (Math.log(1 - Math.random()) / rate) * 1000) {
        workers[turn].due();
        turn = (turn + 1) % workers.length;
        demanded += 1;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, TICK));
    if (failed !== undefined) return {};
  }
  const within = figures.reports.length;
  const { user, system } = process.cpuUsage(processor);
  const result = {
    demanded,
    seconds: (performance.now() - start) / 1000,
    within,
    processorTime: (user + system) / 1e6,
  };
  return result;
}

/** Makes no more reports due; resolves once everything is answered. */
async function settle() {
  for (const worker of workers) worker.forget();
  const until = performance.now() + PATIENCE;
  while (!workers.every((worker) => worker.idle)) {
    if (performance.now() > until) throw new Error("answers are missing");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const { reports, ends, asks, decisions } = figures;
  return { reports: quantiles(reports), ends: quantiles(ends), asks: quantiles(asks), decisions };
}

function kept({ file }) {
  writeFileSync(file, Uint32Array.from(acknowledged));
  return { acknowledged: acknowledged.length / 3 };
}

const commands = { connect, begin, load, settle, kept };
async function obey({ command, ...options }) {
  try {
    process.send({ result: await commands[command](options) });
  } catch (error) {
    fail(error);
  }
}
process.on("message", (message) => void obey(message));
process.on("disconnect", () => process.exit(0));
