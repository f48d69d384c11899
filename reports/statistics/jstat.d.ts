/** The part of jstat that is used: it has no types of its own. */
declare module "jstat" {
  interface Law {
    cdf(x: number, ...parameters: number[]): number;
    inv(p: number, ...parameters: number[]): number;
  }
  const jstat: {
    readonly studentt: Law;
    readonly normal: Law;
    /** The regularised incomplete beta function, I_x(a, b). */
    ibeta(x: number, a: number, b: number): number;
  };
  export default jstat;
}
