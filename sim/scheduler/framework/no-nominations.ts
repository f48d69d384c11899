import type { PodNominator } from "./interface.ts";

/** Nobody was promised a place: for schedulers without preemption, and tests. */
export const NO_NOMINATIONS: PodNominator = {
  count: 0,
  version: 0,
  nodeNames: [],
  nodeOf: () => "",
  podsOn: () => [],
};
