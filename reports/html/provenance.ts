/** Where the figures come from, and the commands that make them again. */
import { type Html, html } from "./html.ts";
import type { PageInput } from "./page-input.ts";
import { dataTable } from "./table.ts";

export function provenance({ results, figures, command, formats }: PageInput): Html {
  const { version, runs, name } = results;
  const study =
    results.command === ""
      ? html`run.json beside the results has the whole configuration and the SHA-256 of every input file`
      : html`<code>${results.command}</code>`;
  const facts = [
    ["Experiment", name],
    ["Simulator", `stowage ${version}`],
    ["The results again", study],
    ["This report again", html`<code>${command}</code>`],
    [
      "How to see that they are the same",
      `Digests of the ${runs.length} runs, in runs.csv and above, are equal on every machine.`,
    ],
    ["Intervals", "95 %, by Student's t over seeds; p-values by Holm over the policies compared"],
  ] as const;
  const kinds = formats.filter((format) => format !== "html");
  return html`${dataTable({
    label: "Provenance",
    columns: ["what", "value"],
    wordColumns: 2,
    rows: facts.map(([what, value]) => [what, value]),
  })}
<details><summary>Commands of all ${figures.length} figures</summary>
${dataTable({
  label: "Commands of all figures",
  columns: ["figure", "command", "files"],
  wordColumns: 3,
  rows: figures.map(({ figure }) => [
    html`<a href="#figure-${figure.name}">${figure.title}</a>`,
    html`<code>${command} --figure ${figure.name}</code>`,
    kinds.map((kind) => html`<a href="figures/${figure.name}.${kind}">${kind.toUpperCase()}</a> `),
  ]),
})}</details>`;
}
