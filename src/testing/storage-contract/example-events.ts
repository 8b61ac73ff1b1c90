import type { StudyEvent } from "../../core/events.js";
import type { Holder, LeaseRequest } from "../../core/storage.js";
import type { StudyDefinition } from "../../core/study-definition.js";

/** The moment at which the examples happen. */
export const NOW = 1_790_000_000_000;
/** In milliseconds. */
export const HOUR = 3_600_000;
/** Who has the studies at first. */
export const ALICE: Holder = { host: "alice.example", pid: 101, started: "a" };
/** Who wants them too. */
export const BOB: Holder = { host: "bob.example", pid: 202, started: "b" };

/** Nobody is gone. */
export const never = () => false;
/** Everybody is gone. */
export const always = () => true;

/** Asks for a lease of an hour from {@link NOW} on. */
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

/** A definition with every part that a definition can have. */
export const RICH_DEFINITION: StudyDefinition = {
  ...definitionOf("rich"),
  space: {
    rate: { kind: "float", low: 1e-7, high: 0.1 + 0.2, log: true, step: undefined, when: undefined },
    depth: { kind: "int", low: 1, high: 9, log: false, step: 2, when: { kind: ["a", true, 3] } },
    kind: { kind: "choice", options: ["a", true, 3], when: undefined },
  },
  constraints: ["depth fits"],
  maxSteps: 100,
  sampler: { name: "grid", options: { levels: 3, nested: { list: [null, 1, "two"] } } },
  budget: { trials: 10, time: 0.5, totalSteps: Number.MAX_SAFE_INTEGER },
  seed: Number.MAX_SAFE_INTEGER,
  timeout: 1.5,
  program: {
    command: ["python3", "train.py", "${args}"],
    shell: false,
    folder: "/home/ä b",
    env: { PATH: "/bin" },
    metrics: { kind: "pattern", pattern: "(?<step>\\d+)" },
    killAfter: 10,
  },
};

/** A trial was made. */
export function asked(trial: number): StudyEvent {
  return { type: "trial-asked", trial, params: { rate: 0.1 }, seed: trial, sampler: "random", time: NOW };
}

/** A trial reported a loss. */
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

/** A note about no trial. */
export function note(message: string): StudyEvent {
  return { type: "note", code: "TEST", message, time: NOW };
}

/** One event of every kind but the first of a log. */
export const EVERY_KIND: readonly StudyEvent[] = [
  { type: "study-opened", host: "alice.example", pid: 101, time: NOW },
  { type: "study-changed", budget: { trials: 5 }, retries: 2, timeout: null, time: NOW + 0.25 },
  { ...asked(0), time: NOW + 1 },
  { type: "attempt-started", trial: 0, attempt: 1, worker: "local/0", fromStep: 0, time: NOW },
  reported(0, 1),
  { type: "reported-late", trial: 0, attempt: 1, step: 2, metrics: {}, time: NOW },
  {
    type: "decided",
    trial: 0,
    attempt: 1,
    step: 1,
    action: "pause",
    explanation: {
      rule: "lcm/poster",
      reason: "It ranks below half of the others.",
      values: { prediction: 0.1 + 0.2, threshold: 50 },
      steps: [1],
      neighbours: [{ trial: 7, distance: 1e-300, performance: 0.5 }],
    },
    time: NOW,
  },
  {
    type: "snapshot-saved",
    trial: 0,
    attempt: 1,
    step: 1,
    path: "0/1.bin",
    digest: "ab".repeat(32),
    bytes: 2 ** 40,
    time: NOW,
  },
  { type: "paused", trial: 0, attempt: 1, time: NOW },
  { type: "resumed", trial: 0, time: NOW },
  { type: "finished", trial: 0, attempt: 2, state: "complete", time: NOW },
  {
    type: "failed",
    trial: 1,
    attempt: 1,
    error: { code: "EXIT", message: "exit code 1", hint: "look" },
    output: ["line 1", ""],
    retry: true,
    time: NOW,
  },
  { type: "released", trial: 1, attempt: 2, reason: "lost", time: NOW },
  { type: "retried", trial: 1, time: NOW },
  { type: "note", trial: 1, code: "NOTE", message: "hello", hint: "there", time: NOW },
];
