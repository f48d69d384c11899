import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fixtureResults, RUN_LENGTH_S, VARIED } from "../../test/results-fixture.ts";
import { collectFigures } from "./collect-figures.ts";
import { compactSvg, inlineSvg } from "./compact-svg.ts";
import { figurePainter } from "./draw-figure.ts";
import type { Figure } from "./figure.ts";
import { background, pageColours, seriesColours, seriesLook } from "./palette.ts";
import { quantity, signed, withSpread } from "./quantity.ts";
import { scenariosOf } from "./scenarios.ts";
import { TimeBins, timeGrid } from "./time-bins.ts";

async function figuresOf(options: Parameters<typeof fixtureResults>[0] = {}): Promise<Figure[]> {
  const results = fixtureResults(options);
  return collectFigures(results, scenariosOf(results));
}

const named = (figures: readonly Figure[], name: string): Figure => {
  const found = figures.find((figure) => figure.name === name);
  if (found === undefined) throw new Error(`no ${name} in ${figures.map((f) => f.name)}`);
  return found;
};

describe("the figures of a study", () => {
  test("have names of their own and words for all that they show", async () => {
    const figures = await figuresOf({ settings: ["5", "50"] });
    expect(new Set(figures.map(({ name }) => name)).size).toBe(figures.length);
    for (const { name, title, caption, description, table } of figures) {
      expect(name).toMatch(/^[a-z0-9-]+$/);
      expect(title).not.toBe("");
      expect(caption).toMatch(/n = \d/);
      expect(description).toMatch(/\d/);
      expect(table.rows.length).toBeGreaterThan(0);
      for (const row of table.rows) expect(row).toHaveLength(table.columns.length);
    }
  });

  test("are those of the files that are there", async () => {
    const sections = async (without: readonly string[]) =>
      new Set((await figuresOf({ without })).map(({ section }) => section));
    expect([...(await sections([]))].sort()).toEqual([
      ...["distributions", "fairness", "load", "nodes", "ranking", "requests", "time"],
    ]);
    const all = ["utilization", "distributions", "nodes", "namespaces", "services"];
    expect([...(await sections(all))]).toEqual(["ranking"]);
  });

  test("rank by the mean, the best first, with intervals over seeds", async () => {
    const figure = named(await figuresOf(), "ranking-pods-never-scheduled");
    expect(figure.rows.map(({ policy, mean, n }) => [policy, mean, n])).toEqual([
      ["default", 2, 3],
      ["most-allocated", 12, 3],
      ["random", 22, 3],
    ]);
    // sd 1, so half the interval is t(0.975, 2) / sqrt(3) = 4.302653 / 1.732051
    expect(Number(figure.rows[0]?.["high"])).toBeCloseTo(2 + 2.484138, 5);
    expect(named(await figuresOf(), "ranking-cpu-share-end").rows[0]?.["policy"]).toBe("default");
  });

  test("say that one seed leaves the uncertainty unknown", async () => {
    for (const { caption, section, rows } of await figuresOf({ seeds: 1 })) {
      if (section !== "nodes") expect(caption).toContain("One seed: its uncertainty is unknown");
      for (const row of rows) expect(row["low"]).toBeUndefined();
    }
  });

  test("show the curve that the runs have, and who is not in it", async () => {
    const figure = named(await figuresOf(), "distribution-pod-startup");
    const median = figure.rows.find((row) => row["policy"] === "random" && row["fraction"] === 0.5);
    expect(median?.["pod_startup"]).toBeCloseTo(1 + 22 / 4, 6);
    expect(figure.caption).toContain("default 2, most-allocated 12, random 22");
  });

  test("follow allocation over time and against what arrived", async () => {
    const figures = await figuresOf();
    const last = named(figures, "time-cpu-share")
      .rows.filter((r) => r["policy"] === "default")
      .at(-1);
    expect(last?.["cpu_share"]).toBeCloseTo(1 - 0.02, 6);
    expect(last?.["time_h"]).toBeCloseTo((RUN_LENGTH_S / 3_600) * (159.5 / 160), 6);
    const load = named(figures, "load-cpu").rows.filter((r) => r["policy"] === "default");
    const full = load.find((row) => Number(row["cpu_arrived_share"]) >= 1.2);
    expect(full?.["cpu_share"]).toBeCloseTo(0.98, 6);
    expect(figures.some(({ name }) => name === "time-queue-unschedulable")).toBe(false);
  });

  test("colour each node by its share", async () => {
    const figure = named(await figuresOf(), "nodes-memory");
    const rows = figure.rows.filter((row) => row["policy"] === "random");
    expect(new Set(rows.map((row) => `${row["first_node"]} ${row["share"]}`))).toEqual(
      new Set(["node-0 0", "node-1 0.25", "node-2 0.5", "node-3 0.75"]),
    );
  });

  test("measure fairness by Jain's index", async () => {
    const rows = named(await figuresOf({ seeds: 1 }), "fairness-jain").rows;
    // slowdowns 1, 2, 3 of policy 0 with seed 1: 36 / (3 * 14)
    expect(rows[0]?.["mean"]).toBeCloseTo(36 / 42, 6);
  });

  test("draw a line per policy over a setting that is varied", async () => {
    const figures = await figuresOf({ settings: ["5", "50", "100"], seeds: 2 });
    const figure = named(
      figures,
      "sensitivity-scheduler-percentageofnodestoscore-pods-never-scheduled",
    );
    const line = figure.rows.filter((row) => row["policy"] === "default");
    expect(line.map((row) => [row[VARIED], row["mean"], row["n"]])).toEqual([
      ["5", 6.5, 2],
      ["50", 51.5, 2],
      ["100", 101.5, 2],
    ]);
  });
});

