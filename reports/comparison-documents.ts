/** The comparison as tables for a text: Markdown and LaTeX. */
import type { Comparison } from "./comparison.ts";
import {
  byScenario,
  headlines,
  numberText,
  ONE_SEED,
  scenarioTitle,
  seedsText,
  title,
} from "./comparison-table.ts";
import type { Metric } from "./summary-metrics.ts";

/** A table of one scenario, cell by cell. */
interface Sheet {
  readonly title: string;
  readonly heads: readonly string[];
  readonly rows: readonly {
    readonly policy: string;
    readonly cells: readonly {
      readonly mean: string;
      /** Half of the 95 % interval; "": one seed. */
      readonly half: string;
      /** Differs from the baseline: Holm-adjusted p below 0.05. */
      readonly isDifferent: boolean;
    }[];
  }[];
  readonly note: string;
}

/** One table per scenario, as GitHub and most editors read it. */
export function comparisonMarkdown(comparisons: readonly Comparison[]): string {
  return byScenario(comparisons)
    .map(sheetOf)
    .map(({ title: name, heads, rows, note }) => {
      const lines = rows.map(({ policy, cells }) =>
        line([escapeMarkdown(policy), ...cells.map((cell) => cellText(cell, " ± ", "\\*"))]),
      );
      const rule = line(["---", ...heads.map(() => "---:")]);
      const head = line(["policy", ...heads]);
      return [`### ${escapeMarkdown(name)}`, "", head, rule, ...lines, "", note, ""].join("\n");
    })
    .join("\n");
}

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
const escapeMarkdown = (text: string): string => text.replaceAll(/([\\|*_`<>])/g, "\\$1");

/** One `table` per scenario, for the package booktabs. */
export function comparisonLatex(comparisons: readonly Comparison[]): string {
  const tables = byScenario(comparisons).map((scenario, i) => {
    const { title: name, heads, rows, note } = sheetOf(scenario);
    const lines = rows.map(
      ({ policy, cells }) =>
        `    ${[escapeLatex(policy), ...cells.map((cell) => latexCell(cell))].join(" & ")} \\\\`,
    );
    return [
      "\\begin{table}",
      "  \\centering",
      `  \\caption{${escapeLatex(name)}: ${escapeLatex(note)}}`,
      `  \\label{tab:comparison-${i + 1}}`,
      `  \\begin{tabular}{l${"r".repeat(heads.length)}}`,
      "    \\toprule",
      `    ${["policy", ...heads.map(escapeLatex)].join(" & ")} \\\\`,
      "    \\midrule",
      ...lines,
      "    \\bottomrule",
      "  \\end{tabular}",
      "\\end{table}",
      "",
    ].join("\n");
  });
  return `% needs \\usepackage{booktabs}\n${tables.join("\n")}`;
}

function latexCell(cell: Sheet["rows"][number]["cells"][number]): string {
  return cell.mean === "-" ? "--" : `$${cellText(cell, " \\pm ", "^{*}")}$`;
}

function cellText(
  { mean, half, isDifferent }: Sheet["rows"][number]["cells"][number],
  plusMinus: string,
  star: string,
): string {
  return `${mean}${half === "" ? "" : plusMinus + half}${isDifferent ? star : ""}`;
}

const latexSigns: Readonly<Record<string, string>> = {
  "±": "$\\pm$",
  "<": "\\textless{}",
  ">": "\\textgreater{}",
  "|": "\\textbar{}",
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
};
const escapeLatex = (text: string): string =>
  text.replaceAll(/[\\~^±<>|_%&#${}]/g, (sign) => latexSigns[sign] ?? `\\${sign}`);

function sheetOf(comparisons: readonly Comparison[]): Sheet {
  const metrics = headlines(comparisons);
  const policies = [...new Set(comparisons.map(({ policy }) => policy))];
  const find = (policy: string, metric: Metric) =>
    comparisons.find((each) => each.policy === policy && each.metric.name === metric.name);
  const seeds = seedsText(comparisons);
  const baseline = comparisons.find((each) => each.baseline !== undefined)?.baseline;
  const starred =
    baseline === undefined
      ? ""
      : `; * differs from ${baseline}, paired by seed, p < 0.05 after Holm's correction`;
  const scales = new Map(metrics.map((metric) => [metric, columnScale(comparisons, metric)]));
  return {
    title: scenarioTitle(comparisons[0] as Comparison),
    heads: metrics.map((metric) => title(metric).replace("\n", " ")),
    rows: policies.map((policy) => ({
      policy,
      cells: metrics.map((metric) => {
        const found = find(policy, metric);
        const spread = found?.spread;
        if (spread === undefined) return { mean: "-", half: "", isDifferent: false };
        const { mean, ci95 } = spread;
        return {
          mean: numberText(metric, mean, scales.get(metric)),
          half: ci95 === undefined ? "" : numberText(metric, ci95, scales.get(metric)),
          isDifferent: (found?.difference?.holmP ?? 1) < 0.05,
        };
      }),
    })),
    note:
      seeds === ONE_SEED
        ? `${seeds}: no interval is known.`
        : `mean ± half of the 95 % interval (Student's t), ${seeds}${starred}.`,
  };
}

/** A column has as many decimals as its smallest mean asks for. */
function columnScale(comparisons: readonly Comparison[], metric: Metric): number {
  const means = comparisons.flatMap((each) =>
    each.metric.name === metric.name && each.spread !== undefined && each.spread.mean !== 0
      ? [Math.abs(each.spread.mean)]
      : [],
  );
  const broken = means.find((mean) => metric.unit === "count" && !Number.isInteger(mean));
  return broken ?? means.reduce((least, mean) => Math.min(least, mean), means[0] ?? 0);
}
