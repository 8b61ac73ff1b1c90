import { expect } from "vitest";
import { choice, float, int, type Params } from "../../core/param.js";
import { createSearchSpace } from "../../core/search-space.js";
import { createRandom } from "../../math/random.js";
import type { Law } from "../laws.js";
import { play } from "./search-laws.js";
import type { SamplerSubject } from "./simulated-sampler.js";

const SEEDS = [1, 2, 3] as const;
/** A separate purpose keeps these random numbers apart from the product's. */
const NOISE = 0xffe1;
const TRIALS = 60;

/** Every prior is far from the best values of {@link loss}. */
const MISLED = createSearchSpace({
  rate: float(1e-5, 1, { log: true, prior: { around: 0.3, factor: 1.5 } }),
  share: float(0, 1, { prior: { around: 0.9, within: 0.05 } }),
  layers: int(1, 8, { prior: { around: 8, within: 0.5 } }),
  optimizer: choice(["sgd", "adam"], { prior: { weights: { sgd: 20 } } }),
});

const loss = ({ rate, share, layers, optimizer }: Params): number =>
  Math.abs(Math.log10(Number(rate)) + 3.5) / 3 +
  Math.abs(Number(share) - 0.3) +
  Math.abs(Number(layers) - 3) / 7 +
  (optimizer === "adam" ? 0 : 0.3);
/** What it is where the priors are highest. */
const MISLED_LOSS = loss({ rate: 0.3, share: 0.9, layers: 8, optimizer: "sgd" });
/** How much of that may be left, on average, at the best of sixty trials. */
const LEFT = 0.55;

/** Whether a value is one that its prior rarely proposes: more than four deviations away, or of little weight. */
const AWAY: Readonly<Record<string, (params: Params) => boolean>> = {
  rate: ({ rate }) => Number(rate) < 0.3 / 1.5 ** 4,
  share: ({ share }) => Number(share) < 0.7,
  layers: ({ layers }) => Number(layers) < 6,
  optimizer: ({ optimizer }) => optimizer === "adam",
};

/** Params of a study in which every param has a wrong prior. */
const misled = (
  subject: SamplerSubject,
  seed: number,
  valueOf: (params: Params, trial: number) => number,
): Params[] =>
  play(subject, { space: MISLED, seed, trials: TRIALS, inFlight: 2 }, valueOf).map(({ params }) => params);

/** Laws for samplers in spaces whose params have priors: they may be wrong. */
export const priorLaws: readonly Law<SamplerSubject>[] = [
  {
    name: "also looks where priors expect nothing",
    binds: ({ local }) => !local,
    check: (subject) => {
      const tried = SEEDS.flatMap((seed) =>
        misled(subject, seed, (_params, trial) => createRandom(seed, trial, NOISE).uniform()),
      );
      const seen = Object.entries(AWAY).filter(([, isAway]) => tried.some(isAway));
      expect(seen.map(([name]) => name)).toEqual(Object.keys(AWAY));
    },
  },
  {
    name: "finds good params although priors are wrong",
    binds: ({ learns }) => learns,
    check: (subject) => {
      const best = SEEDS.map((seed) => Math.min(...misled(subject, seed, loss).map(loss)));
      const mean = best.reduce((sum, each) => sum + each, 0) / best.length;
      expect(mean / MISLED_LOSS).toBeLessThan(LEFT);
    },
  },
];
