import { describe, expect, test } from "vitest";
import { type ComparedRun, compare } from "./comparison.ts";
import { comparisonLatex, comparisonMarkdown } from "./comparison-documents.ts";

const run = (policy: string, seed: number, makespan: number): ComparedRun => ({
  ...{ policy, workload: "50%_of|openb", seed: String(seed) },
  metrics: { makespan_s: makespan, service_request_p50_s: 0.002 + seed / 10_000 },
});

const all = compare(
  [1, 2, 3].flatMap((seed) => [
    run("default", seed, 100 + seed),
    run("my_policy", seed, 90 + seed + seed / 100),
  ]),
  [],
);

describe("comparisonMarkdown", () => {
  test("shows the interval, n, and what differs; a column has one number of decimals", () => {
    expect(comparisonMarkdown(all)).toBe(
      [
        "### 50%\\_of\\|openb",
        "",
        "| policy | makespan s | request p50 s |",
        "| --- | ---: | ---: |",
        "| default | 102.00 ± 2.48 | 0.00220 ± 0.00025 |",
        "| my\\_policy | 92.02 ± 2.51\\* | 0.00220 ± 0.00025 |",
        "",
        "mean ± half of the 95 % interval (Student's t), n = 3 seeds; * differs from default, " +
          "paired by seed, p < 0.05 after Holm's correction.",
        "",
      ].join("\n"),
    );
  });

  test("counts have a decimal where a mean of the column has one", () => {
    const counts = compare(
      [1, 2].flatMap((seed) =>
        ["a", "b"].map((policy, i) => ({
          ...{ policy, workload: "w", seed: String(seed) },
          metrics: { pods_scheduled: 7 + i * (seed - 1), pods_never_scheduled: 4 * seed },
        })),
      ),
      [],
    );
    expect(comparisonMarkdown(counts)).toContain("| a | 7.0 ± 0.0 | 6 ± 25.4 |");
    expect(comparisonMarkdown(counts)).toContain("| b | 7.5 ± 6.4 | 6 ± 25.4 |");
  });

  test("of one policy says nothing of differences; of one seed, nothing of intervals", () => {
    const one = comparisonMarkdown(compare([run("default", 1, 5), run("default", 2, 6)], []));
    expect(one).toContain("n = 2 seeds.");
    expect(one).not.toContain("differs");
    const seed = comparisonMarkdown(compare([run("default", 1, 5)], []));
    expect(seed).toContain("n = 1 seed: no interval is known.");
    expect(seed).not.toContain("±");
  });
});

describe("comparisonLatex", () => {
  test("is a table for booktabs, with what LaTeX would read escaped", () => {
    expect(comparisonLatex(all)).toBe(
      [
        "% needs \\usepackage{booktabs}",
        "\\begin{table}",
        "  \\centering",
        "  \\caption{50\\%\\_of\\textbar{}openb: mean $\\pm$ half of the 95 \\% interval " +
          "(Student's t), n = 3 seeds; * differs from default, paired by seed, " +
          "p \\textless{} 0.05 after Holm's correction.}",
        "  \\label{tab:comparison-1}",
        "  \\begin{tabular}{lrr}",
        "    \\toprule",
        "    policy & makespan s & request p50 s \\\\",
        "    \\midrule",
        "    default & $102.00 \\pm 2.48$ & $0.00220 \\pm 0.00025$ \\\\",
        "    my\\_policy & $92.02 \\pm 2.51^{*}$ & $0.00220 \\pm 0.00025$ \\\\",
        "    \\bottomrule",
        "  \\end{tabular}",
        "\\end{table}",
        "",
      ].join("\n"),
    );
  });

  test.each([
    ["a~b^c", "a\\textasciitilde{}b\\textasciicircum{}c"],
    ["{\\x} $1 & #2", "\\{\\textbackslash{}x\\} \\$1 \\& \\#2"],
  ])("a policy called %s", (policy, escaped) => {
    expect(comparisonLatex(compare([run(policy, 1, 5)], []))).toContain(`    ${escaped} & `);
  });
});