describe("a figure as SVG", () => {
  test("is the same bytes whatever was drawn before", async () => {
    const figures = await figuresOf();
    const paint = await figurePainter();
    const draw = async (list: readonly Figure[]) => {
      const drawn = new Map<string, string>();
      for (const figure of list) drawn.set(figure.name, (await paint(figure)).svg);
      return drawn;
    };
    const forward = await draw(figures);
    const backward = await draw([...figures].reverse());
    for (const [name, svg] of forward) expect(backward.get(name), name).toBe(svg);
  });

  test("holds its title and description, and no font or file from elsewhere", async () => {
    const paint = await figurePainter();
    for (const figure of await figuresOf()) {
      const { svg, hoverPixels } = await paint(figure);
      expect(svg).toContain(`<title>${figure.title.replaceAll("&", "&amp;")}</title>`);
      expect(svg).not.toMatch(/href=|@import|NaN|undefined|Infinity/);
      expect(hoverPixels).toHaveLength(figure.hover?.places.length ?? 0);
      for (const pixel of hoverPixels) expect(Number.isFinite(pixel)).toBe(true);
    }
  });

  test("names every colour by a variable of the page", async () => {
    const paint = await figurePainter();
    for (const figure of await figuresOf()) {
      const inline = inlineSvg((await paint(figure)).svg, figure.name, 3);
      expect(inline).not.toMatch(/(?:fill|stroke)="#/);
      expect(inline).not.toMatch(/ id="(?!ranking|dist|time|load|nodes|fair|req|sens)/);
    }
  });

  test("keeps the numbers of its text while it rounds those of its outlines", () => {
    const svg = '<path d="M0.123456,7"/><text x="1.98765">6.25</text>';
    expect(compactSvg(svg)).toBe('<path d="M0.1,7"/><text x="2">6.25</text>');
  });

  test("joins neighbours of one fill, and none with an outline or opacity of its own", () => {
    const path = (d: string, look: string) => `<path d="${d}" ${look}/>`;
    const fill = 'fill="#00ff00"';
    expect(compactSvg(path("M0,0h1Z", fill) + path("M2,0h1Z", fill))).toBe(
      path("M0,0h1ZM2,0h1Z", fill),
    );
    const lines = path("M0,0h1Z", 'stroke="#00ff00"') + path("M2,0h1Z", 'stroke="#00ff00"');
    expect(compactSvg(lines)).toBe(lines);
  });
});

describe("colours", () => {
  const luminance = (hex: string): number => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
      return part <= 0.03928 ? part / 12.92 : Math.exp(Math.log((part + 0.055) / 1.055) * 2.4);
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a: string, b: string): number => {
    const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
    return (light + 0.05) / (dark + 0.05);
  };

  test.each(seriesColours.map((colour) => [colour.name, colour] as const))(
    "%s stands out from the background, on light and on dark",
    (_, { light, dark }) => {
      expect(contrast(light, background.light)).toBeGreaterThanOrEqual(3);
      expect(contrast(dark, background.dark)).toBeGreaterThanOrEqual(3);
    },
  );

  test("of many policies are all different, and each is one of the page's", () => {
    const looks = Array.from({ length: 40 }, (_, i) => seriesLook(i));
    expect(new Set(looks.map(({ colour }) => colour)).size).toBe(40);
    expect(new Set(looks.map(({ variable }) => variable)).size).toBe(40);
    const page = new Map(pageColours(40).map(({ name, light }) => [name, light]));
    for (const { variable, colour } of looks) expect(page.get(variable)).toBe(colour);
  });
});

describe("quantities", () => {
  test.each([
    [0.0000123, "s", "12.3 µs"],
    [0.02731, "s", "27.3 ms"],
    [6.2887, "s", "6.29 s"],
    [400, "s", "6.67 min"],
    [10_718.5, "s", "2.98 h"],
    [0.8403, "share", "84.0 %"],
    [12_345, "count", "12,345"],
    [0, "s", "0 s"],
    [undefined, "s", "–"],
  ] as const)("%s %s reads %s", (value, unit, text) => {
    expect(quantity(value, unit)).toBe(text);
  });

  test("a mean has the decimals of its interval, and its unit once", () => {
    expect(withSpread(6.2887, 0.0412, "s")).toBe("6.29 ±0.04 s");
    expect(withSpread(6.2887, undefined, "s")).toBe("6.29 s");
    expect(withSpread(2_039.3, 68.2, "count")).toBe("2,039 ±68");
  });

  test("a difference of shares is in points", () => {
    expect(signed(-0.0561, "share")).toBe("−5.61 points");
    expect(signed(0.002, "s")).toBe("+2.00 ms");
    expect(signed(0, "count")).toBe("0");
  });
});

describe("means over equal spans", () => {
  test("keep the integral, however the file divides the time", () => {
    const spans = fc.array(
      fc.record({ length: fc.integer({ min: 1, max: 40 }), value: fc.nat(9) }),
      {
        minLength: 1,
        maxLength: 30,
      },
    );
    fc.assert(
      fc.property(spans, fc.integer({ min: 1, max: 17 }), (told, count) => {
        const end = told.reduce((sum, { length }) => sum + length, 0);
        const grid = timeGrid(end, count);
        const bins = new TimeBins(grid);
        let at = 0;
        let integral = 0;
        for (const { length, value } of told) {
          bins.add(at, at + length, value);
          at += length;
          integral += length * value;
        }
        const sum = bins.means().reduce((a, b) => a + b * grid.widthS, 0);
        expect(sum).toBeCloseTo(integral, 6);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test("have none where nothing is told", () => {
    const bins = new TimeBins(timeGrid(100, 4));
    bins.add(0, 30, 6);
    expect([...bins.means()]).toEqual([6, 6, Number.NaN, Number.NaN]);
  });
});
