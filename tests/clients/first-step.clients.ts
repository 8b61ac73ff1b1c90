import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { curvewise } from "../support/command-in-process.js";
import { temporaryFolder } from "../support/command-line.js";
import { compile, STRICT } from "../support/cpp-build.js";

const R_CLIENT = resolve(import.meta.dirname, "../../clients/r/curvewise.R");

/** Both programs report how many steps they have trained, which they keep in their snapshots. */
const CPP = `#include <curvewise.hpp>
#include <fstream>
int main() {
  curvewise::Trial trial;
  double trained = 0;
  if (!trial.resume().empty()) std::ifstream(trial.resume()) >> trained;
  for (long step = trial.first_step(); step <= trial.max_steps(1); ++step) {
    trained += 1;
    const curvewise::Action action = trial.report(step, {{"loss", trained}});
    if (trial.should_save(step)) trial.save(step, [&](const std::string& path) { std::ofstream(path) << trained; });
    if (action != curvewise::Action::go_on) break;
  }
}
`;
const R = `source(${JSON.stringify(R_CLIENT)})
trial <- curvewise_trial()
trained <- if (is.null(trial$resume)) 0 else readRDS(trial$resume)
for (step in trial$steps()) {
  trained <- trained + 1
  action <- trial$report(step, loss = trained)
  if (trial$should_save(step)) trial$save(step, function(path) saveRDS(trained, path))
  if (action != "continue") break
}
`;

const shape = z.object({
  trials: z.array(z.object({ step: z.int(), curve: z.array(z.object({ step: z.int(), loss: z.number() })) })),
});

describe.each([
  ["C++", "train.cpp", CPP, ["./train"]],
  ["R", "train.R", R, ["Rscript", "train.R"]],
] as const)("a program in %s under firstStep: 0", (language, file, source, command) => {
  it("has every step recorded once, none before the first or after the last", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, file), source);
    if (language === "C++") compile(join(folder, file), join(folder, "train"), ...STRICT);
    const study = {
      study: "s",
      goal: { minimize: "loss" },
      command,
      space: { x: { float: [0, 1] } },
      firstStep: 0,
      maxSteps: 6,
      park: 0,
      scheduler: { asha: { minSteps: 2, eta: 2 } },
      budget: { trials: 4 },
      workers: 2,
    };
    writeFileSync(join(folder, "study.yaml"), JSON.stringify(study));
    const run = await curvewise(folder, "run", "study.yaml", "--quiet");
    expect(run.code, run.stderr).toBe(0);
    const { stdout } = await curvewise(folder, "trials", "s", "--json");
    const { trials } = shape.parse(JSON.parse(stdout));
    for (const { step, curve } of trials) {
      const steps = Array.from({ length: step }, (_, before) => before + 1);
      expect(curve).toEqual(steps.map((each) => ({ step: each, loss: each })));
    }
    expect(Math.max(...trials.map(({ step }) => step))).toBe(6);
  });
});
