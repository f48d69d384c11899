/** `npm run bench [-- --quick] [-- NAME...]`: how fast the simulator itself is, as ratios. */
import Table from "cli-table3";
import type { Bench } from "./bench.ts";
import { kernelHold } from "./kernel-hold.ts";

const benches: readonly Bench[] = [kernelHold];

const args = process.argv.slice(2);
const isQuick = args.includes("--quick");
const names = args.filter((arg) => !arg.startsWith("--"));
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
  for (const row of await bench.run({ isQuick })) table.push([...row]);
  console.log(table.toString());
}
