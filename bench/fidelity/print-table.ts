/** Tables as Markdown, so that docs/fidelity.md has them as they are printed. */

import { type FidelityRow, type FidelityTable, ratio, type Unit, verdict } from "./figure.ts";
import { groupedNumber } from "./grouped-number.ts";

const COLUMNS = ["what", "use", "simulated", "published", "ratio", "verdict", "source"];
const LIMITS = { about: "", "at most": "<= ", "at least": ">= " };

const SCALES: readonly (readonly [number, string])[] = [
  [1e12, "TB"],
  [1e9, "GB"],
  [1e6, "MB"],
  [1e3, "kB"],
];

/** Three figures, with the unit. */
export function amount(value: number, unit: Unit): string {
  if (unit === "bytes") {
    const [size, name] = SCALES.find(([from]) => value >= from) ?? [1, "B"];
    return `${threeFigures(value / size)} ${name}`;
  }
  if (unit === "share") return `${threeFigures(value * 100)} %`;
  if (unit === "times") return `${threeFigures(value)} x`;
  return `${threeFigures(value)}${unit === "/s" ? "/s" : ` ${unit}`}`;
}

function threeFigures(value: number): string {
  if (value >= 100) return groupedNumber(Math.round(value));
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function cells(row: FidelityRow): string[] {
  const { what, simulated, published } = row;
  const { value, unit, bound, use, source } = published;
  return [
    what,
    use,
    amount(simulated, unit),
    `${LIMITS[bound]}${amount(value, unit)}`,
    ratio(row).toFixed(2),
    verdict(row),
    source,
  ];
}

/** Heading, note and a Markdown table with columns of equal width. */
export function printTable({ title, note, rows }: FidelityTable): string {
  const lines = [COLUMNS, ...rows.map(cells)];
  const widths = COLUMNS.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  const rule = widths.map((width) => "-".repeat(width));
  const [head = COLUMNS, ...body] = lines;
  const table = [head, rule, ...body].map(
    (line) => `| ${line.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`,
  );
  return [`## ${title}`, "", note, "", ...table].join("\n");
}
