import { erf } from "../math/normal.js";

/** The narrowest kernel: 90 % of it lie within its own grid point. In grid steps. */
const LEAST_DEVIATION = 0.5 / 1.64;
/** The weight of the prior, in trials. */
const PRIOR_WEIGHT = 1;

/** The probability of each of `size` whole numbers under a normal deviate that is rounded and kept among them. */
function addKernel(density: Float64Array, mean: number, deviation: number, weight: number): void {
  const below = (edge: number): number => erf((edge - mean) / (deviation * Math.SQRT2));
  const size = density.length;
  const mass = below(size - 0.5) - below(-0.5);
  let from = below(-0.5);
  for (let place = 0; place < size; place++) {
    const to = below(place + 0.5);
    density[place] = (density[place] ?? 0) + (weight * (to - from)) / mass;
    from = to;
  }
}

/**
 * The bandwidth by Scott's rule ("Multivariate density estimation", 1992), from the standard deviation or the quartiles,
 * whichever says less.
 */
function scottDeviation(places: readonly number[], counts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const mean = places.reduce((sum, place, index) => sum + place * (counts[index] ?? 0), 0) / total;
  const squares = places.reduce((sum, place, index) => sum + (place - mean) ** 2 * (counts[index] ?? 0), 0);
  const deviation = Math.sqrt(squares / Math.max(1, total - 1));
  /** The first place at which the counts so far satisfy a condition, or the last one. */
  const quartile = (isReached: (sofar: number) => boolean): number => {
    let sofar = 0;
    for (const [index, place] of places.entries()) {
      sofar += counts[index] ?? 0;
      if (isReached(sofar)) return place;
    }
    return places.at(-1) ?? 0;
  };
  const first = quartile((sofar) => sofar >= Math.floor(total / 4));
  const third = quartile((sofar) => sofar > Math.floor((total * 3) / 4));
  const spread = Math.min((third - first) / 1.34, deviation);
  return Math.max(1.059 * spread * total ** -0.2, LEAST_DEVIATION);
}

/**
 * The density of values on an ordered grid: a kernel for each occupied point, and a flat one as the prior.
 *
 * @param counts how many values are at each grid point
 * @returns probabilities of the grid points
 */
export function orderedDensity(counts: Int32Array): Float64Array {
  const places = [...counts.keys()].filter((place) => (counts[place] ?? 0) > 0);
  const weights = places.map((place) => counts[place] ?? 0);
  const total = weights.reduce((sum, weight) => sum + weight, PRIOR_WEIGHT);
  const deviation = scottDeviation(places, weights);
  const density = new Float64Array(counts.length);
  for (const [index, place] of places.entries())
    addKernel(density, place, deviation, (weights[index] ?? 0) / total);
  addKernel(density, (counts.length - 1) / 2, counts.length, PRIOR_WEIGHT / total);
  return density;
}

/**
 * The same for values without an order: what a value does not say of itself is spread evenly.
 *
 * @param counts how many trials have each value
 */
export function unorderedDensity(counts: Int32Array): Float64Array {
  const occupied = counts.reduce((sum, count) => sum + Number(count > 0), 0);
  const total = counts.reduce((sum, count) => sum + count, PRIOR_WEIGHT);
  // One kernel for each occupied value and one for the prior, each with this share everywhere.
  const share = 1 / (occupied + 1);
  const own = 1 + counts.length * share;
  const kernels = total - PRIOR_WEIGHT;
  return Float64Array.from(
    counts,
    (count) => (count + share * kernels) / own / total + PRIOR_WEIGHT / counts.length / total,
  );
}
