/**
 * `npm run bench [-- NAME...] [-- --quick] [-- --rows LABEL]`: how fast the simulator itself is, as
 * ratios. `--rows` measures only rows whose label has all the words of LABEL; give it several times
 * for several rows.
 */
import { parseArgs } from "node:util";
import Table from "cli-table3";
import type { Bench } from "./bench.ts";
import { livePods, millionPods } from "./control-plane/live-pods.ts";
import { podLives } from "./control-plane/pod-life-benches.ts";
import { decisionBenches } from "./decisions/decision-benches.ts";
import { kernelHold } from "./kernel-hold.ts";
import { requests } from "./requests/request-benches.ts";
import { requestsInFlight, tenMillionRequests } from "./requests/request-memory.ts";
import { sweepWorkers } from "./sweeps/sweep-workers.ts";

const benches: readonly Bench[] = [
  kernelHold,
  ...decisionBenches,
  podLives,
  livePods,
  requests,
  requestsInFlight,
  sweepWorkers,
  tenMillionRequests,
  millionPods,
];

const { values, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    rows: { type: "string", multiple: true, default: [] },
  },
});
const isQuick = values.quick;
const chosen = benches.filter(
  (bench) => names.length === 0 || names.some((name) => bench.name.includes(name)),
);
if (chosen.length === 0) {
  const known = benches.map((bench) => bench.name).join(", ");
  console.error(`bench: got ${names.join(", ")}, want part of a name of: ${known}`);
  process.exit(2);
}
for (const bench of chosen) {
  console.log(`${bench.name}${isQuick ? " (quick: rough figures)" : ""}`);
  const table = new Table({
    head: [...bench.columns],
    colAligns: bench.columns.map(() => "right"),
    style: { head: [], border: [], compact: true },
  });
  for (const row of await bench.run({ isQuick, wants })) table.push([...row]);
  console.log(table.toString());
}

function wants(label: string): boolean {
  const words = label.split(" ");
  const isMeant = (row: string) => row.split(" ").every((word) => words.includes(word));
  return values.rows.length === 0 || values.rows.some(isMeant);
}
