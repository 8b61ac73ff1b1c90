// Run it with: npx vitest run
import { choice, createStudy, float } from "curvewise";
import { samplerContract } from "curvewise/testing";
import { expect, test } from "vitest";
import halton from "./my-sampler.mjs";

// What every sampler must do: stay inside the space, propose the same after a restart, and more. `independent` says that
// trial n depends only on the seed and n, whatever else runs or was reported; `repeats`, that params may come twice.
samplerContract("halton", () => halton(), { independent: true, repeats: true });

// What only this one promises.
test("covers the space evenly", async () => {
  const study = createStudy({
    name: "even",
    goal: { minimize: "loss" },
    space: { rate: float(0, 1), optimizer: choice(["sgd", "adam", "rmsprop"]) },
    sampler: halton({ skip: 0 }),
  });
  await study.run((trial) => trial.report(1, { loss: trial.params.rate }), { trials: 12 });
  const { trials } = await study.read();
  for (const optimizer of ["sgd", "adam", "rmsprop"]) {
    expect(trials.filter(({ params }) => params.optimizer === optimizer)).toHaveLength(4);
  }
  for (const quarter of [0, 1, 2, 3]) {
    expect(trials.filter(({ params }) => Math.floor(4 * params.rate) === quarter)).toHaveLength(3);
  }
});
