/**
 * Colours and shapes of figures. Each series has its own colour, dash and point, so that nobody has to
 * tell colours apart. A figure is drawn once, in the light colours; a page replaces each colour by
 * the variable of its name and brings both sets.
 *
 * The series follow Okabe and Ito's colours for all kinds of colour vision (jfly.uni-koeln.de/color,
 * 2008), darkened on light and lightened on dark until each has a contrast of 3:1 or more to the
 * background (WCAG 2.2, 1.4.11).
 */

export interface Colour {
  /** Of the CSS variable: `--NAME`. */
  readonly name: string;
  readonly light: string;
  readonly dark: string;
}

export const background: Colour = { name: "surface", light: "#ffffff", dark: "#171a21" };
export const ink: Colour = { name: "ink", light: "#1b2330", dark: "#e8ebf1" };
export const softInk: Colour = { name: "ink-soft", light: "#566072", dark: "#a5afc0" };
export const rule: Colour = { name: "rule", light: "#e3e7ee", dark: "#2d333f" };

export const seriesColours: readonly Colour[] = [
  { name: "s1", light: "#0072b2", dark: "#4fb0f0" },
  { name: "s2", light: "#d55e00", dark: "#ff8f52" },
  { name: "s3", light: "#00875f", dark: "#35c79b" },
  { name: "s4", light: "#b5528e", dark: "#e79cca" },
  { name: "s5", light: "#9a7200", dark: "#e6b93d" },
  { name: "s6", light: "#3592c4", dark: "#9adaf7" },
  { name: "s7", light: "#5b6472", dark: "#b3bcc9" },
  { name: "s8", light: "#7a4a1e", dark: "#d0a274" },
];

/** Steps of a share of 0..1, from empty to full: 10 % each. Viridis without its ends' extremes. */
export const shareColours: readonly Colour[] = [
  { name: "h0", light: "#f1f3f7", dark: "#1f242e" },
  { name: "h1", light: "#dcecf0", dark: "#22324a" },
  { name: "h2", light: "#c2e1e4", dark: "#234260" },
  { name: "h3", light: "#a3d3d6", dark: "#225476" },
  { name: "h4", light: "#80c2c8", dark: "#1f6887" },
  { name: "h5", light: "#5baebb", dark: "#1e7d93" },
  { name: "h6", light: "#3c97ad", dark: "#2a9498" },
  { name: "h7", light: "#287f9d", dark: "#4bab94" },
  { name: "h8", light: "#1e668b", dark: "#80c08a" },
  { name: "h9", light: "#1d4c73", dark: "#bfd384" },
];

const dashes: readonly (readonly number[])[] = [[], [7, 3], [2, 2], [9, 3, 2, 3], [12, 4], [4, 4]];
const points = ["circle", "square", "triangle-up", "diamond", "triangle-down", "cross"] as const;

/** How the series at `index` (from 0) is drawn. */
export interface SeriesLook {
  /** Unique, and within two steps of 255 of the palette's colour. */
  readonly colour: string;
  /** Its name in a page, unique too. */
  readonly variable: string;
  readonly dash: readonly number[];
  readonly point: (typeof points)[number];
}

/** Colours come round after eight series; dash and point still tell them apart. */
export function seriesLook(index: number): SeriesLook {
  const base = seriesColours[index % seriesColours.length];
  if (base === undefined) throw new Error(`no colour for series ${index}`);
  const round = Math.floor(index / seriesColours.length);
  const blue = (Number.parseInt(base.light.slice(5), 16) + round) % 256;
  return {
    colour: base.light.slice(0, 5) + blue.toString(16).padStart(2, "0"),
    variable: round === 0 ? base.name : `${base.name}-${round + 1}`,
    dash: dashes[(index + round) % dashes.length] ?? [],
    point: points[(index + round) % points.length] ?? "circle",
  };
}

/** Every colour of figures with `seriesCount` series, as a page declares them. */
export function pageColours(seriesCount: number): Colour[] {
  const repeated = Array.from(
    { length: Math.max(0, seriesCount - seriesColours.length) },
    (_, i) => {
      const index = i + seriesColours.length;
      const look = seriesLook(index);
      const dark = seriesColours[index % seriesColours.length]?.dark ?? "";
      return { name: look.variable, light: look.colour, dark };
    },
  );
  return [background, ink, softInk, rule, ...shareColours, ...seriesColours, ...repeated];
}
