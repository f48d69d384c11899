/** A figure on the page: its picture, what it says in words, its data, and how to make it again. */
import type { DrawnFigure } from "../figures/index.ts";
import { inlineSvg } from "../figures/index.ts";
import { Html, type HtmlPart, html } from "./html.ts";
import type { ReportFormat } from "./report-format.ts";
import { dataTable } from "./table.ts";

export interface FigureSurroundings {
  /** Of all the results: as many colours are there. */
  readonly policies: readonly string[];
  /** `stowage report out`, to which `--figure NAME` is added. */
  readonly command: string;
  /** Kinds of files beside the page. */
  readonly formats: readonly ReportFormat[];
  /** 3 or 4: its heading's level. */
  readonly level: 3 | 4;
}

/** Folder of the files, beside the page. */
export const FIGURE_FOLDER = "figures";

export function figureBlock(drawn: DrawnFigure, surroundings: FigureSurroundings): Html {
  const { figure, svg } = drawn;
  const { policies, level } = surroundings;
  const { name, title, caption, description, hover, choice } = figure;
  const picture = new Html(inlineSvg(svg, name, policies.length));
  const reads = hover !== undefined && html` tabindex="0" data-hover="${name}"`;
  const chosen = choice !== undefined && html` data-choice="${choice.label}"`;
  return html`<figure id="figure-${name}" class="figure"${chosen}>
<figcaption>${heading(level, title)}</figcaption>
<div class="picture" role="img" aria-label="${title}. ${description}"${reads}>${picture}</div>
<p class="caption">${caption}</p>
${details(drawn, surroundings)}
</figure>
`;
}

const heading = (level: 3 | 4, text: string): Html =>
  level === 3 ? html`<h3>${text}</h3>` : html`<h4>${text}</h4>`;

function details({ figure }: DrawnFigure, surroundings: FigureSurroundings): Html {
  const { name, title, description, table } = figure;
  const { policies, formats, command } = surroundings;
  const place = table.columns.indexOf("policy");
  const links = formats
    .filter((format) => format !== "html")
    .map(
      (format) => html`<a href="${FIGURE_FOLDER}/${name}.${format}">${format.toUpperCase()}</a> `,
    );
  const files: HtmlPart = links.length > 0 && html`<p class="files">Files: ${links}</p>`;
  return html`<details><summary>Data, files and command<span class="unseen"> of: ${title}</span></summary>
<p>${description}</p>
${dataTable({
  label: `Data of: ${title}`,
  columns: table.columns,
  rows: table.rows,
  wordColumns: Math.max(1, place + 1),
  policyOf: (row) => indexOrNone(policies.indexOf(table.rows[row]?.[place] ?? "")),
})}
${files}
<p class="command"><code>${command} --figure ${name}</code></p>
</details>`;
}

const indexOrNone = (index: number): number | undefined => (index < 0 ? undefined : index);
