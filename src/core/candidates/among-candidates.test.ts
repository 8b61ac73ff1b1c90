import { describe, expect, it } from "vitest";
import { createRandom, PURPOSE } from "../../math/random.js";
import { float, type Params } from "../param.js";
import type { Sampler } from "../sampler.js";
import { createSearchSpace } from "../search-space.js";
import { applyEvent } from "../study-fold.js";
import { type StudyRecord, studyRecord } from "../study-record.js";
import { amongCandidates } from "./among-candidates.js";

const goal = { metric: "loss", direction: "minimize" } as const;
const space = createSearchSpace({ rate: float(0, 1) });
const setup = { space, goal, maxSteps: 9, seed: 1 };
const candidates = [0.1, 0.4, 0.45, 0.9].map((rate): Params => ({ rate }));

const emptyStudy = (): StudyRecord =>
  studyRecord(
    {
      name: "table",
      goal,
      space: space.params,
      constraints: [],
      sampler: { name: "middle", options: {} },
      scheduler: { name: "none", options: {} },
      budget: {},
      seed: 1,
      retries: 0,
    },
    0,
  );

/** Proposes the same rate for every trial. */
const wanting = (rate: number): Sampler => ({ ask: () => ({ rate }) });

/** Asks for trials as a replay does, starting with the next one. */
function play(sampler: Sampler, study: StudyRecord, trials: number): unknown[] {
  const asked: unknown[] = [];
  for (let count = 0; count < trials; count++) {
    const trial = study.trials.length;
    const params = sampler.ask(trial, createRandom(1, trial, PURPOSE.params), study);
    asked.push(params?.["rate"]);
    if (params === undefined) break;
    const event = { type: "trial-asked", trial, params, seed: 1, sampler: "middle", time: 0 } as const;
    applyEvent(study, event);
    sampler.observe?.(event, study);
  }
  return asked;
}

describe("a sampler among candidates", () => {
  it("gives the candidates most similar to what it proposes, each once", () => {
    const sampler = amongCandidates(wanting(0.52), { ...setup, candidates });
    expect(sampler.size).toBe(4);
    expect(play(sampler, emptyStudy(), 9)).toEqual([0.45, 0.4, 0.9, 0.1, undefined]);
  });

  it("gives the candidate objects themselves, by which a replay knows them", () => {
    const sampler = amongCandidates(wanting(0.88), { ...setup, candidates });
    const study = emptyStudy();
    expect(sampler.ask(0, createRandom(1, 0, 0), study)).toBe(candidates[3]);
  });

  it("goes on after a restart", () => {
    const study = emptyStudy();
    play(amongCandidates(wanting(0.52), { ...setup, candidates }), study, 2);
    const again = amongCandidates(wanting(0.52), { ...setup, candidates });
    again.restore?.(study);
    expect(play(again, study, 9)).toEqual([0.9, 0.1, undefined]);
  });

  it("ends when the sampler does, and is the sampler itself without candidates", () => {
    const ending: Sampler = { ask: (trial) => (trial === 0 ? { rate: 1 } : undefined) };
    expect(play(amongCandidates(ending, { ...setup, candidates }), emptyStudy(), 9)).toEqual([
      0.9,
      undefined,
    ]);
    expect(amongCandidates(ending, setup)).toBe(ending);
  });
});
