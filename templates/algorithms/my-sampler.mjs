// A sampler proposes the params of each new trial. This one goes through the Halton sequence, whose points cover the
// space evenly: param 1 counts in base 2, param 2 in base 3, param 3 in base 5, and so on.
import { amongCandidates, defineSampler, paramsAt, sampleParams, z } from "curvewise/define";

/** How many points in a row the constraints may refuse before params are drawn at random. */
const MAX_REFUSED = 10_000;

/** The digits of a whole number in a base, mirrored at the point: 6 is 110 in base 2, so it becomes 0.011 = 3/8. */
function radicalInverse(number, base) {
  let inverse = 0;
  for (let rest = number, place = 1 / base; rest > 0; rest = Math.floor(rest / base), place /= base) {
    inverse += (rest % base) * place;
  }
  return inverse;
}

function firstPrimes(count) {
  const primes = [];
  for (let number = 2; primes.length < count; number++) {
    if (primes.every((prime) => number % prime !== 0)) primes.push(number);
  }
  return primes;
}

export default defineSampler({
  // What studies and their logs call it.
  name: "halton",
  // It never looks at other trials, so a long study may forget complete ones.
  forgets: true,
  // One sentence for `curvewise samplers ./my-sampler.mjs`.
  summary: "Covers the space evenly with the points of the Halton sequence.",
  // The options, each with a default and a description. `z` is zod; any Standard Schema will do.
  options: z.strictObject({
    skip: z
      .int()
      .min(0)
      .default(1)
      .describe("How many points are left out; point 0 is a corner of the space."),
  }),
  // Called once for each study, before anything is recorded.
  create: ({ skip }, setup) => {
    const { space } = setup;
    const names = Object.keys(space.params);
    const bases = new Map(firstPrimes(names.length).map((prime, index) => [names[index], prime]));
    const found = [];
    let next = skip;
    let refused = 0;
    const sampler = {
      // The answer must follow from the trial's number, its own random stream and the study so far: after a crash, a new
      // sampler is asked the same questions. Here it follows from the number alone.
      ask: (trial, random) => {
        for (; found.length <= trial && refused < MAX_REFUSED; next++) {
          const params = paramsAt(space, (name) => radicalInverse(next, bases.get(name)));
          // Undefined if one of the study's constraints does not hold.
          refused = params === undefined ? refused + 1 : 0;
          if (params !== undefined) found.push(params);
        }
        return found[trial] ?? sampleParams(space, random);
      },
    };
    // In a replay of recorded curves only certain candidates may be proposed: this picks the ones most like the above.
    return amongCandidates(sampler, setup);
  },
});
