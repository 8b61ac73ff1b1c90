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
} from "./failure-watch.js";

let study: StudyRecord;
let watch: FailureWatch;
beforeEach(() => {
  study = studyRecord(definitionOf("digits"), NOW);
  watch = createFailureWatch();
});

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
