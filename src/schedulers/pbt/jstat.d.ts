/** The part of jstat used here; the package has no types. */
declare module "jstat" {
  const jstat: {
    /** The regularised incomplete beta function I_x(a, b), of x in [0, 1]. */
    ibeta(x: number, a: number, b: number): number;
  };
  export default jstat;
}
