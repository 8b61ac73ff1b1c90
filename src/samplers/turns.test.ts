import { expect, it } from "vitest";
import type { StudyEvent } from "../core/events.js";
import { applyEvent } from "../core/study-fold.js";
import { studyRecord } from "../core/study-record.js";
import { createTurns } from "./turns.js";

const asked = (trial: number, sampler: string): StudyEvent => ({
  type: "trial-asked",
  trial,
  params: {},
  seed: 0,
  sampler,
  time: 0,
});

it("turns count a sampler's own trials, whoever proposes others and whether it was asked or only watches", () => {
  const turns = createTurns("own");
  const study = studyRecord(
    {
      name: "turns",
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
  turns.restore(study);
  expect(turns.take(0)).toBe(0);
  const names = ["own", "other", "own", "other", "own"];
  for (const [trial, name] of names.entries()) {
    turns.observe(asked(trial, name));
    applyEvent(study, asked(trial, name));
    turns.observe({ type: "note", code: "NOTE", message: "of no trial", time: 0 });
  }
  expect([turns.take(5), turns.take(5), turns.take(6)]).toEqual([3, 3, 4]);
  const restored = createTurns("own");
  restored.restore(study);
  expect(restored.take(5)).toBe(3);
  restored.observe(asked(5, "own"));
  expect([restored.take(5), restored.take(6)]).toEqual([3, 4]);
});
