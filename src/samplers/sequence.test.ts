import { describe, expect, it } from "vitest";
import type { EventBody } from "../core/events.js";
import type { Params } from "../core/param.js";
import type { Sampler } from "../core/sampler.js";
import { applyEvent } from "../core/study-fold.js";
import { type StudyRecord, studyRecord } from "../core/study-record.js";
import type { Trial } from "../core/trial.js";
import { createRandom } from "../math/random.js";
import { followSequence, type OrderedParams } from "./sequence.js";

/** x from 0 on; some places are refused. */
const ordered = (count: number, refused: readonly number[] = []): OrderedParams => ({
  count,
  at: (place) => (refused.includes(place) ? undefined : { x: place }),
  placeOf: ({ x }) => (Number(x) < count ? Number(x) : -1),
});

type Followed = Required<Pick<Sampler, "restore" | "observe" | "ask">>;

function record() {
  const study: StudyRecord = studyRecord(
    {
      name: "sequence",
      goal: { metric: "loss", direction: "minimize" },
      space: {},
      constraints: [],
      sampler: { name: "own", options: {} },
      scheduler: { name: "none", options: {} },
      budget: {},
      seed: 0,
      retries: 0,
    },
    0,
  );
  const watching: Followed[] = [];
  const push = (body: EventBody): void => {
    const event = { ...body, time: 0 };
    applyEvent(study, event);
    for (const each of watching) each.observe(event, study);
  };
  return {
    study,
    watching,
    push,
    add: (sampler: string, params: Params): void => {
      push({ type: "trial-asked", trial: study.trials.length, params, seed: 0, sampler });
    },
    ask: ({ ask }: Followed): unknown => {
      const trial = study.trials.length;
      return ask(trial, createRandom(0, trial, 0), study)?.["x"];
    },
  };
}

describe("a sequence", () => {
  it("gives each of its params once, and the same when asked again", () => {
    const { watching, add, ask } = record();
    const sequence = followSequence("own", ordered(3));
    watching.push(sequence);
    const given: unknown[] = [];
    for (let turn = 0; turn < 4; turn++) {
      const x = ask(sequence);
      expect(ask(sequence)).toBe(x);
      given.push(x);
      add(typeof x === "number" ? "own" : "other", { x: typeof x === "number" ? x : 99 });
    }
    expect(given).toEqual([0, 1, 2, undefined]);
    expect(ask(sequence)).toBeUndefined();
  });

  it("leaves out what others proposed before, and comes back to what was not taken", () => {
    const { study, watching, add, ask } = record();
    const sequence = followSequence("own", ordered(6, [2]));
    watching.push(sequence);
    add("other", { x: 1 });
    expect(ask(sequence)).toBe(0);
    // Somebody else's trial has that number after all.
    add("other", { x: 7 });
    expect(ask(sequence)).toBe(0);
    add("own", { x: 0 });
    // 1 was proposed by others, and 2 is refused.
    expect(ask(sequence)).toBe(3);
    add("own", { x: 3 });
    add("other", { x: 4 });
    const restarted = followSequence("own", ordered(6, [2]));
    restarted.restore(study);
    expect([ask(sequence), ask(restarted)]).toEqual([5, 5]);
  });

  it("goes on behind the params that its last trial was made with", () => {
    const { study, push, add, ask } = record();
    add("other", { x: 9 });
    add("own", { x: 2 });
    push({ type: "attempt-started", trial: 1, attempt: 1, worker: "w", fromStep: 0 });
    const copied = { parent: 0, step: 1, value: 1, path: "p", digest: "00" };
    push({ type: "exploited", trial: 1, ...copied, params: { x: 4 } });
    const restarted = followSequence("own", ordered(6));
    restarted.restore(study);
    expect(ask(restarted)).toBe(3);
  });

  it("counts trials that were forgotten", () => {
    const { study, add, ask } = record();
    for (const x of [0, 1, 2]) add("own", { x });
    // Nothing is at the index of a forgotten trial.
    const trials: Trial[] = [];
    trials.length = study.trials.length;
    const restarted = followSequence("own", ordered(6));
    restarted.restore({ ...study, trials });
    expect(ask(restarted)).toBe(3);
  });

  it("reports an empty sequence when asked, but not one that was used up", () => {
    let complaints = 0;
    const complain = (): void => {
      complaints += 1;
    };
    const { ask } = record();
    const empty = followSequence("own", ordered(2, [0, 1]), complain);
    expect([ask(empty), complaints]).toEqual([undefined, 1]);
    const { watching, add, ask: askAgain } = record();
    const full = followSequence("own", ordered(1), complain);
    watching.push(full);
    add("own", { x: 0 });
    expect([askAgain(full), complaints]).toEqual([undefined, 1]);
  });
});
