/** A timeline for people: a table of hops that fits WIDTH columns, without colours. */
import type { Micros } from "../../sim/kernel/index.ts";
import { objectText } from "./object-log.ts";
import {
  type Hop,
  type PodMilestones,
  type PodsSummary,
  sharesOf,
  type Timeline,
  type Verification,
} from "./timeline.ts";
import { componentsOf, durationOf } from "./timeline-json.ts";

const WIDTH = 100;

export function timelineText(timeline: Timeline, verified: Verification): string {
  const { hops, afterwards, startUs, endUs, isReady, reason, pods } = timeline;
  const shares = sharesOf(hops.map(durationOf)).map(percent);
  const lines = [...headLines(timeline), ""];
  lines.push(...hopLines(hops, shares, startUs));
  if (afterwards.length > 0) {
    lines.push("", "After that, outside the total:");
    lines.push(...hopLines(afterwards, undefined, startUs));
  }
  const components = componentsOf(timeline);
  if (components.length > 0) {
    const parts = components.map(({ component, share }) => `${component} ${percent(share)} %`);
    lines.push("", ...wrapped(`By component: ${parts.join(", ")}.`, WIDTH));
  }
  if (pods !== undefined) lines.push("", ...podLines(pods, startUs));
  if (!isReady)
    lines.push(
      "",
      ...wrapped(`Not ready by ${seconds(endUs)}: ${reason.replace(/\.$/, "")}.`, WIDTH),
    );
  lines.push("", ...wrapped(verificationText(verified), WIDTH));
  return `${lines.join("\n")}\n`;
}

function headLines(timeline: Timeline): string[] {
  const { object, run, beginning, startUs, endUs, isReady } = timeline;
  const end = isReady ? (object.kind === "Pod" ? "ready" : readyWord(object.kind)) : "not ready";
  return [
    ...wrapped(
      `${objectText(object)}: ${end}, ${ms(endUs - startUs)} ms after its beginning`,
      WIDTH,
    ),
    ...wrapped(`Beginning: ${beginning}, at ${seconds(startUs)}`, WIDTH),
    ...wrapped(`Run: ${run.workload} / ${run.policy} / seed ${run.seed}`, WIDTH),
  ];
}

function readyWord(kind: string): string {
  if (kind === "Job") return "complete";
  return kind === "Deployment" || kind === "ReplicaSet" ? "available" : "ready";
}

/** The hops, with a line above those of each object. Without shares that column stays empty. */
function hopLines(
  hops: readonly Hop[],
  shares: readonly string[] | undefined,
  originUs: Micros,
): string[] {
  const starts = ["at ms", ...hops.map(({ startUs }) => ms(startUs - originUs))];
  const tooks = ["took ms", ...hops.map((hop) => ms(durationOf(hop)))];
  const percents = ["share", ...hops.map((_, index) => (shares ? `${shares[index]} %` : ""))];
  const components = ["component", ...hops.map(({ component }) => component)];
  const [a, b, c, d] = [starts, tooks, percents, components].map(widest) as Four;
  const textWidth = Math.max(20, WIDTH - a - b - c - d - 8);
  const lines: string[] = [];
  let object = "";
  for (const [index, start] of starts.entries()) {
    const hop = hops[index - 1];
    if (hop !== undefined && hop.object !== object) {
      object = hop.object;
      lines.push(object);
    }
    const left = [
      start.padStart(a),
      (tooks[index] ?? "").padStart(b),
      (percents[index] ?? "").padStart(c),
      (components[index] ?? "").padEnd(d),
    ].join("  ");
    const [first = "", ...more] = wrapped(hop?.text ?? "what", textWidth);
    lines.push(`${left}  ${first}`, ...more.map((text) => " ".repeat(left.length + 2) + text));
  }
  return lines;
}

type Four = [number, number, number, number];

function podLines(pods: PodsSummary, startUs: Micros): string[] {
  const lines = [`Pods: ${pods.ready} of ${pods.count} became ready`];
  const rows = (["first", "median", "last"] as const).flatMap((place) => {
    const pod = pods[place];
    return pod === undefined ? [] : [[place, ...podCells(pod, startUs), pod.name]];
  });
  if (rows.length === 0) return lines;
  const table = [["", "created", "bound", "seen", "started", "ready ms", "pod"], ...rows];
  const widths = table[0]?.map((_, column) => widest(table.map((row) => row[column] ?? "")));
  for (const row of table) {
    const cells = row.map((cell, column) => {
      const width = widths?.[column] ?? 0;
      if (column === row.length - 1) return cell;
      return column === 0 ? cell.padEnd(width) : cell.padStart(width);
    });
    lines.push(`  ${cells.join("  ")}`);
  }
  return lines;
}

function podCells(pod: PodMilestones, startUs: Micros): string[] {
  return [pod.createdUs, pod.boundUs, pod.observedUs, pod.startedUs, pod.readyUs].map((timeUs) =>
    timeUs === undefined ? "-" : ms(timeUs - startUs),
  );
}

function verificationText({ commits, isWhole }: Verification): string {
  if (isWhole) return "The run was repeated to its end: its digests are those recorded.";
  if (commits === 0) return "The repetition ended before the first recorded digest: not compared.";
  return `The run was repeated so far: the digest of its first ${commits} writes is the recorded one.`;
}

/** Whole microseconds as milliseconds with three decimals, exactly. */
export function ms(us: Micros): string {
  const sign = us < 0 ? "-" : "";
  const whole = Math.abs(us);
  const fraction = whole % 1_000;
  return `${sign}${(whole - fraction) / 1_000}.${String(fraction).padStart(3, "0")}`;
}

function seconds(us: Micros): string {
  return `${ms(us)} ms`;
}

function percent(hundredths: number): string {
  const whole = Math.floor(hundredths / 100);
  return `${whole}.${String(hundredths % 100).padStart(2, "0")}`;
}

function widest(cells: readonly string[]): number {
  return cells.reduce((width, cell) => Math.max(width, cell.length), 0);
}

/** Breaks at spaces; a word that is too long is cut. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    let rest = word;
    if (line !== "" && line.length + 1 + rest.length <= width) {
      line += ` ${rest}`;
      continue;
    }
    if (line !== "") lines.push(line);
    for (; rest.length > width; rest = rest.slice(width)) lines.push(rest.slice(0, width));
    line = rest;
  }
  return [...lines, line];
}
