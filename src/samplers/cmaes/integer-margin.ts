import { normalQuantile, normalShare } from "../../math/normal-distribution.js";
import { type Grid, placeIn, rounded } from "./grid.js";

/** Shares are kept this far from 0 and from one half, where quantiles lose their digits. */
const EDGE = 1e-8;
/** The mutation rate of a coordinate to begin with. */
export const FIRST_MUTATION = 0.5 - EDGE;

/** The mean of a coordinate that is rounded, and what keeps it moving. */
export interface Marginal {
  readonly mean: number;
  /** The factor by which its deviations are stretched. */
  readonly stretch: number;
  /** How likely a sample was to be rounded to another value than the mean. */
  readonly mutation: number;
}

/** A coordinate's samples of the parents, centred. */
export interface Centred {
  readonly samples: Float64Array;
  /** Whether any parent is rounded to another value than the mean. */
  readonly mutated: boolean;
}

/**
 * Moves those parents that are rounded to another value than the mean to that value, and the others towards theirs as
 * far as it takes to keep the average where it was: values between the mean and the value are an accident of sampling.
 */
export function centre(grid: Grid, mean: number, samples: Float64Array): Centred {
  const own = rounded(grid, mean);
  const moved = Float64Array.from(samples);
  let mutated = false;
  let [bias, up, down] = [0, 0, 0];
  for (const [place, sample] of samples.entries()) {
    const value = rounded(grid, sample);
    const move = value - sample;
    if (value !== own) {
      mutated = true;
      moved[place] = value;
      bias += move;
    } else if (move > 0) up += move;
    else down += move;
  }
  const against = bias > 0 ? down : up;
  if (bias * against < 0) {
    const share = Math.min(1, -bias / against);
    for (const [place, sample] of samples.entries()) {
      const move = rounded(grid, sample) - sample;
      if (move * bias < 0 && rounded(grid, sample) === own) moved[place] = sample + share * move;
    }
  }
  return { samples: moved, mutated };
}

/** The standard deviate above which such a share of a normal distribution lies. */
const deviateOf = (share: number): number => -normalQuantile(share);
const clamp = (share: number): number => Math.min(0.5 - EDGE, Math.max(EDGE, share));

/**
 * Keeps a coordinate from getting stuck at one value: the probability of each neighbour is kept at or above a margin, by
 * moving the mean and stretching the deviations. While parents prefer the mean's value, mutation does not get more likely.
 *
 * @param deviation of the coordinate without its stretch
 * @param margin the least probability of leaving the value
 */
export function marginCorrected(
  grid: Grid,
  { mean, stretch, mutation }: Marginal,
  deviation: number,
  mutated: boolean,
  margin: number,
): Marginal {
  const { limits } = grid;
  const place = placeIn(grid, mean);
  const last = limits.length - 1;
  const low = limits[Math.max(0, place - 1)] ?? 0;
  const high = limits[Math.min(last, place)] ?? 0;
  const scale = deviation * stretch;
  const below = normalShare((low - mean) / scale);
  const above = normalShare((mean - high) / scale);

  if (Math.max(below, above) > 0.5) {
    // The mean is at one of the outer values, which has a single neighbour.
    const wanted = Math.max(margin, Math.min(below, above));
    const rate = clamp(mutated ? wanted : Math.min(wanted, mutation));
    const reach = Math.abs(rounded(grid, mean) - high) / (deviation * deviateOf(margin));
    const stretched = Math.max(stretch, reach);
    const away = deviation * stretched * deviateOf(rate);
    return { mean: high + (mean > high ? away : -away), stretch: stretched, mutation: rate };
  }

  const half = margin / 2;
  const [left, right] = [Math.max(half, below), Math.max(half, above)];
  const stay = mutated ? 1 - below - above : Math.max(1 - below - above, 1 - mutation);
  const room = left + right + stay - (mutated ? 3 * half : margin + 1 - mutation);
  const change = room === 0 ? 0 : (1 - left - right - stay) / room;
  const lower = clamp(left + change * (left - half));
  const upper = clamp(right + change * (right - half));
  const [toLow, toHigh] = [deviateOf(lower), deviateOf(upper)];
  return {
    mean: (low * toHigh + high * toLow) / (toLow + toHigh),
    stretch: (high - low) / ((toLow + toHigh) * deviation),
    mutation: lower + upper,
  };
}
