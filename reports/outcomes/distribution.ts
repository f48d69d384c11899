/** Distributions: all values of one series of a run, as figures and as a curve (distributions.csv). */
import { type RowSink, roundTo } from "../row.ts";
import { SampleSeries } from "../sample-series.ts";

/** Columns of distributions.csv, in order. */
export const distributionColumns = [
  "series",
  "unit",
  "n",
  "censored",
  "is_exact",
  "fraction",
  "value",
] as const;

/** Every percent, and the far end. */
const FRACTIONS: readonly number[] = [
  ...Array.from({ length: 100 }, (_, percent) => percent / 100),
  ...[0.995, 0.999, 1],
];

/** Series hold whole numbers: microseconds, or millionths of a ratio. */
const MILLION = 1_000_000;

export class Distribution {
  readonly name: string;
  readonly unit: "s" | "ratio";
  /** Microseconds, or millionths of a ratio. */
  readonly series: SampleSeries;
  /** How many should have had a value and have none. */
  censored = 0;

  constructor(name: string, unit: "s" | "ratio", series = new SampleSeries()) {
    this.name = name;
    this.unit = unit;
    this.series = series;
  }

  /** Adds a ratio, 0 or more, to six decimals. */
  addRatio(value: number): void {
    this.series.add(Math.round(value * MILLION));
  }

  /** `NAME_n`, and the mean and quantiles as `NAME_mean_s` or, of a ratio, `NAME_mean`. */
  figures(): Record<string, number | undefined> {
    const { name, series, unit } = this;
    const suffix = unit === "s" ? "_s" : "";
    const figure = (value: number) => (series.count === 0 ? undefined : value / MILLION);
    return {
      [`${name}_n`]: series.count,
      [`${name}_mean${suffix}`]: figure(series.meanUs()),
      [`${name}_p50${suffix}`]: figure(series.quantileUs(0.5)),
      [`${name}_p95${suffix}`]: figure(series.quantileUs(0.95)),
      [`${name}_p99${suffix}`]: figure(series.quantileUs(0.99)),
      [`${name}_max${suffix}`]: figure(series.maxUs),
    };
  }

  /**
   * A row for each fraction; where there are censored ones only, one without fraction and value;
   * none where nothing could have had a value.
   */
  writeRows(sink: RowSink): void {
    const { name, unit, series, censored } = this;
    const lead = [name, unit, series.count, censored, series.isExact];
    if (series.count > 0)
      for (const fraction of FRACTIONS)
        sink([...lead, roundTo(fraction, 3), (series.quantileUs(fraction) / MILLION).toFixed(6)]);
    else if (censored > 0) sink([...lead, "", ""]);
  }
}
