/** Tables of a page. */
import { type Html, type HtmlPart, html } from "./html.ts";

export interface TableOptions {
  /** What it holds, for those who do not see it. */
  readonly label: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly HtmlPart[])[];
  /** Of a row, the place of its policy among all: it is hidden with it. */
  readonly policyOf?: (row: number) => number | undefined;
  /** Headers are buttons that sort. */
  readonly canSort?: boolean;
  /** The first so many columns hold words; the others numbers, to the right. */
  readonly wordColumns?: number;
}

/** Scrolls within its frame where it is too wide or too long; by keyboard too. */
export function dataTable(options: TableOptions): Html {
  const { label, columns, rows, policyOf, canSort = false, wordColumns = 1 } = options;
  const side = (column: number): HtmlPart => column >= wordColumns && html` class="number"`;
  const head = columns.map(
    (name, i) =>
      html`<th scope="col"${side(i)}>${canSort ? html`<button type="button" data-sort="${i}">${name}</button>` : name}</th>`,
  );
  const body = rows.map((row, r) => {
    const policy = policyOf?.(r);
    const cells = row.map((cell, i) =>
      i === 0 ? html`<th scope="row">${cell}</th>` : html`<td${side(i)}>${cell}</td>`,
    );
    return html`<tr${policy !== undefined && html` data-policy="${policy}"`}>${cells}</tr>\n`;
  });
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${label}"><table>
<thead><tr>${head}</tr></thead>
<tbody>
${body}</tbody></table></div>`;
}
