import type { SamplerChoice } from "../core/sampler.js";
import type { SearchSpace } from "../core/search-space.js";
import { sampleParams } from "../core/search-space.js";
import { createRandom } from "../math/random.js";
import { samplerContract } from "../testing/sampler-contract.js";
import { grid, list, samplers } from "./index.js";

/** Three entries of a list: a whole one, one without its first param, and one that leaves everything open. */
function entriesFor(space: SearchSpace): Record<string, string | number | boolean>[] {
  const whole = sampleParams(space, createRandom(3, 0, 0));
  const [, ...rest] = Object.entries(sampleParams({ ...space, constraints: [] }, createRandom(4, 0, 0)));
  const independent = rest.filter(([name]) => space.params[name]?.when === undefined);
  return [{ ...whole }, Object.fromEntries(independent.slice(0, 1)), {}];
}

/** Samplers that need options to fit a space, or that learn; all others are tested with their defaults. */
const special: Record<string, (space: SearchSpace) => SamplerChoice> = {
  grid: () => grid({ levels: 2 }),
  list: (space) => list({ trials: entriesFor(space) }),
};
const learning = new Set<string>(["curve"]);

for (const [name, definition] of Object.entries(samplers)) {
  const defaults = (): SamplerChoice => (name === "random" ? samplers.random() : definition());
  samplerContract(name, special[name] ?? defaults, { independent: !learning.has(name) });
}
samplerContract("grid, shuffled", () => grid({ levels: 3, order: "shuffled" }), { independent: true });
