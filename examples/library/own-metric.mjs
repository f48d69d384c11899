import { compare, definePlugin } from "stowage";

/** Fill one node after the other, in the order of their names. */
const firstFit = definePlugin({
  name: "FirstFit",
  locality: "node",
  score: (_pod, node) => 100 - Number(node.name.split("-")[1]),
});

/** How many nodes were in use at most. */
const nodesInUse = {
  name: "nodes in use",
  metrics: { nodes_used_most: { unit: "count", better: "lower" } },
  attach(trace) {
    const used = new Set();
    trace.binding.subscribe(({ node }) => used.add(node));
    return () => ({ nodes_used_most: used.size });
  },
};

const { verdict } = await compare({
  experiment: {
    name: "consolidation",
    workload: {
      synthetic: {
        nodes: [{ name: "node", count: 10, cpu: 8 }],
        pods: [{ name: "pod", count: 30, cpu: 1, arrivals: "exponential(mean=5s)" }],
      },
    },
  },
  policies: ["default", firstFit],
  seeds: 5,
  recorders: [nodesInUse],
});
console.log(verdict.join("\n"));
