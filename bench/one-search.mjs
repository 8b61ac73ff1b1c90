// One search of a study file's program under some rule, on this machine, which leaves nothing behind.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runStudy } from "../dist/engine/index.js";
import { localLauncher } from "../dist/launchers/index.js";
import { memoryStorage } from "../dist/storage/index.js";

/**
 * Runs a search; returns its seconds, rounded to thousandths.
 *
 * @param plan the study file's
 * @param rule { sampler, scheduler }
 * @param options steps: how many in all; slots: trainings at a time; onEvent: (event, seconds since the beginning);
 *   end: a signal that ends it at once
 */
export async function oneSearch(plan, rule, { seed, steps, slots, onEvent, end }) {
  const folder = mkdtempSync(join(tmpdir(), "curvewise-search-"));
  const storage = memoryStorage();
  const launcher = localLauncher({ program: plan.definition.program, slots });
  const begun = performance.now();
  const seconds = () => Math.round(performance.now() - begun) / 1000;
  try {
    await runStudy({
      ...rule,
      storage,
      launcher,
      folder,
      space: plan.space,
      definition: {
        ...plan.definition,
        seed,
        budget: { totalSteps: steps },
        sampler: { name: rule.sampler.name, options: rule.sampler.options },
        scheduler: { name: rule.scheduler.name, options: rule.scheduler.options },
      },
      ...(end === undefined ? {} : { interrupt: end, kill: end }),
      onEvent: (event) => onEvent(event, seconds()),
    });
  } finally {
    await launcher.close();
    await storage.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return seconds();
}
