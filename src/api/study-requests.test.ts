import { expect, it } from "vitest";
import { float } from "../core/param.js";
import { createStudy } from "./index.js";

it("lets a program act on a study that it runs, and waits while it is paused", async () => {
  const study = createStudy({ name: "acted-on", goal: { minimize: "loss" }, space: { x: float(-1, 1) } });
  await expect(study.pause()).rejects.toMatchObject({ code: "STUDY_NOT_FOUND" });
  const begun: number[] = [];
  const answers: unknown[] = [];
  const best = await study.run(
    async (trial) => {
      begun.push(trial.params.x);
      if (begun.length === 1) {
        await study.enqueue({ x: 0.25 }, { by: "ana" });
        await study.stop({ trial: 0 });
        await study.tag(["first", "odd"], { trial: 0 });
        await study.untag(["odd"], { trial: 0 });
        await study.extend({ trials: 3 });
        await study.note("begun");
        while ((await study.read()).notes.length === 0) await new Promise((done) => setTimeout(done, 20));
        answers.push(await trial.report(1, { loss: 9 }));
        await study.pause();
        await study.note("asked to pause");
        while ((await study.read()).notes.length === 1) await new Promise((done) => setTimeout(done, 20));
        setTimeout(() => void study.resume(), 50);
        return;
      }
      await trial.report(1, { loss: trial.params.x ** 2 });
    },
    { trials: 2 },
  );
  expect(answers).toEqual(["stop"]);
  expect(begun[1]).toBe(0.25);
  expect(begun).toHaveLength(3);
  expect(best.number).toBeGreaterThan(0);
  const { trials, trialTags, definition, halt } = await study.read();
  expect(trials.map(({ state, sampler }) => [state, sampler === "enqueue"])).toEqual([
    ["stopped", false],
    ["complete", true],
    ["complete", false],
  ]);
  expect([...trialTags]).toEqual([[0, ["first"]]]);
  expect(definition.budget).toEqual({ trials: 3 });
  expect(halt).toBeUndefined();
});

it("refuses what cannot be asked, before anything is", async () => {
  const study = createStudy({ name: "refused", goal: { minimize: "loss" }, space: { x: float(-1, 1) } });
  await study.run((trial) => trial.params.x ** 2, { trials: 1 });
  await expect(study.pause({ trial: -1 })).rejects.toMatchObject({ code: "REQUEST_INVALID" });
  await expect(study.tag([])).rejects.toMatchObject({ code: "REQUEST_INVALID" });
  await expect(study.extend({})).rejects.toMatchObject({ code: "REQUEST_INVALID" });
  await expect(study.note("x", { by: "" })).rejects.toMatchObject({ code: "REQUEST_INVALID" });
});
