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
  0.185777706184603153, 3.1611237438705656, 113.864154151050156, 377.485237685302021, 3209.37758913846947,
];
const NEAR_BELOW = [1, 23.6012909523441209, 244.024637934444173, 1282.61652607737228, 2844.23683343917062];
const MIDDLE_ABOVE = [
  2.15311535474403846e-8, 0.564188496988670089, 8.88314979438837594, 66.1191906371416295, 298.635138197400131,
  881.95222124176909, 1712.04761263407058, 2051.07837782607147, 1230.33935479799725,
];
const MIDDLE_BELOW = [
  1, 15.7449261107098347, 117.693950891312499, 537.181101862009858, 1621.38957456669019, 3290.79923573345963,
  4362.61909014324716, 3439.36767414372164, 1230.33935480374942,
];
const FAR_ABOVE = [
  0.0163153871373020978, 0.305326634961232344, 0.360344899949804439, 0.125781726111229246,
  0.0160837851487422766, 0.000658749161529837803,
];
const FAR_BELOW = [
  1, 2.56852019228982242, 1.87295284992346047, 0.527905102951428412, 0.0605183413124413191,
  0.00233520497626869185,
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
