/**
 * What a page must keep for those who do not see or point: checks that run in the browser and give a
 * list of faults. The rules are those of WCAG 2.2 that a program can see; each names its criterion.
 */
import type { Page } from "playwright-core";

export async function accessibilityFaults(page: Page): Promise<string[]> {
  return (await page.evaluate(
    `(${String.raw`() => {
    const faults = [];
    const all = (query) => [...document.querySelectorAll(query)];
    const isShown = (e) => e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length > 0;
    const nameOf = (e) => (e.getAttribute("aria-label") ?? e.textContent ?? "").trim();

    // 1.3.1: headings go down one level at a time, and there is one first.
    let level = 0;
    for (const heading of all("h1,h2,h3,h4,h5,h6").filter(isShown)) {
      const next = Number(heading.tagName[1]);
      if (next > level + 1) faults.push("heading jumps to " + heading.tagName + ": " + heading.textContent);
      level = next;
    }
    if (all("h1").length !== 1) faults.push("there is not one h1");

    // 1.1.1: pictures say what they show.
    for (const picture of all("[role=img],img")) if (nameOf(picture).length < 20) faults.push("a picture without words");
    for (const svg of all("svg")) if (!svg.closest("[role=img]") && svg.getAttribute("aria-hidden") !== "true") faults.push("an svg without words");

    // 4.1.2: what can be used has a name.
    for (const control of all("button,select,input,summary,a[href],[role=region]").filter(isShown)) {
      const label = control.labels?.length ? control.labels[0].textContent : nameOf(control);
      if (!label.trim()) faults.push("no name: " + control.outerHTML.slice(0, 80));
    }

    // 2.1.1: what scrolls can be reached by keyboard.
    for (const box of all("main *").filter(isShown)) {
      const overflow = getComputedStyle(box).overflowX;
      if ((overflow === "auto" || overflow === "scroll") && box.scrollWidth > box.clientWidth + 1 && box.tabIndex < 0)
        faults.push("scrolls, but has no focus: " + box.className);
    }

    // 4.1.1: ids are unique, and what is referred to is there.
    const ids = all("[id]").map((e) => e.id);
    if (new Set(ids).size !== ids.length) faults.push("an id twice: " + ids.find((id, i) => ids.indexOf(id) !== i));
    for (const link of all("a[href^='#']")) if (!document.getElementById(link.hash.slice(1))) faults.push("a link to nowhere: " + link.hash);
    for (const e of all("[aria-labelledby]")) if (!document.getElementById(e.getAttribute("aria-labelledby"))) faults.push("a label that is not there");
    for (const e of all("svg [clip-path]")) {
      const id = /#([^)]*)\)/.exec(e.getAttribute("clip-path"))?.[1];
      if (!document.getElementById(id)) faults.push("a clip path that is not there: " + id);
    }

    // 1.4.3: text stands out from what is behind it, 4.5:1, large text 3:1.
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const rgba = (colour) => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const luminance = ([r, g, b]) => {
      const part = (v) => ((v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
      return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    };
    const behind = (e) => {
      for (let at = e; at; at = at.parentElement) {
        const colour = rgba(getComputedStyle(at).backgroundColor);
        if (colour[3] > 200) return colour;
      }
      return [255, 255, 255, 255];
    };
    const seen = new Set();
    for (const e of all("body *").filter(isShown)) {
      const isSvgText = e.tagName === "text";
      const hasText = isSvgText || [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim() !== "");
      if (!hasText || e.closest(".unseen,.skip,script,style") || (e instanceof SVGElement && !isSvgText)) continue;
      const style = getComputedStyle(e);
      const front = rgba(isSvgText ? style.fill : style.color), back = behind(e.closest("svg")?.parentElement ?? e);
      const [light, dark] = [luminance(front), luminance(back)].sort((a, b) => b - a);
      const ratio = (light + 0.05) / (dark + 0.05);
      const size = parseFloat(style.fontSize), isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      const key = e.tagName + "." + e.className + front + back;
      if (ratio < (isLarge ? 3 : 4.5) && !seen.has(key)) {
        seen.add(key);
        faults.push("contrast " + ratio.toFixed(2) + ": " + e.tagName + " " + e.textContent.slice(0, 40));
      }
    }
    return faults;
  }`})()`,
  )) as string[];
}
