import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { writeReport } from "../../reports/index.ts";
import { fixtureResults, VARIED } from "../results-fixture.ts";
import { accessibilityFaults } from "./page-checks.ts";
import { isLacking, programPath } from "./programs.ts";

const browserPath = programPath("chromium", "chromium-browser", "google-chrome");

/** What of the browser's globals the tests ask for. */
interface Styles {
  getComputedStyle(element: unknown): { readonly stroke: string; readonly opacity: string };
}

describe.skipIf(isLacking(browserPath, "chromium"))("the page of a report", () => {
  let folder = "";
  let browser: Browser;
  let page: Page;
  /** Errors, and addresses that were asked for beside the page itself. */
  let faults: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "stowage-page-"));
    const failures = [
      { labels: { policy: "random", workload: "trace", seed: "9" }, message: "no luck" },
    ];
    await writeReport(fixtureResults({ settings: ["5", "50"], failures }), {
      directory: folder,
      command: "stowage report out",
      formats: ["html", "csv"],
    });
    browser = await chromium.launch({
      ...(browserPath === undefined ? {} : { executablePath: browserPath }),
      args: ["--no-sandbox"],
    });
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const address = () => `file://${folder}/index.html`;

  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme: "light" });
    faults = [];
    page.on("console", (message) => faults.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("request", (request) => {
      const url = request.url();
      if (url !== address() && !url.startsWith("data:")) faults.push(`asked for ${url}`);
    });
    await page.goto(address());
  });

  afterEach(async () => {
    expect(faults).toEqual([]);
    await page.close();
  });

  const shown = (selector: string) => page.locator(`${selector}:visible`);
  const styleOf = (found: Locator, property: "stroke" | "opacity") =>
    found.evaluate(
      (element, name) => (globalThis as unknown as Styles).getComputedStyle(element)[name],
      property,
    );
  const background = () => page.evaluate("getComputedStyle(document.body).backgroundColor");

  test("has every section, and a picture of some size in each figure", async () => {
    const titles = await page.locator("main h2").allTextContents();
    expect(titles).toEqual([
      ...["Summary", "Ranking", "Distributions", "Over time", "Load", "Nodes", "Fairness"],
      ...["Requests", "Sensitivity", "Unfinished", "All runs", "Provenance"],
    ]);
    const pictures = await shown("figure .picture svg").all();
    expect(pictures.length).toBeGreaterThan(12);
    for (const picture of pictures) {
      const box = await picture.boundingBox();
      expect(box?.width).toBeGreaterThan(300);
      expect(box?.height).toBeGreaterThan(60);
      expect(await picture.locator("path").count()).toBeGreaterThan(0);
    }
  });

  test.each(["light", "dark"] as const)("can be read by all, in %s", async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    await page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })");
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  test("goes dark with the system, and by its button whatever the system says", async () => {
    const light = await background();
    await page.emulateMedia({ colorScheme: "dark" });
    const dark = await background();
    expect(dark).not.toBe(light);
    await page.getByRole("button", { name: "Light" }).click();
    expect(await background()).toBe(light);
    await page.emulateMedia({ colorScheme: "light" });
    await page.getByRole("button", { name: "Dark" }).click();
    expect(await background()).toBe(dark);
    const line = page.locator(".picture svg [stroke='var(--s1)']").first();
    expect(await styleOf(line, "stroke")).toBe("rgb(79, 176, 240)");
  });

  test("shows one scenario at a time", async () => {
    const of = (value: string) => `trace, ${VARIED} ${value}`;
    await expect
      .poll(() => shown("main h3").getByText(of("5"), { exact: true }).count())
      .not.toBe(0);
    expect(await shown("main h3").getByText(of("50"), { exact: true }).count()).toBe(0);
    await page.getByLabel("Scenario:").selectOption(of("50"));
    expect(await shown("main h3").getByText(of("5"), { exact: true }).count()).toBe(0);
    expect(await shown("main h3").getByText(of("50"), { exact: true }).count()).not.toBe(0);
  });

  test("shows one metric at a time, the same in every scenario", async () => {
    expect(await shown("#ranking figure").count()).toBe(1);
    await shown("#ranking select").selectOption("Makespan");
    await expect.poll(() => shown("#ranking figure h4").textContent()).toBe("Makespan, by policy");
    await page.getByLabel("Scenario:").selectOption({ index: 1 });
    expect(await shown("#ranking figure h4").textContent()).toBe("Makespan, by policy");
  });

  test("takes a policy back that is not ticked", async () => {
    const line = shown("#time .picture svg [stroke='var(--s2)']").first();
    const opacity = () => styleOf(line, "opacity");
    expect(await opacity()).toBe("1");
    await page.getByRole("checkbox", { name: "most-allocated" }).uncheck();
    expect(await opacity()).toBe("0.06");
    await page.getByRole("checkbox", { name: "most-allocated" }).check();
    expect(await opacity()).toBe("1");
  });

  test("tells the values under the pointer, and under the arrow keys", async () => {
    const picture = shown("[data-hover^='time-cpu-share']").first();
    await picture.scrollIntoViewIfNeeded();
    const box = await picture.boundingBox();
    await page.mouse.move((box?.x ?? 0) + (box?.width ?? 0) - 30, (box?.y ?? 0) + 100);
    const tip = page.locator("#tip");
    await expect.poll(() => tip.textContent()).toMatch(/default.*random/);
    expect(await tip.textContent()).toMatch(/default9\d\.\d+ ±\d/);
    await page.mouse.move(0, 0);
    await expect.poll(() => tip.isVisible()).toBe(false);
    await picture.focus();
    await page.keyboard.press("ArrowLeft");
    const first = await tip.textContent();
    await page.keyboard.press("ArrowLeft");
    expect(await tip.textContent()).not.toBe(first);
    await page.keyboard.press("Escape");
    expect(await tip.isVisible()).toBe(false);
  });

  test("sorts runs by a column, as numbers, both ways, and filters them", async () => {
    const column = page.locator("#runs thead th", { hasText: "Pods never scheduled" });
    const place = await column.evaluate(
      (cell) => (cell as unknown as { readonly cellIndex: number }).cellIndex,
    );
    const values = async () =>
      (await page.locator(`#runs tbody tr:visible :nth-child(${place + 1})`).allTextContents()).map(
        Number,
      );
    await column.getByRole("button").click();
    const up = await values();
    expect(up).toEqual([...up].sort((a, b) => a - b));
    expect(await column.getAttribute("aria-sort")).toBe("ascending");
    await column.getByRole("button").click();
    expect(await values()).toEqual([...up].reverse());
    await page.getByLabel("Filter:").fill("random 50");
    expect((await values()).length).toBe(3);
    expect(await page.locator("#filter-count").textContent()).toBe("3 shown");
  });

  test("can be used by keyboard alone: every control gets the focus, and shows it", async () => {
    const controls = await page
      .locator(
        "button:visible, select:visible, input:visible, summary:visible, [tabindex='0']:visible",
      )
      .count();
    const links = await page.locator("a:visible").count();
    const reached = new Set<string>();
    for (let i = 0; i < controls + links + 5; i++) {
      await page.keyboard.press("Tab");
      const focused = await page.evaluate(`(() => {
        const e = document.activeElement;
        if (e === document.body) return "";
        const all = [...document.querySelectorAll("*")];
        return all.indexOf(e) + " " + getComputedStyle(e).outlineStyle;
      })()`);
      if (focused !== "") reached.add(String(focused));
    }
    expect(reached.size).toBeGreaterThanOrEqual(controls);
    expect([...reached].filter((each) => each.endsWith("none"))).toEqual([]);
  });

  test("fits a telephone without scrolling sideways", async () => {
    await page.setViewportSize({ width: 390, height: 800 });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(390);
  });

  test("prints on light paper, without what is for screens", async () => {
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    expect(await background()).toBe("rgb(255, 255, 255)");
    expect(await page.locator(".bar").isVisible()).toBe(false);
    const pdf = await page.pdf({ preferCSSPageSize: true });
    expect(pdf.length).toBeGreaterThan(20_000);
  });

  test("shows everything when scripts are switched off", async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const plain = await context.newPage();
    await plain.goto(address());
    const figures = await plain.locator("figure").count();
    expect(await plain.locator("figure:visible").count()).toBe(figures);
    await context.close();
  });
});
