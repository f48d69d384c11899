/** How all figures look. */
import type { Config } from "vega-lite";
import { background, ink, rule, softInk } from "./palette.ts";

/** The font that PNG files are drawn with; a page uses the font of its text instead. */
export const FIGURE_FONT = "DejaVu Sans";

export const FIGURE_WIDTH = 430;
export const WIDE_FIGURE_WIDTH = 940;

const text = { labelColor: softInk.light, titleColor: softInk.light, labelFontSize: 11.5 };

export const figureTheme: Config = {
  font: FIGURE_FONT,
  background: background.light,
  padding: { left: 6, top: 8, right: 14, bottom: 6 },
  view: { stroke: null },
  aria: false,
  axis: {
    ...text,
    titleFontSize: 12,
    titleFontWeight: "normal",
    titlePadding: 10,
    labelPadding: 6,
    domain: false,
    ticks: false,
    gridColor: rule.light,
    labelOverlap: true,
    labelFlush: false,
  },
  axisX: {
    grid: false,
    domain: true,
    domainColor: softInk.light,
    ticks: true,
    tickSize: 4,
    tickColor: softInk.light,
  },
  axisY: { titleAngle: 0, titleAlign: "left", titleAnchor: "start", titleY: -14, titleX: -34 },
  legend: {
    ...text,
    title: null,
    orient: "top",
    direction: "horizontal",
    labelColor: ink.light,
    labelFontSize: 12,
    symbolSize: 90,
    symbolStrokeWidth: 2,
    columnPadding: 18,
    offset: 30,
    columns: 4,
    labelLimit: 260,
  },
  line: { strokeWidth: 2, strokeJoin: "round", strokeCap: "butt" },
  area: { opacity: 0.16, line: false },
  rule: { strokeWidth: 2 },
  point: { filled: true, size: 70, opacity: 1 },
};
