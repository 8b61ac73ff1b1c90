// Run it with: npx vitest run
import { createStudy, float, list } from "curvewise";
import { schedulerContract } from "curvewise/testing";
import { expect, test } from "vitest";
import upperHalf from "./my-scheduler.mjs";

// What every scheduler must do: decide the same after a restart, decide only by what came before, and more. `acts` says
// that it sometimes does something other than continue.
schedulerContract(upperHalf({ startup: 2 }), { acts: true });

// What only this one promises.
test("stops a trial that is behind half of the others", async () => {
  const study = createStudy({
    name: "behind",
    goal: { minimize: "loss" },
    space: { loss: float(0, 10) },
    maxSteps: 2,
    sampler: list({ trials: [{ loss: 1 }, { loss: 2 }, { loss: 3 }, { loss: 1.5 }] }),
    scheduler: upperHalf({ startup: 2 }),
  });
  await study.run(
    async (trial) => {
      for (let step = 1; step <= 2; step++) {
        if ((await trial.report(step, trial.params)) !== "continue") return;
      }
    },
    { trials: 4 },
  );
  const { trials } = await study.read();
  // The third is behind both of the first two; the fourth is behind one of three.
  expect(trials.map(({ state }) => state)).toEqual(["complete", "complete", "stopped", "complete"]);
});
