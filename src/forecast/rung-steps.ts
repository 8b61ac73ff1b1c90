/**
 * The steps at which trainings may be paused, and at last the end of a complete one: 1, eta, eta^2, ..., maxSteps.
 * `maxSteps` need not be a power of `eta`.
 */
export function rungSteps(maxSteps: number, eta: number, minSteps = 1): number[] {
  const steps: number[] = [];
  for (let step = minSteps; step < maxSteps; step *= eta) steps.push(Math.ceil(step));
  return [...new Set(steps), maxSteps];
}
