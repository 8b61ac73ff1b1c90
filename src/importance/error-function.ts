/** Beyond this, the error function is 1 in double precision. */
const FLAT = 6;

/**
 * The error function, to about 1e-15: for x > 0, 2/sqrt(pi) exp(-x^2) times the sum of 2^n x^(2n+1) / (2n+1)!!
 * (Abramowitz and Stegun, 7.1.6), whose terms are all positive.
 */
export function errorFunction(x: number): number {
  if (Math.abs(x) > FLAT) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
