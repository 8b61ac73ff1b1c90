import type { Explanation } from "../../core/decision.js";
import type { StudyEvent } from "../../core/events.js";
import type { Exploit } from "../../core/exploit.js";
import type { Holder, LeaseRequest } from "../../core/storage.js";
import type { AlgorithmModule, ProgramDefinition, StudyDefinition } from "../../core/study-definition.js";

/** The time at which the examples happen. */
export const NOW = 1_790_000_000_000;
/** In milliseconds. */
export const HOUR = 3_600_000;
/** Holds the studies at first. */
export const ALICE: Holder = { host: "alice.example", pid: 101, started: "a" };
/** Wants them too. */
export const BOB: Holder = { host: "bob.example", pid: 202, started: "b" };

/** Nobody is gone. */
export const never = () => false;
/** Everybody is gone. */
export const always = () => true;

/** Requests a lease of one hour from {@link NOW} on. */
export function request(holder: Holder): LeaseRequest {
  return { holder, now: NOW, duration: HOUR, isGone: never };
}

/** The smallest definition of a study. */
export function definitionOf(name: string): StudyDefinition {
  return {
    name,
    goal: { metric: "loss", direction: "minimize" },
    space: {},
    constraints: [],
    sampler: { name: "random", options: {} },
    scheduler: { name: "none", options: {} },
    budget: {},
    seed: 0,
    retries: 0,
  };
}

const RICH_PROGRAM: Required<ProgramDefinition> = {
  command: ["python3", "train.py", "${args}", ["--momentum", "{momentum}"]],
  shell: false,
  folder: "/home/ä b",
  env: { PATH: "/bin" },
  firstStep: 0,
  park: 3,
  buffering: "none-of-ours",
  metrics: { kind: "pattern", pattern: "(?<step>\\d+)", from: "both", take: "last", decimal: "," },
  killAfter: 10,
  files: [{ path: "config.json", text: '{"lr": {{lr}}}\n' }],
  snapshot: { path: "{dir}/model-{step}.pt", wait: 600 },
};

const MODULE: Required<AlgorithmModule> = {
  specifier: "curvewise-sampler-example",
  folder: "/home/ä b",
  digest: "ef".repeat(32),
  version: "1.2.3",
};

/** A definition with every optional part. */
export const RICH_DEFINITION: Required<StudyDefinition> = {
  ...definitionOf("rich"),
  space: {
    rate: { kind: "float", low: 1e-7, high: 0.1 + 0.2, log: true, step: undefined, when: undefined },
    depth: { kind: "int", low: 1, high: 9, log: false, step: 2, when: { kind: ["a", true, 3] } },
    kind: { kind: "choice", options: ["a", true, 3], when: undefined },
  },
  constraints: ["depth fits"],
  maxSteps: 100,
  replicates: 3,
  countStarts: true,
  sampler: { name: "grid", options: { levels: 3, nested: { list: [null, 1, "two"] } }, module: MODULE },
  budget: { trials: 10, time: 0.5, totalSteps: Number.MAX_SAFE_INTEGER },
  seed: Number.MAX_SAFE_INTEGER,
  timeout: 1.5,
  program: RICH_PROGRAM,
  imported: { tool: "optuna", study: "ä b", firstStep: 0, finalValues: true },
};

/** A new trial. */
export function asked(trial: number): StudyEvent {
  return { type: "trial-asked", trial, params: { rate: 0.1 }, seed: trial, sampler: "random", time: NOW };
}

/** A report of a loss. */
export function reported(trial: number, step: number): StudyEvent {
  return {
    type: "reported",
    trial,
    attempt: 1,
    step,
    metrics: { loss: 1 / (trial + step) },
    time: NOW + step,
  };
}

/** A note that is not about a trial. */
export function note(message: string): StudyEvent {
  return { type: "note", code: "TEST", message, time: NOW };
}

type EventOf<Type extends StudyEvent["type"]> = Required<Extract<StudyEvent, { readonly type: Type }>>;
type Examples = {
  readonly [Type in Exclude<StudyEvent["type"], "study-created">]: EventOf<Type>;
};

const EXPLANATION: Required<Explanation> = {
  rule: "lcm/poster",
  reason: "It ranks below half of the others.",
  values: { prediction: 0.1 + 0.2, threshold: 50 },
  steps: [1],
  neighbours: [
    { trial: 7, distance: 1e-300, performance: 0.5 },
    { trial: 7, study: "earlier", distance: 2, forecast: 0.25 },
  ],
};
const EXPLOIT: Required<Exploit> = {
  parent: 1,
  snapshot: { step: 2, path: "1/2.bin", digest: "cd".repeat(32) },
  value: 1 / 3,
  params: { rate: 0.3, kind: "a" },
  waits: true,
};

