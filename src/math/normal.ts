/** A ratio of two polynomials; coefficients from the highest power down. */
function ratio(x: number, above: readonly number[], below: readonly number[]): number {
  let numerator = 0;
  for (const coefficient of above) numerator = numerator * x + coefficient;
  let denominator = 0;
  for (const coefficient of below) denominator = denominator * x + coefficient;
  return numerator / denominator;
}

/** Below this, the error function itself is approximated; above it, what is left of 1. */
const NEAR = 0.46875;
const FAR = 4;

// The rational approximations of W. J. Cody, "Rational Chebyshev approximations for the error function", Mathematics of
// Computation 23 (1969), by the coefficients of his later CALERF: accurate to the last digits of a double.
const NEAR_ABOVE = [
  0.18577770618460315, 3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694,
];
const NEAR_BELOW = [1, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171];
const MIDDLE_ABOVE = [
  2.1531153547440383e-8, 0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001,
  881.952221241769, 1712.0476126340707, 2051.0783778260716, 1230.3393547979972,
];
const MIDDLE_BELOW = [
  1, 15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903, 3290.7992357334597,
  4362.619090143247, 3439.3676741437216, 1230.3393548037495,
];
const FAR_ABOVE = [
  0.016315387137302097, 0.30532663496123236, 0.36034489994980445, 0.12578172611122926, 0.016083785148742275,
  0.0006587491615298378,
];
const FAR_BELOW = [
  1, 2.568520192289822, 1.8729528499234604, 0.5279051029514285, 0.06051834131244132, 0.0023352049762686918,
];
const INVERSE_ROOT_PI = 1 / Math.sqrt(Math.PI);

const nearErf = (x: number): number => x * ratio(x * x, NEAR_ABOVE, NEAR_BELOW);

/** exp(x²) erfc(x), for x from {@link NEAR} up. */
function scaledRest(x: number): number {
  if (x <= FAR) return ratio(x, MIDDLE_ABOVE, MIDDLE_BELOW);
  const inverse = 1 / (x * x);
  return (INVERSE_ROOT_PI - inverse * ratio(inverse, FAR_ABOVE, FAR_BELOW)) / x;
}

/** The error function. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size <= NEAR) return nearErf(x);
  const value = 1 - Math.exp(-size * size) * scaledRest(size);
  return x < 0 ? -value : value;
}

/** The logarithm of the standard normal distribution function, accurate in the left tail. */
export function logNormalCdf(x: number): number {
  const place = x * Math.SQRT1_2;
  if (place < -NEAR) return Math.log(0.5 * scaledRest(-place)) - place * place;
  return Math.log(0.5 + 0.5 * erf(place));
}

/**
 * The logarithm of the standard normal mass between two numbers, accurate in both tails; -Infinity where they are too
 * close to be told apart.
 */
export function logNormalMass(low: number, high: number): number {
  if (low > 0) return logNormalMass(-high, -low);
  if (high > 0) return Math.log(0.5 * (erf(high * Math.SQRT1_2) - erf(low * Math.SQRT1_2)));
  const most = logNormalCdf(high);
  return most + Math.log1p(-Math.exp(logNormalCdf(low) - most));
}
