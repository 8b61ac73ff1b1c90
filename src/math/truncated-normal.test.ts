import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { truncatedNormal } from "./truncated-normal.js";

// scipy 1.17.1: d = scipy.stats.truncnorm(-mean / sd, (1 - mean) / sd, loc=mean, scale=sd)
// [d.cdf(x) for x in (.1, .35, .9)], [d.pdf(x) for x in (.1, .35, .9)], [d.ppf(p) for p in (.01, .5, .99)]
const GOLDENS = [
  {
    mean: 0.3,
    sd: 0.1,
    cdf: [0.02142916109896354, 0.691045404073994, 0.9999999990133603],
    pdf: [0.540639473293393, 3.5254122146567566, 6.084095758719971e-8],
    ppf: [0.07210964289395252, 0.3001691847092481, 0.5326854660267369],
  },
  {
    mean: 0,
    sd: 0.25,
    cdf: [0.31086317406617414, 0.8385397967258355, 0.9997451091579321],
    pdf: [2.9463477514109053, 1.197895602768611, 0.004895525535656459],
    ppf: [0.0031331688913534207, 0.1686099796177565, 0.6434167333938893],
  },
  {
    mean: 1,
    sd: 0.05,
    cdf: [1.9481897837873628e-72, 1.2234328799099385e-38, 0.04550026389635847],
    pdf: [7.034998170380369e-70, 3.199531102802749e-36, 2.1596386605275244],
    ppf: [0.8712085348225549, 0.9662755124901959, 0.9993733265245965],
  },
  {
    mean: 0.5,
    sd: 3,
    cdf: [0.09933480329396478, 0.3493680023368151, 0.9006651967060352],
    pdf: [0.9957412691466344, 1.003376752238031, 0.9957412691466344],
    ppf: [0.01009029937704109, 0.5, 0.9899097006229589],
  },
];

describe("the normal distribution between 0 and 1", () => {
  it.each(GOLDENS)(
    "has the shares, densities and quantiles of scipy's: %o",
    ({ mean, sd, cdf, pdf, ppf }) => {
      const { below, density, at } = truncatedNormal(mean, sd);
      for (const [index, x] of [0.1, 0.35, 0.9].entries()) {
        expect(below(x) / (cdf[index] ?? 0)).toBeCloseTo(1, 9);
        expect(density(x) / (pdf[index] ?? 0)).toBeCloseTo(1, 9);
      }
      for (const [index, p] of [0.01, 0.5, 0.99].entries()) expect(at(p)).toBeCloseTo(ppf[index] ?? 0, 9);
    },
  );

  it("is the inverse of its shares, inside of the range, and uniform if it is wide", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e9, noNaN: true }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (mean, deviation, share) => {
          const { below, at } = truncatedNormal(mean, deviation);
          const place = at(share);
          expect(place).toBeGreaterThanOrEqual(0);
          expect(place).toBeLessThan(1);
          expect(below(place)).toBeCloseTo(share, 6);
          const awayFromUniform = deviation > 100 ? Math.abs(place - share) : 0;
          expect(awayFromUniform).toBeLessThan(1e-4);
        },
      ),
    );
  });
});
