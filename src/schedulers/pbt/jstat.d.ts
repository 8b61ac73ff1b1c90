/** The part of jstat that is used here; the package has no types of its own. */
declare module "jstat" {
  const jstat: {
    readonly studentt: {
      /** The probability that a value of Student's t distribution is at most x. */
      cdf(x: number, degreesOfFreedom: number): number;
    };
  };
  export default jstat;
}
