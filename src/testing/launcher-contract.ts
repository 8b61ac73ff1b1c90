import { afterEach, beforeEach, describe } from "vitest";
import type { Launcher } from "../core/launcher.js";
import { LauncherBench } from "./launcher-contract/launcher-bench.js";
import { trainingLaws } from "./launcher-contract/training-laws.js";
import { type Law, testLaws } from "./laws.js";

/** All laws for launchers. */
export const launcherLaws: readonly Law<LauncherBench>[] = trainingLaws;

/**
 * What every launcher must do, as a vitest suite.
 *
 * @param name the suite's name in the output
 * @param make creates a launcher with at least two slots that runs the contract's training: the default export of
 *   `contract-training`, or the program `contract-program.js`. Its `killAfter`, if it has one, should be short
 */
export function launcherContract(name: string, make: () => Launcher | Promise<Launcher>): void {
  describe(`launcher contract: ${name}`, () => {
    const bench = new LauncherBench(make);
    beforeEach(() => bench.setUp());
    afterEach(() => bench.tearDown());
    testLaws(bench, launcherLaws);
  });
}
