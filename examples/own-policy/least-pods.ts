import { definePlugin } from "stowage";

/** Spreads by number: the node with the fewest pods wins, and none takes more than 50. */
export default definePlugin({
  name: "LeastPods",
  locality: "node",
  filter: (_pod, node) => (node.pods.length < 50 ? undefined : "too many pods"),
  score: (_pod, node) => 100 - 2 * node.pods.length, // 0..100, higher is better
});
