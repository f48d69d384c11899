import { simulate } from "stowage";

const { metrics, rows } = await simulate({
  experiment: {
    name: "batch",
    workload: {
      synthetic: {
        nodes: [{ name: "node", count: 4, cpu: 8, memory: "32Gi" }],
        jobs: [
          { name: "job", count: 60, cpu: 2, arrivals: "exponential(mean=2s)", duration: "1m" },
        ],
      },
    },
  },
  policy: "most-allocated",
  seed: 7,
  rows: ["pods"],
});

console.log(`makespan ${metrics.makespan_s.toFixed(1)} s`);
console.log(`mean wait ${metrics.scheduling_wait_mean_s.toFixed(2)} s`);
console.log(`first pod went to ${rows.pods[0].node}`);
