/** Where the rungs of a ladder are. */
export interface RungSpacing {
  /** The first rung's step. */
  readonly minSteps: number;
  /** Each rung's step is this many times that of the one before. */
  readonly eta: number;
  /** The end of a complete training; all rungs are below it. */
  readonly maxSteps: number;
}

/**
 * The steps of a ladder's rungs: `minSteps`, and then each `eta` times the one before, below `maxSteps`. None for
 * trainings of `minSteps` or fewer.
 */
export function rungSteps({ minSteps, eta, maxSteps }: RungSpacing): number[] {
  const steps: number[] = [];
  for (let step = minSteps; step < maxSteps; step *= eta) steps.push(step);
  return steps;
}
