/** `npm run fidelity [-- --quick]`: what the simulator says beside what was published. */
import { parseArgs } from "node:util";
import { fidelityTables } from "./fidelity.ts";
import { printTable } from "./print-table.ts";

const { values } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
if (values.quick) console.log("quick: smaller clusters and shorter runs; the figures are rough\n");
for (const table of fidelityTables(values.quick)) console.log(`${printTable(table)}\n`);
