/**
 * The learning rate: constant, or a function of the number of updates done before and of the images trained
 * on before (counting each pass). Curvewise's schedules are such functions: `(iteration) => rateAt(schedule,
 * iteration)`.
 */
export type LearningRate = number | ((iteration: number, imagesSeen: number) => number);

/** The rate of an update, after the given number of others. */
export function rateOfUpdate(rate: LearningRate, iteration: number, imagesSeen: number): number {
  return typeof rate === "number" ? rate : rate(iteration, imagesSeen);
}
