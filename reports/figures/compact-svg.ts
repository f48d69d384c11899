/** SVG text as vega writes it, made small, named and ready for a page. */
import type { Figure } from "./figure.ts";
import { type Colour, pageColours } from "./palette.ts";

/** Where the plot's own coordinates begin, in the SVG. */
export function plotOrigin(svg: string): readonly [x: number, y: number] {
  const found = /transform="translate\(([-\d.]+),([-\d.]+)\)"/.exec(svg);
  return [Number(found?.[1] ?? 0), Number(found?.[2] ?? 0)];
}

/** Drops what draws nothing, rounds to a tenth of a pixel, joins marks of one look. */
export function compactSvg(svg: string): string {
  const plain = svg
    .replaceAll(/ class="[^"]*"/g, "")
    .replaceAll(/ (?:aria-[a-z]+|role)="[^"]*"/g, "")
    .replaceAll(
      / (?:stroke-miterlimit="10"|opacity="1"|stroke-width="0"|transform="translate\(0,0\)")/g,
      "",
    )
    .replaceAll(/ pointer-events="none"/g, "")
    .replaceAll(/<path d="[^"]*"(?: display="none")?(?: fill="none")?\/?>(?:<\/path>)?/g, (path) =>
      path.includes("display") ? "" : path,
    )
    .replaceAll(/<[^>]*>/g, (tag) =>
      tag.replaceAll(/-?\d+\.\d{2,}/g, (number) => String(Math.round(Number(number) * 10) / 10)),
    );
  return joinPaths(withoutEmptyGroups(plain));
}

function withoutEmptyGroups(svg: string): string {
  for (let text = svg; ; ) {
    const next = text.replaceAll(/<g(?: [^>]*)?><\/g>/g, "");
    if (next === text) return text;
    text = next;
  }
}

const PATH = /<path d="([^"]*)"((?: [^>]*?)?)\/?>(?:<\/path>)?/y;

/** Neighbours that differ in their outline alone become one path: heat maps have thousands. */
function joinPaths(svg: string): string {
  const out: string[] = [];
  let outline = "";
  let look: string | undefined;
  const flush = (): void => {
    if (look !== undefined) out.push(`<path d="${outline}"${look}/>`);
    look = undefined;
  };
  let at = 0;
  while (at < svg.length) {
    const start = svg.indexOf("<path d=", at);
    if (start !== at) {
      flush();
      out.push(svg.slice(at, start === -1 ? svg.length : start));
      if (start === -1) return out.join("");
      at = start;
    }
    PATH.lastIndex = at;
    const found = PATH.exec(svg);
    if (found === null) throw new Error(`no path at ${at} of an SVG`);
    const [all, d = "", attributes = ""] = found;
    // Only filled shapes without an outline of their own may share a path: they never overlap.
    const canJoin = /fill="#/.test(attributes) && !/stroke|transform|opacity/.test(attributes);
    if (canJoin && attributes === look) outline += d;
    else {
      flush();
      outline = d;
      look = attributes;
      if (!canJoin) flush();
    }
    at += all.length;
  }
  flush();
  return out.join("");
}

/** The SVG with its title and description, for readers that speak it. */
export function describedSvg(svg: string, { title, description }: Figure): string {
  const end = svg.indexOf(">");
  return (
    `${svg.slice(0, end)} role="img">` +
    `<title>${escaped(title)}</title><desc>${escaped(description)}</desc>${svg.slice(end + 1)}`
  );
}

/**
 * The SVG as a part of a page: its colours are the page's variables, its ids begin with `prefix`,
 * and it takes the width that it gets. Title and description are the page's to say.
 */
export function inlineSvg(svg: string, prefix: string, seriesCount: number): string {
  const names = new Map(pageColours(seriesCount).map((colour) => [colour.light, colour] as const));
  return svg
    .replace(/<title>.*?<\/title><desc>.*?<\/desc>/s, "")
    .replace(/<svg[^>]*>/, (open) => {
      const box = /viewBox="([^"]*)"/.exec(open)?.[1] ?? "";
      const [, , width = "0", height = "0"] = box.split(" ");
      return `<svg viewBox="${box}" width="${width}" height="${height}" aria-hidden="true">`;
    })
    .replaceAll(/ font-family="[^"]*"/g, "")
    .replaceAll(/(fill|stroke)="(#[0-9a-f]{6}|white)"/g, (all, what: string, hex: string) =>
      themed(all, what, names.get(hex === "white" ? "#ffffff" : hex)),
    )
    .replaceAll(/ id="([^"]*)"/g, ` id="${prefix}-$1"`)
    .replaceAll(/url\(#/g, `url(#${prefix}-`);
}

function themed(all: string, what: string, colour: Colour | undefined): string {
  return colour === undefined ? all : `${what}="var(--${colour.name})"`;
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
