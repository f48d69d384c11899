/** A figure: what it shows in words, its data, and how it is drawn. */
import type { TopLevelSpec } from "vega-lite";

export type FigureCell = string | number | undefined;
export type FigureRow = Readonly<Record<string, FigureCell>>;

/** Headings under which a report shows its figures, in order. */
export const figureSections = [
  "ranking",
  "distributions",
  "time",
  "load",
  "nodes",
  "fairness",
  "requests",
  "sensitivity",
] as const;

export type FigureSection = (typeof figureSections)[number];

export interface Figure {
  /** Unique; the stem of its files and the value of `--figure`. */
  readonly name: string;
  readonly section: FigureSection;
  /** The scenario that it is about; "": all of them. */
  readonly scenario: string;
  readonly title: string;
  /** Under the figure: what is drawn, in which unit, from how many runs, with which uncertainty. */
  readonly caption: string;
  /** The key figures in words, for those who do not see it. */
  readonly description: string;
  /** One of several that differ in what is measured; a page shows one at a time. */
  readonly choice?: FigureChoice;
  /** Its data holds these columns of `rows`. */
  readonly spec: TopLevelSpec;
  readonly columns: readonly string[];
  /** All that is drawn: the figure's CSV file. */
  readonly rows: readonly FigureRow[];
  /** The same, short enough to read. */
  readonly table: FigureTable;
  /** Values under the pointer; absent where marks say theirs. */
  readonly hover?: FigureHover;
}

export interface FigureChoice {
  /** Figures with this name are one choice. */
  readonly of: string;
  readonly label: string;
}

export interface FigureTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Curves by which a page tells what is under the pointer. */
export interface FigureHover {
  /** Along which axis the pointer looks: `x` for curves over time, `y` for shares of a distribution. */
  readonly axis: "x" | "y";
  /** Places along that axis, in its units: ascending numbers, or the names of its rows. */
  readonly places: readonly (number | string)[];
  /** Each place in words. */
  readonly labels: readonly string[];
  readonly series: readonly { readonly index: number; readonly values: readonly string[] }[];
}
