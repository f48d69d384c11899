import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fixtureResults } from "../../test/results-fixture.ts";
import { escapeHtml, html, scriptJson } from "./html.ts";
import { reportFormats } from "./report-format.ts";
import { writeReport } from "./write-report.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "stowage-report-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const write = (
  results: Parameters<typeof fixtureResults>[0] = {},
  options: Partial<Parameters<typeof writeReport>[1]> = {},
) => {
  const settings = { directory, command: "stowage report out", formats: ["html"] as const };
  return writeReport(fixtureResults(results), { ...settings, ...options });
};

/** Fewer figures, which take their time. */
const few = { without: ["services", "namespaces", "distributions"] };

const page = (): string => readFileSync(join(directory, "index.html"), "utf8");

describe("HTML from templates", () => {
  test.each([
    ["<b>", "&lt;b&gt;"],
    [`"'&`, "&quot;&#39;&amp;"],
    ["plain ±", "plain ±"],
  ])("escapes %s", (text, escaped) => {
    expect(escapeHtml(text)).toBe(escaped);
    expect(html`<p title="${text}">${text}</p>`.text).toBe(`<p title="${escaped}">${escaped}</p>`);
  });

  test("puts in HTML as it is, lists one after the other, and nothing for what is not there", () => {
    const items = [1, 2].map((n) => html`<li>${n}</li>`);
    expect(html`<ul>${items}${undefined}${false}${[]}</ul>`.text).toBe(
      "<ul><li>1</li><li>2</li></ul>",
    );
  });

  test("keeps data from ending its script", () => {
    const value = { a: "</script><script>alert(1)//<!--" };
    const { text } = scriptJson(value);
    expect(text).not.toContain("<");
    expect(JSON.parse(text)).toEqual(value);
  });
});

describe("a report", () => {
  test("is a page, and each figure as SVG, PNG and CSV", async () => {
    const { paths } = await write(few, { formats: reportFormats });
    expect(paths.every((path) => existsSync(path))).toBe(true);
    expect(basename(paths[0] ?? "")).toBe("index.html");
    const kinds = paths.slice(1).map((path) => path.split(".").at(-1));
    for (const kind of ["svg", "png", "csv"])
      expect(kinds.filter((each) => each === kind)).toHaveLength(kinds.length / 3);
    for (const path of paths.filter((each) => each.endsWith(".svg")))
      expect(page()).toContain(`id="figure-${basename(path, ".svg")}"`);
    expect(readdirSync(directory).filter((name) => name.includes("partial"))).toEqual([]);
  });

  test("is the same bytes each time, in whatever folder", async () => {
    await write(few, { formats: reportFormats });
    const names = readdirSync(join(directory, "figures"));
    const read = (folder: string) =>
      names.map((name) => readFileSync(join(folder, "figures", name)).toString("base64"));
    const first = [page(), ...read(directory)];
    const other = mkdtempSync(join(tmpdir(), "stowage-other-"));
    try {
      await write(few, { directory: other, formats: reportFormats });
      expect([readFileSync(join(other, "index.html"), "utf8"), ...read(other)]).toEqual(first);
    } finally {
      rmSync(other, { recursive: true });
    }
  });

  test("shows hostile names as text", async () => {
    const evil = `<img src=x onerror="alert(1)">'&`;
    const failures = [
      { labels: { policy: evil, workload: "w", seed: "1" }, message: `</table>${evil}` },
    ];
    await write({ policies: ["default", evil], name: evil, command: evil, failures });
    expect(page()).not.toContain("<img");
    expect(page().match(/<script/g)).toHaveLength(2);
    expect(page()).toContain(escapeHtml(evil));
  });

  test("asks nothing of any other place", async () => {
    await write();
    const addresses = page().match(/(?:https?:)?\/\/[a-z][^"'\s<)]*/gi) ?? [];
    expect(addresses.filter((each) => !each.includes("www.w3.org"))).toEqual([]);
    expect(page()).not.toMatch(/@import|src=/);
  });

  test("says which pods and runs are in no mean", async () => {
    const failures = [
      { labels: { policy: "random", workload: "trace", seed: "9" }, message: "it ran out of luck" },
    ];
    await write({ failures });
    expect(page()).toContain("it ran out of luck");
    expect(page()).toContain("Pods never scheduled</th>");
    expect(page()).toContain("1 run without results");
  });

  test("of one policy and one seed has nothing to compare, and says so", async () => {
    await write({ policies: ["default"], seeds: 1 });
    expect(page()).toContain("One policy: there is nothing to compare it with.");
    expect(page()).toContain("One seed: its uncertainty is unknown");
  });

  test("can be one figure alone, by its name", async () => {
    const { paths } = await write({}, { figures: ["time-cpu-share"], formats: ["csv"] });
    expect(paths.map((path) => basename(path))).toEqual(["time-cpu-share.csv"]);
    expect(readFileSync(paths[0] ?? "", "utf8")).toMatch(/^policy,time_h,cpu_share,low,high,n\n/);
    expect(existsSync(join(directory, "index.html"))).toBe(false);
  });

  test("draws as many scenarios as there is room for, and others when they are named", async () => {
    const settings = ["1", "2", "3", "4", "5", "6", "7"];
    const options = { settings, seeds: 2, without: ["nodes", "services", "namespaces"] };
    await write(options, { formats: ["html"] });
    expect(page()).toContain("Shown are 6 of 7 scenarios");
    const last = "trace, scheduler.percentageOfNodesToScore 7";
    expect(page()).not.toContain(`<h3>${last}`);
    await write(options, { formats: ["html"], scenarios: [last] });
    expect(page()).toContain("Shown are 1 of 7 scenarios");
  });

  test("removes figures of an earlier report, and no other file", async () => {
    await write(few, { formats: ["html", "svg"] });
    const folder = join(directory, "figures");
    const stale = join(folder, "ranking-of-yesterday.svg");
    const mine = join(folder, "mine.svg");
    for (const path of [stale, mine]) writeFileSync(path, "");
    await write(few, { formats: ["html", "csv"] });
    expect([existsSync(stale), existsSync(mine)]).toEqual([false, true]);
    expect(readdirSync(folder).filter((name) => name.endsWith("-s.svg"))).toEqual([]);
  });

  test.each([
    [
      "a figure",
      { figures: ["time-cpu-shares"] },
      'no figure is called "time-cpu-shares". Did you',
    ],
    ["a scenario", { scenarios: ["trase"] }, 'no scenario is called "trase". Did you mean "trace"'],
  ])("that asks for %s that is not there is told which there are", async (_, options, message) => {
    await expect(write({}, options)).rejects.toThrow(message);
  });

  test("of no runs is refused", async () => {
    await expect(write({ seeds: 0 })).rejects.toThrow("no run has results yet");
  });

  test("ends when it is told to", async () => {
    const controller = new AbortController();
    const onProgress = () => controller.abort(new Error("enough"));
    const written = write({}, { signal: controller.signal, onProgress });
    await expect(written).rejects.toThrow("enough");
    expect(existsSync(join(directory, "index.html"))).toBe(false);
  });
});
