/** Draws the SVG of a figure as PNG, with a font that comes with the package. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { FIGURE_FONT } from "./figure-theme.ts";
import { background } from "./palette.ts";

/** Pixels per unit of the SVG: 192 per inch, sharp in print. */
const PNG_SCALE = 2;

export type PngPainter = (svg: string) => Promise<Uint8Array>;

/** Without its own font the renderer draws no text where the machine has none, and says nothing. */
export async function pngPainter(): Promise<PngPainter> {
  const { renderAsync } = await import("@resvg/resvg-js");
  const require = createRequire(import.meta.url);
  const fonts = join(dirname(require.resolve("dejavu-fonts-ttf/package.json")), "ttf");
  const options = {
    font: {
      loadSystemFonts: false,
      fontFiles: ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"].map((name) => join(fonts, name)),
      defaultFontFamily: FIGURE_FONT,
    },
    fitTo: { mode: "zoom", value: PNG_SCALE },
    background: background.light,
  } as const;
  return async (svg) => (await renderAsync(svg, options)).asPng();
}
