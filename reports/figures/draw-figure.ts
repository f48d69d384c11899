/** Draws a figure as SVG. Vega is loaded when the first one is drawn: it takes half a second. */
import type { Spec, View } from "vega";
import { compactSvg, describedSvg, plotOrigin } from "./compact-svg.ts";
import type { Figure } from "./figure.ts";
import { figureTheme } from "./figure-theme.ts";

export interface DrawnFigure {
  readonly figure: Figure;
  /** Stands on its own, in the light colours. */
  readonly svg: string;
  /** Of each place of `figure.hover`, along its axis, in the units of the SVG's viewBox. */
  readonly hoverPixels: readonly number[];
}

export type FigurePainter = (figure: Figure) => Promise<DrawnFigure>;

/** The same figure gives the same bytes, whatever was drawn before. */
export async function figurePainter(): Promise<FigurePainter> {
  const [vega, { compile }, { expressionInterpreter }] = await Promise.all([
    import("vega"),
    import("vega-lite"),
    import("vega-interpreter"),
  ]);
  return async (figure) => {
    const compiled = compile(figure.spec, { config: figureTheme, logger: quiet });
    // Expressions as a syntax tree, interpreted: nothing is compiled from text.
    const runtime = vega.parse(compiled.spec as Spec, undefined, { ast: true });
    const view = new vega.View(runtime, { renderer: "none", expr: expressionInterpreter });
    view.logger(quiet as never);
    vega.resetSVGDefIds();
    try {
      const drawn = await view.toSVG();
      const svg = describedSvg(compactSvg(drawn), figure);
      return { figure, svg, hoverPixels: hoverPixels(view, figure, plotOrigin(drawn)) };
    } finally {
      view.finalize();
    }
  };
}

function hoverPixels(view: View, { hover }: Figure, origin: readonly number[]): number[] {
  if (hover === undefined) return [];
  const scale = view.scale(hover.axis) as unknown as Scale;
  const half = (scale.bandwidth?.() ?? 0) / 2;
  const offset = origin[hover.axis === "x" ? 0 : 1] ?? 0;
  return hover.places.map((place) => Math.round((scale(place) + half + offset) * 10) / 10);
}

/** d3's: of numbers, or of names with a band for each. */
interface Scale {
  (place: number | string): number;
  bandwidth?(): number;
}

/** Warnings of vega are about specs, which are ours: tests see to them. */
const quiet = {
  level: () => quiet,
  error: (...faults: unknown[]): never => {
    throw new Error(faults.map(String).join(" "));
  },
  warn: () => quiet,
  info: () => quiet,
  debug: () => quiet,
};
