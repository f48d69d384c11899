/** Where each run's rows stand in a CSV file that all runs of an experiment share. */
import { createReadStream } from "node:fs";
import type { RunLabels } from "../summary.ts";
import type { ByteRange } from "./csv-rows.ts";

export interface LabelRanges {
  readonly columns: readonly string[];
  /** In the order of the file. */
  of(labels: RunLabels): readonly ByteRange[];
}

/**
 * Reads the file once and notes which lines begin with which run's policy, workload and seed; runs
 * are written one after the other, so there are few ranges.
 */
export async function labelRanges(path: string): Promise<LabelRanges> {
  const ranges = new Map<string, { start: number; end: number }[]>();
  let columns: readonly string[] | undefined;
  let lastLabel = "";
  let last: { start: number; end: number } | undefined;
  let at = 0;
  for await (const line of lines(path)) {
    const start = at;
    at += line.length + 1;
    if (columns === undefined) {
      columns = line.toString("utf8").split(",");
      continue;
    }
    const label = leadOf(line);
    if (last === undefined || label !== lastLabel) {
      last = { start, end: at };
      lastLabel = label;
      const known = ranges.get(label);
      if (known === undefined) ranges.set(label, [last]);
      else known.push(last);
    }
    last.end = at;
  }
  return {
    columns: columns ?? [],
    of: ({ policy, workload, seed }) => ranges.get([policy, workload, seed].join("\n")) ?? [],
  };
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const LINE_END = 0x0a;

/** Lines without their ends; one within quotes ends no row. */
async function* lines(path: string): AsyncIterable<Buffer> {
  let rest = Buffer.alloc(0);
  let isQuoted = false;
  let scanned = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const text = Buffer.concat([rest, chunk as Buffer]);
    let start = 0;
    for (let i = scanned; i < text.length; i++) {
      const byte = text[i];
      if (byte === QUOTE) isQuoted = !isQuoted;
      else if (byte === LINE_END && !isQuoted) {
        yield text.subarray(start, i);
        start = i + 1;
      }
    }
    rest = text.subarray(start);
    scanned = rest.length;
  }
  if (rest.length > 0) yield rest;
}

/** The first three cells, joined by line ends. */
function leadOf(line: Buffer): string {
  let isQuoted = false;
  let commas = 0;
  let end = 0;
  for (; end < line.length; end++) {
    const byte = line[end];
    if (byte === QUOTE) isQuoted = !isQuoted;
    else if (byte === COMMA && !isQuoted && ++commas === 3) break;
  }
  const text = line.toString("utf8", 0, end);
  if (!text.includes('"')) return text.replaceAll(",", "\n");
  const cells = text.match(/(?:"(?:[^"]|"")*"|[^,]*)(?:,|$)/g) ?? [];
  return cells
    .slice(0, 3)
    .map((cell) => cell.replace(/,$/, ""))
    .map((cell) => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell))
    .join("\n");
}
