import { beforeEach, describe, expect, it } from "vitest";
import type { EventBody, StudyEvent } from "../core/events.js";
import type { Failure } from "../core/failure.js";
import { applyEvent } from "../core/study-fold.js";
import { type StudyRecord, studyRecord } from "../core/study-record.js";
import { definitionOf, NOW } from "../testing/storage-contract/example-events.js";
import {
  createFailureWatch,
  type FailureWatch,
  HOPELESS_FAILURES,
  HOPELESS_LATE_FAILURES,
  HOPELESS_TRIALS,
} from "./failure-watch.js";

let study: StudyRecord;
let watch: FailureWatch;
beforeEach(() => {
  open();
});

function open(...others: readonly string[]): void {
  const { goal, ...definition } = definitionOf("digits");
  const further = others.map((metric) => ({ metric, direction: "minimize" as const }));
  study = studyRecord(
    { ...definition, goal: { ...goal, ...(others.length === 0 ? {} : { others: further }) } },
    NOW,
  );
  watch = createFailureWatch();
}

function happen(body: EventBody): ReturnType<FailureWatch["observe"]> {
  const event: StudyEvent = { ...body, time: NOW };
  applyEvent(study, event);
  return watch.observe(event, study);
}

function begin(trial: number): void {
  happen({ type: "trial-asked", trial, params: {}, seed: 1, sampler: "random" });
  happen({ type: "attempt-started", trial, attempt: 1, worker: "w", fromStep: 0 });
}

const report = (trial: number, metrics: Readonly<Record<string, number>>) =>
  happen({ type: "reported", trial, attempt: 1, step: 1, metrics });

interface Fall {
  readonly retry?: boolean;
  readonly error?: Failure;
  readonly output?: readonly string[];
}
function fail(trial: number, { retry = false, error, output = [] }: Fall = {}) {
  const said = error ?? { code: "EXIT", message: "exit code 1" };
  return happen({ type: "failed", trial, attempt: 1, error: said, output, retry });
}

describe("a study in which trials fail", () => {
  it("gives up at the third that fails when nothing ever gave the goal metric", () => {
    for (let trial = 0; trial < HOPELESS_FAILURES - 1; trial++) {
      begin(trial);
      report(trial, { accuracy: 1 });
      expect(fail(trial)).toBeUndefined();
    }
    begin(2);
    expect(fail(2)).toMatchObject({ code: "TRIALS_FAILING", kind: "failure" });
  });

  it("does not count attempts that are tried again", () => {
    for (let trial = 0; trial < 9; trial++) {
      begin(trial);
      expect(fail(trial, { retry: true })).toBeUndefined();
    }
    expect(watch.conclude(study)).toBeUndefined();
  });

  it("goes on up to the tenth failure once one trial gave the goal metric, also a trial that failed", () => {
    begin(0);
    report(0, { loss: Number.NaN });
    fail(0);
    for (let trial = 1; trial < HOPELESS_LATE_FAILURES - 1; trial++) {
      begin(trial);
      expect(fail(trial)).toBeUndefined();
    }
    expect(watch.conclude(study)).toBeUndefined();
    begin(HOPELESS_LATE_FAILURES - 1);
    expect(fail(HOPELESS_LATE_FAILURES - 1)).toMatchObject({ code: "TRIALS_FAILING" });
  });

  it("has not failed at its end when the metric came after the last failure", () => {
    begin(0);
    fail(0);
    begin(1);
    report(1, { loss: 1 });
    expect(watch.conclude(study)).toBeUndefined();
  });

  it("fails at its end if every trial failed, whether one or two", () => {
    expect(watch.conclude(study)).toBeUndefined();
    begin(0);
    fail(0);
    expect(watch.conclude(study)?.message).toBe(
      "the only trial failed, and loss was never reported; the last failure: EXIT: exit code 1",
    );
    begin(1);
    fail(1, { error: { code: "SIGNAL", message: "killed" } });
    expect(watch.conclude(study)?.message).toBe(
      "all 2 trials so far failed, and loss was never reported; the last failure: SIGNAL: killed",
    );
  });

  it("tells the last ten lines of the last one's output, and its hint", () => {
    begin(0);
    const lines = Array.from({ length: 12 }, (_, place) => `line ${place}`);
    fail(0, { output: lines, error: { code: "EXIT", message: "exit code 1", hint: "Look." } });
    const error = watch.conclude(study);
    expect(error?.message.split("\n").slice(1)).toEqual(lines.slice(2));
    expect(error?.hint).toBe("Look. Fix the training program, then run with --retry-failed.");
    begin(1);
    fail(1);
    expect(watch.conclude(study)?.hint).toBe("Fix the training program, then run with --retry-failed.");
  });
});

describe("a study with several goals", () => {
  const missing = { code: "METRIC_MISSING", message: "size is missing" };
  const wait = (trial: number, metrics: Readonly<Record<string, number>>): void => {
    begin(trial);
    report(trial, metrics);
    happen({ type: "paused", trial, attempt: 1 });
  };
  const endWithout = (trial: number) => {
    begin(trial);
    report(trial, { loss: 1 });
    return fail(trial, { error: missing });
  };

  it("gives up when three trials ended without a metric that none ever reported, even if others wait", () => {
    open("size");
    wait(0, { loss: 1 });
    expect(study.trials[0]?.state).toBe("paused");
    for (const trial of [1, 2]) expect(endWithout(trial)).toBeUndefined();
    const error = endWithout(3);
    expect(error?.message).toBe(
      "3 trials failed at the end, and size was never reported; the last failure: METRIC_MISSING: size is missing",
    );
  });

  it("goes on if programs fail before the metric can come, and others wait", () => {
    open("size");
    wait(0, { loss: 1 });
    for (let trial = 1; trial < 2 * HOPELESS_LATE_FAILURES; trial++) {
      begin(trial);
      expect(fail(trial)).toBeUndefined();
    }
  });

  it("gives up at the twentieth that diverged, in whichever goal", () => {
    open("size");
    for (let trial = 0; trial < HOPELESS_TRIALS; trial++) {
      begin(trial);
      report(trial, { loss: 1, size: Number.NaN });
      const error = happen({ type: "finished", trial, attempt: 1, state: "complete" });
      expect(error?.message).toBe(
        trial < HOPELESS_TRIALS - 1
          ? undefined
          : "all 20 trials so far diverged: none reported a finite loss and size",
      );
    }
  });

  it("has not failed at its end beside trials that wait for the steps that report the metric", () => {
    open("size");
    wait(0, { loss: 1 });
    begin(1);
    fail(1);
    expect(watch.conclude(study)).toBeUndefined();
  });

  it("takes what was stopped before it could report a metric for a result", () => {
    open("size");
    begin(0);
    report(0, { loss: 1 });
    happen({ type: "finished", trial: 0, attempt: 1, state: "stopped" });
    for (let trial = 1; trial < 2 * HOPELESS_TRIALS; trial++) {
      begin(trial);
      expect(fail(trial)).toBeUndefined();
    }
  });

  it("goes on if any trial has reported the metric", () => {
    open("size");
    wait(0, { loss: 1, size: 3 });
    for (const trial of [1, 2, 3, 4]) expect(endWithout(trial)).toBeUndefined();
  });

  it("names all that were never reported", () => {
    open("size", "time");
    begin(0);
    fail(0);
    expect(watch.conclude(study)?.message).toBe(
      "the only trial failed, and loss and size and time were never reported; the last failure: EXIT: exit code 1",
    );
  });
});
