/** MetricFamilies: all metrics of a run by name, with their series by labels. */
import { MetricHistogram } from "../metric-histogram.ts";
import { HistogramSeries, NumberSeries } from "./metric-series.ts";

/** Label names and values, in the order in which they are written. */
export type Labels = Readonly<Record<string, string>>;

interface FamilyOf<Type extends string, Series> {
  readonly type: Type;
  /** Of a counter without `_total`. */
  readonly name: string;
  readonly help: string;
  /** By labels as text, such as `{verb="GET"}`. */
  readonly series: Map<string, Series>;
}

export type MetricFamily =
  | FamilyOf<"counter" | "gauge", NumberSeries>
  | FamilyOf<"histogram", HistogramSeries>;

export class MetricFamilies {
  readonly #families = new Map<string, MetricFamily>();

  /** A counter (its name ends with `_total`) or a gauge, made at its first use. */
  number(name: string, help: string, labels: string): NumberSeries {
    const isCounter = name.endsWith("_total");
    const family = this.#family(isCounter ? name.slice(0, -"_total".length) : name, () => ({
      type: isCounter ? "counter" : "gauge",
      name: isCounter ? name.slice(0, -"_total".length) : name,
      help,
      series: new Map(),
    }));
    if (family.type === "histogram") throw new Error(`${name} is a histogram`);
    const series = family.series.get(labels) ?? new NumberSeries();
    family.series.set(labels, series);
    return series;
  }

  /** `given`: bounds, or a histogram that somebody else fills. */
  histogram(
    name: string,
    help: string,
    labels: string,
    given: readonly number[] | MetricHistogram,
  ): MetricHistogram {
    const family = this.#family(name, () => ({ type: "histogram", name, help, series: new Map() }));
    if (family.type !== "histogram") throw new Error(`${name} is no histogram`);
    const known = family.series.get(labels);
    if (known !== undefined) return known.histogram;
    const histogram = given instanceof MetricHistogram ? given : new MetricHistogram(given);
    family.series.set(labels, new HistogramSeries(histogram));
    return histogram;
  }

  sample(index: number): void {
    for (const { series } of this.#families.values())
      for (const each of series.values()) each.sample(index);
  }

  halve(): void {
    for (const { series } of this.#families.values())
      for (const { sampled } of series.values()) sampled.halve();
  }

  /** By name, by code unit. */
  all(): MetricFamily[] {
    return [...this.#families.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #family(name: string, make: () => MetricFamily): MetricFamily {
    const known = this.#families.get(name);
    if (known !== undefined) return known;
    const made = make();
    this.#families.set(name, made);
    return made;
  }
}

/** `{a="b",c="d"}`, with what OpenMetrics escapes; "" without labels. */
export function labelText(labels: Labels): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return parts.length === 0 ? "" : `{${parts.join(",")}}`;
}

/** Of label values and help texts alike. */
const escaped = (text: string): string =>
  text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
