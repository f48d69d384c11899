/** Gives numbers in [0, 1). Distributions sample from it. */
export interface UniformSource {
  next(): number;
}
