import { definePlugin } from "stowage";

const MEMORY = 1; // number of the resource in `requests`: 0 cpu (milli), 1 memory (bytes), ...

/**
 * Keeps a reserve of memory: prefers the node with the most bytes left after the placement. Raw
 * scores are bytes; `minMax` spreads those of the feasible nodes over 0..100.
 */
export default definePlugin({
  name: "SteadyMemory",
  locality: "node", // the verdict needs this node and its pods, nothing else
  reads: ["requests"], // of the pod: two pods with equal requests are alike
  score: (pod, node) =>
    (node.allocatable[MEMORY] ?? 0) - (node.requested[MEMORY] ?? 0) - (pod.requests[MEMORY] ?? 0),
  normalize: "minMax",
});
