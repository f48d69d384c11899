/** Families as OpenMetrics 1.0 text (github.com/OpenObservability/OpenMetrics, specification 1.0). */
import type { Micros } from "../../sim/kernel/index.ts";
import { roundTo } from "../row.ts";
import type { MetricFamilies, MetricFamily } from "./metric-families.ts";
import type { HistogramSeries, NumberSeries } from "./metric-series.ts";

export interface SampleTimes {
  /** Samples `from` to `count` - 1 are written. */
  readonly from: number;
  readonly count: number;
  timeUs(index: number): Micros;
}

/** Series by their labels, their samples by time; the end mark last. */
export function writeExposition(
  families: MetricFamilies,
  times: SampleTimes,
  write: (text: string) => void,
): void {
  for (const family of families.all()) {
    write(headOf(family));
    const labels = [...family.series.keys()].sort();
    for (const each of labels) {
      if (family.type === "histogram")
        writeHistogram(family.name, each, family.series.get(each) as HistogramSeries, times, write);
      else {
        const name = family.type === "counter" ? `${family.name}_total` : family.name;
        writeNumbers(`${name}${each}`, family.series.get(each) as NumberSeries, times, write);
      }
    }
  }
  write("# EOF\n");
}

function headOf({ name, type, help }: MetricFamily): string {
  const unit = ["seconds", "bytes"].find((each) => name.endsWith(`_${each}`));
  const unitLine = unit === undefined ? "" : `# UNIT ${name} ${unit}\n`;
  return `# TYPE ${name} ${type}\n${unitLine}# HELP ${name} ${help}\n`;
}

function writeNumbers(
  name: string,
  { sampled }: NumberSeries,
  { from, count, timeUs }: SampleTimes,
  write: (text: string) => void,
): void {
  for (const [index, value] of sampled.samples(from, count))
    if (!Number.isNaN(value)) write(`${name} ${value} ${secondsText(timeUs(index))}\n`);
}

function writeHistogram(
  name: string,
  labels: string,
  { sampled, histogram }: HistogramSeries,
  { from, count, timeUs }: SampleTimes,
  write: (text: string) => void,
): void {
  const inner = labels === "" ? "{" : `${labels.slice(0, -1)},`;
  const heads = [...histogram.bounds.map(boundText), "+Inf"].map(
    (bound) => `${name}_bucket${inner}le="${bound}"} `,
  );
  for (const [index, { counts, sum }] of sampled.samples(from, count)) {
    const time = ` ${secondsText(timeUs(index))}\n`;
    let text = "";
    let below = 0;
    for (const [bucket, head] of heads.entries()) {
      below += counts[bucket] ?? 0;
      text += `${head}${below}${time}`;
    }
    write(
      `${text}${name}_count${labels} ${below}${time}${name}_sum${labels} ${roundTo(sum, 6)}${time}`,
    );
  }
}

/** A float in the form that the specification calls canonical: `1.0`, `0.005`. */
function boundText(bound: number): string {
  const rounded = Math.round(bound * 1e10) / 1e10; // bounds of factor 1.5 have many digits
  return Number.isInteger(rounded) ? `${rounded}.0` : String(rounded);
}

const secondsText = (us: Micros): string => String(us / 1_000_000);