/** One event of every kind except the first of a log, with every optional field. */
const EXAMPLES: Examples = {
  "study-opened": { type: "study-opened", host: "alice.example", pid: 101, time: NOW },
  "study-changed": {
    type: "study-changed",
    budget: { trials: 5 },
    program: RICH_PROGRAM,
    modules: { sampler: MODULE, scheduler: MODULE },
    retries: 2,
    timeout: null,
    space: RICH_DEFINITION.space,
    constraints: ["width1 >= width2"],
    maxSteps: 9,
    sampler: { name: "tpe", options: { startup: 5 }, module: MODULE },
    scheduler: { name: "asha", options: { eta: 2 }, module: MODULE },
    filled: { rate: 0.5, sizes: [1, 2], bias: null },
    reopened: { trials: [0, 2], state: "paused" },
    by: "ana@alice",
    time: NOW + 0.25,
  },
  "curves-transferred": {
    type: "curves-transferred",
    study: "earlier",
    steps: [[1, 2, 4]],
    trials: [
      {
        trial: 3,
        params: { rate: 0.1 },
        state: "complete",
        steps: 0,
        points: 3,
        metrics: { loss: [0.5, "NaN", null] },
      },
    ],
    time: NOW,
  },
  "trial-asked": {
    type: "trial-asked",
    trial: 0,
    params: { rate: 0.1 },
    seed: 5,
    sampler: "random",
    attributes: { note: "hi", nested: [null, 1.5] },
    by: "page",
    time: NOW + 1,
  },
  "attempt-started": {
    type: "attempt-started",
    trial: 0,
    attempt: 1,
    worker: "local/0",
    fromStep: 0,
    parked: true,
    time: NOW,
  },
  reported: { type: "reported", trial: 0, attempt: 1, step: 1, metrics: { loss: 1 }, time: NOW + 1 },
  "reported-late": { type: "reported-late", trial: 0, attempt: 1, step: 2, metrics: {}, time: NOW },
  decided: {
    type: "decided",
    trial: 0,
    attempt: 1,
    step: 1,
    action: "exploit",
    explanation: EXPLANATION,
    exploit: EXPLOIT,
    time: NOW,
  },
  "snapshot-saved": {
    type: "snapshot-saved",
    trial: 0,
    attempt: 1,
    step: 1,
    path: "0/1.bin",
    digest: "ab".repeat(32),
    bytes: 2 ** 40,
    time: NOW,
  },
  paused: { type: "paused", trial: 0, attempt: 1, parked: true, time: NOW },
  resumed: {
    type: "resumed",
    trial: 0,
    explanation: EXPLANATION,
    exploit: EXPLOIT,
    closed: true,
    time: NOW,
  },
  exploited: {
    type: "exploited",
    trial: 0,
    parent: 1,
    step: 2,
    value: 1 / 3,
    path: "0/exploit-2.bin",
    digest: "cd".repeat(32),
    params: { rate: 0.3 },
    time: NOW,
  },
  "exploit-failed": {
    type: "exploit-failed",
    trial: 0,
    parent: 1,
    path: "1/2.bin",
    reason: "it is gone",
    sourceIntact: true,
    time: NOW,
  },
  finished: { type: "finished", trial: 0, attempt: 2, state: "stopped", unspared: true, time: NOW },
  failed: {
    type: "failed",
    trial: 1,
    attempt: 1,
    error: { code: "EXIT", message: "exit code 1", hint: "look" },
    output: ["line 1", ""],
    retry: true,
    time: NOW,
  },
  replicated: { type: "replicated", trial: 1, attempt: 2, seed: 12, time: NOW },
  released: {
    type: "released",
    trial: 1,
    attempt: 2,
    reason: "host",
    error: { code: "HOST_TROUBLE", message: "the disk is full", hint: "Free some space." },
    time: NOW,
  },
  retried: { type: "retried", trial: 1, time: NOW },
  "worker-joined": {
    type: "worker-joined",
    worker: "node-1",
    host: "node-1.example",
    pid: 303,
    slots: 4,
    gpus: ["0", "1,2"],
    labels: { SLURM_JOB_ID: "7" },
    time: NOW,
  },
  "worker-lost": { type: "worker-lost", worker: "node-1", reason: "silent", message: "30 s", time: NOW },
  note: { type: "note", trial: 1, code: "NOTE", message: "hello", hint: "there", by: "ana", time: NOW },
  requested: { type: "requested", by: "ana@alice", action: "pause", trial: 1, time: NOW },
  "workers-set": { type: "workers-set", by: "page", workers: 3, time: NOW },
  tagged: { type: "tagged", by: "ana", trial: 0, added: ["good", "ä b"], removed: ["bad"], time: NOW },
};

/** One event of every kind except the first of a log; some also without optional fields. */
export const EVERY_KIND: readonly StudyEvent[] = [
  ...Object.values(EXAMPLES),
  { type: "study-changed", time: NOW },
  { type: "resumed", trial: 0, time: NOW },
  note("about no trial"),
];
