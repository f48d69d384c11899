export { collectFigures } from "./collect-figures.ts";
export { inlineSvg } from "./compact-svg.ts";
export { type DrawnFigure, figurePainter } from "./draw-figure.ts";
export { pngPainter } from "./draw-png.ts";
export { type Figure, type FigureSection, figureSections } from "./figure.ts";
export { metricWords, shownMetrics } from "./metric-words.ts";
export { type Colour, pageColours, seriesLook } from "./palette.ts";
export { quantity, signed, withSpread } from "./quantity.ts";
export { policiesOf, type ScenarioRuns, scenariosOf } from "./scenarios.ts";
