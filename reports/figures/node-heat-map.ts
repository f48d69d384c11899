/** How full each node was over time: a picture per resource, policies below one another. */
import type { TopLevelSpec } from "vega-lite";
import { resourceStems } from "../resource-columns.ts";
import type { TextRow } from "../results/index.ts";
import type { Figure, FigureRow } from "./figure.ts";
import { WIDE_FIGURE_WIDTH } from "./figure-theme.ts";
import { resourceWords } from "./metric-words.ts";
import { shareColours } from "./palette.ts";
import { quantity, scaleFor } from "./quantity.ts";
import type { ScenarioRuns } from "./scenarios.ts";
import { TimeBins, type TimeGrid, timeGrid } from "./time-bins.ts";

/** Rows and columns of a picture: more are not to be told apart. */
const NODE_ROWS = 48;
const TIME_COLUMNS = 96;

/** Policies in one picture. */
const POLICIES_SHOWN = 6;

/** Collects `nodes.csv` of one run of each policy. */
export class NodeHeatMaps {
  readonly #scenario: ScenarioRuns;
  readonly #stems: readonly string[];
  readonly #grid: TimeGrid;
  /** By policy, resource and node. */
  readonly #bins = new Map<string, Map<string, Map<string, TimeBins>>>();
  /** Nodes that a row of the file stands for. */
  readonly #nodes = new Map<string, number>();
  #seed = "";

