/** What came out, in words and a few numbers: the verdict, cards, and the comparison as a table. */
import type { Comparison } from "../comparison.ts";
import { metricWords, quantity, shownMetrics, signed, withSpread } from "../figures/index.ts";
import type { Metric } from "../summary-metrics.ts";
import { verdict } from "../verdict.ts";
import { type Html, type HtmlPart, html } from "./html.ts";
import { dataTable } from "./table.ts";

/** Cards, and policies on each. */
const CARDS = 4;
const POLICIES_ON_CARD = 6;

/** Below this adjusted p-value a difference is called one; as in the verdict. */
const SIGNIFICANT = 0.05;

/** `comparisons` of one scenario; `policies` of all results, in order. */
export function keyFigures(
  comparisons: readonly Comparison[],
  policies: readonly string[],
): { readonly summary: Html; readonly table: Html } {
  const metrics = [...new Set(comparisons.map(({ metric }) => metric))];
  const shown = shownMetrics(metrics, (name) => meansOf(comparisons, name));
  const lines = verdict(comparisons);
  const said =
    lines.length === 0
      ? html`<p class="verdict">One policy: there is nothing to compare it with.</p>`
      : html`<ul class="verdict">${lines.map((line) => verdictItem(line, metrics))}</ul>`;
  return {
    summary: html`${said}
<div class="cards">${shown.slice(0, CARDS).map((metric) => card(metric, comparisons, policies))}</div>`,
    table: comparisonTable(shown, comparisons, policies),
  };
}

/** The line, its clauses below one another, with metrics in words. */
function verdictItem(line: string, metrics: readonly Metric[]): Html {
  const [head = "", ...rest] = line.split(/: (?=better|worse|equal|cannot)/);
  if (rest.length !== 1) return html`<li>${inWords(line, metrics)}</li>`;
  const clauses = (rest[0] ?? "").split("; ");
  return html`<li>${head}<ul>${clauses.map((clause) => html`<li>${inWords(clause, metrics)}</li>`)}</ul></li>`;
}

function inWords(text: string, metrics: readonly Metric[]): HtmlPart {
  const names = new Set(metrics.map(({ name }) => name));
  return text
    .split(/\b/)
    .map((word): HtmlPart => (names.has(word) ? html`<b>${metricWords(word)}</b>` : word));
}

const meansOf = (comparisons: readonly Comparison[], name: string): (number | undefined)[] =>
  comparisons.filter(({ metric }) => metric.name === name).map(({ spread }) => spread?.mean);

function card(metric: Metric, all: readonly Comparison[], policies: readonly string[]): Html {
  const way = metric.better === "higher" ? -1 : 1;
  const mine = all
    .filter((each) => each.metric.name === metric.name && each.spread !== undefined)
    .map((each, place) => ({ ...each, mean: each.spread?.mean ?? 0, place }))
    .sort((a, b) => way * (a.mean - b.mean) || a.place - b.place);
  const best = mine[0];
  const n = mine.reduce((least, { spread }) => Math.min(least, spread?.n ?? 0), Number.MAX_VALUE);
  const left = mine.length - POLICIES_ON_CARD;
  const rows = mine
    .slice(0, POLICIES_ON_CARD)
    .map(
      ({ policy, spread }) =>
        html`<li data-policy="${policies.indexOf(policy)}"><span title="${policy}">${swatch(policies.indexOf(policy))}${policy}</span> <b>${withSpread(spread?.mean, spread?.ci95, metric.unit)}</b></li>`,
    );
  return html`<div class="card"><h3>${metricWords(metric.name)}</h3>
<p class="big">${quantity(best?.mean, metric.unit)} <small>${best?.policy}</small></p>
<ul>${rows}</ul>
<p class="note">${metric.better === "higher" ? "more" : "less"} is better; ±: 95 % interval; n = ${n}${left > 0 && `; ${left} more below`}</p></div>`;
}

/** A dot in the colour of a policy. */
export const swatch = (place: number): Html =>
  html`<i class="swatch" data-series="${place}" aria-hidden="true"></i>`;

function comparisonTable(
  metrics: readonly Metric[],
  all: readonly Comparison[],
  policies: readonly string[],
): Html {
  const shown = metrics.flatMap((metric) =>
    all.filter((each) => each.metric.name === metric.name && each.spread !== undefined),
  );
  return dataTable({
    label: "Comparison of policies, metric by metric",
    columns: [
      ...["metric", "policy", "mean ±95 %", "seeds", "difference", "95 % interval", "p (Holm)"],
      "judgement",
    ],
    wordColumns: 2,
    policyOf: (row) => policies.indexOf(shown[row]?.policy ?? ""),
    rows: shown.map(({ metric, policy, baseline, spread, difference }) => [
      metricWords(metric.name),
      policy,
      withSpread(spread?.mean, spread?.ci95, metric.unit),
      spread?.n,
      ...(difference === undefined
        ? [baseline === undefined ? "baseline" : "–", "", "", ""]
        : [
            signed(difference.mean, metric.unit),
            difference.t === undefined
              ? "–"
              : `${signed(difference.t.low, metric.unit)} to ${signed(difference.t.high, metric.unit)}`,
            difference.holmP === undefined ? "–" : pText(difference.holmP),
            judgement(metric, difference.mean, difference.holmP),
          ]),
    ]),
  });
}

const pText = (p: number): string => (p < 0.0001 ? "< 0.0001" : p.toFixed(4));

function judgement({ better }: Metric, mean: number, p: number | undefined): HtmlPart {
  if (p === undefined || p >= SIGNIFICANT || mean === 0) return "not told apart";
  const isBetter = mean > 0 === (better === "higher");
  return isBetter ? html`<b class="good">▲ better</b>` : html`<b class="bad">▼ worse</b>`;
}