  constructor(scenario: ScenarioRuns, resources: readonly string[]) {
    this.#scenario = scenario;
    this.#stems = resourceStems(resources);
    const ends = scenario.runs.map(({ metrics }) => metrics["virtual_s"] ?? 0);
    this.#grid = timeGrid(
      ends.reduce((a, b) => Math.max(a, b), 0),
      TIME_COLUMNS,
    );
  }

  /** Whether a run of this policy and seed shall be added: the first seed of the first policies. */
  wants(policy: string, seed: string): boolean {
    const first = this.#scenario.runs[0]?.labels.seed;
    this.#seed = first ?? "";
    return seed === first && this.#scenario.policies.indexOf(policy) < POLICIES_SHOWN;
  }

  add(policy: string, row: TextRow): void {
    const start = Number(row["start_s"]);
    const end = Number(row["end_s"]);
    const node = row["node"] ?? "";
    const nodes = Math.round(Number(row["nodes"] ?? 1));
    this.#nodes.set(node, Math.max(nodes, this.#nodes.get(node) ?? 1));
    for (const stem of this.#stems) {
      const cell = row[`${stem}_share`];
      if (cell === undefined || cell === "") continue;
      this.#binsOf(policy, stem, node).add(start, end, Number(cell));
    }
  }

  figures(): Figure[] {
    return this.#stems.flatMap((stem) => this.#figureOf(stem));
  }

  #binsOf(policy: string, stem: string, node: string): TimeBins {
    const byStem = this.#bins.get(policy) ?? new Map<string, Map<string, TimeBins>>();
    this.#bins.set(policy, byStem);
    const byNode = byStem.get(stem) ?? new Map<string, TimeBins>();
    byStem.set(stem, byNode);
    const bins = byNode.get(node) ?? new TimeBins(this.#grid);
    byNode.set(node, bins);
    return bins;
  }

  #figureOf(stem: string): Figure[] {
    const maps = [...this.#bins].flatMap(([policy, byStem]) => {
      const nodes = byStem.get(stem);
      return nodes === undefined ? [] : [{ policy, ...pictureOf(nodes, this.#grid.count) }];
    });
    const rows = maps.flatMap(({ policy, cells }) =>
      cells.map((cell): FigureRow => ({ policy, ...this.#cellRow(cell) })),
    );
    if (rows.every(({ share }) => share === 0)) return [];
    const words = resourceWords(stem);
    const nodeCount = [...this.#nodes.values()].reduce((sum, nodes) => sum + nodes, 0);
    const perRow = nodeCount / Math.max(1, maps[0]?.rowCount ?? 1);
    const rowWords =
      perRow <= 1
        ? "a node"
        : `the mean of about ${Math.round(perRow)} nodes next to each other by name`;
    const said = maps.map(
      ({ policy, mean, least, most }) =>
        `${policy}: nodes are ${quantity(mean, "share")} full on average over the run, ` +
        `the emptiest row ${quantity(least, "share")}, the fullest ${quantity(most, "share")}`,
    );
    return [
      {
        name: `nodes-${stem.replaceAll("_", "-")}${this.#scenario.suffix}`,
        section: "nodes",
        scenario: this.#scenario.label,
        title: `${words} allocated on each node over time`,
        caption:
          `Each row: ${rowWords}; ${nodeCount} nodes in the order of their names. Each column: the mean over ` +
          `${quantity(this.#grid.widthS, "s")}. One run per policy, of seed ${this.#seed}, since nodes of ` +
          "different seeds are not alike: n = 1, without an interval.",
        description: `${said.join("; ")}.`,
        choice: { of: "resource", label: words },
        spec: heatSpec(
          maps.map(({ policy, cells, rowCount }) => ({ policy, cells, rowCount })),
          this.#grid,
        ),
        columns: ["policy", "row", "first_node", "last_node", "start_s", "end_s", "share"],
        rows,
        table: {
          columns: ["policy", "rows", "mean", "emptiest row", "fullest row"],
          rows: maps.map(({ policy, rowCount, mean, least, most }) => [
            policy,
            String(rowCount),
            quantity(mean, "share"),
            quantity(least, "share"),
            quantity(most, "share"),
          ]),
        },
      },
    ];
  }

  #cellRow({ row, first, last, from, to, share }: Cell): FigureRow {
    const { widthS } = this.#grid;
    const at = (column: number) => Number((column * widthS).toFixed(6));
    return {
      row,
      first_node: first,
      last_node: last,
      start_s: at(from),
      end_s: at(to),
      share: Number(share.toFixed(4)),
    };
  }
}

interface Cell {
  readonly row: number;
  readonly first: string;
  readonly last: string;
  /** Columns of time: from, up to. */
  readonly from: number;
  readonly to: number;
  readonly share: number;
}

interface Picture {
  readonly cells: readonly Cell[];
  readonly rowCount: number;
  /** Over the whole run; of rows. */
  readonly mean: number;
  readonly least: number;
  readonly most: number;
}

function pictureOf(nodes: ReadonlyMap<string, TimeBins>, columns: number): Picture {
  const names = [...nodes.keys()].sort();
  const perRow = Math.ceil(names.length / NODE_ROWS);
  const cells: Cell[] = [];
  const rowMeans: number[] = [];
  for (let row = 0; row * perRow < names.length; row++) {
    const members = names.slice(row * perRow, (row + 1) * perRow);
    const means = members.map((name) => nodes.get(name)?.means() ?? new Float64Array());
    let sum = 0;
    let told = 0;
    for (let column = 0; column < columns; column++) {
      const values = means
        .map((mean) => mean[column] ?? Number.NaN)
        .filter((v) => !Number.isNaN(v));
      if (values.length === 0) continue;
      const share = values.reduce((a, b) => a + b, 0) / values.length;
      sum += share;
      told++;
      const [first = "", last = first] = [members[0], members.at(-1)];
      cells.push({ row, first, last, from: column, to: column + 1, share });
    }
    rowMeans.push(told === 0 ? 0 : sum / told);
  }
  return {
    cells,
    rowCount: rowMeans.length,
    mean: rowMeans.reduce((a, b) => a + b, 0) / Math.max(1, rowMeans.length),
    least: rowMeans.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    most: rowMeans.reduce((a, b) => Math.max(a, b), 0),
  };
}

const LEVELS = shareColours.length;
const levelOf = (share: number): number => Math.min(LEVELS - 1, Math.floor(share * LEVELS));
const levelNames = Array.from({ length: LEVELS }, (_, i) => `${i * 10}–${(i + 1) * 10} %`);

interface Panel {
  readonly policy: string;
  readonly cells: readonly Cell[];
  readonly rowCount: number;
}

function heatSpec(panels: readonly Panel[], grid: TimeGrid): TopLevelSpec {
  const { factor, suffix } = scaleFor(grid.count * grid.widthS, "s");
  const end = grid.count * grid.widthS * factor;
  return {
    spacing: 14,
    vconcat: panels.map(({ policy, cells, rowCount }, index) => ({
      title: {
        text: policy,
        anchor: "start",
        frame: "group",
        fontSize: 12,
        fontWeight: "normal",
        offset: 6,
        color: "#1b2330",
      },
      width: WIDE_FIGURE_WIDTH - 60,
      height: Math.min(150, Math.max(40, rowCount * 8)),
      data: { values: runsOfLevel(cells, grid.widthS * factor) },
      mark: { type: "rect", clip: true },
      encoding: {
        x: {
          field: "from",
          type: "quantitative",
          scale: { domain: [0, end], nice: false },
          axis:
            index === panels.length - 1
              ? { title: `virtual time,${suffix}`, tickCount: 8 }
              : { labels: false, title: null, tickCount: 8 },
        },
        x2: { field: "to" },
        y: {
          field: "top",
          type: "quantitative",
          scale: { domain: [0, rowCount], reverse: true, nice: false },
          axis: null,
        },
        y2: { field: "bottom" },
        color: {
          field: "level",
          type: "ordinal",
          scale: { domain: levelNames, range: shareColours.map(({ light }) => light) },
          legend: index === 0 ? { symbolType: "square", columns: LEVELS, columnPadding: 8 } : null,
        },
      },
    })),
  } as TopLevelSpec;
}

/** Neighbours in time of one level are one rectangle; those of a level come together. */
function runsOfLevel(cells: readonly Cell[], width: number) {
  const merged: { row: number; from: number; to: number; level: number }[] = [];
  for (const { row, from, to, share } of cells) {
    const level = levelOf(share);
    const last = merged.at(-1);
    if (last?.row === row && last.to === from && last.level === level) last.to = to;
    else merged.push({ row, from, to, level });
  }
  merged.sort((a, b) => a.level - b.level || a.row - b.row || a.from - b.from);
  return merged.map(({ row, from, to, level }) => ({
    from: from * width,
    to: to * width,
    top: row,
    bottom: row + 1,
    level: levelNames[level] ?? "",
  }));
}
