/** The report as one HTML page that needs nothing else: no network, no other file. */
import { compare } from "../comparison.ts";
import {
  type DrawnFigure,
  type FigureSection,
  policiesOf,
  type ScenarioRuns,
  seriesLook,
} from "../figures/index.ts";
import { type FigureSurroundings, figureBlock } from "./figure-block.ts";
import { Html, type HtmlPart, html, scriptJson } from "./html.ts";
import { keyFigures } from "./key-figures.ts";
import type { PageInput } from "./page-input.ts";
import { pageScript } from "./page-script.ts";
import { pageStyle } from "./page-style.ts";
import { provenance } from "./provenance.ts";
import { censoredPods, countOf, failureTable, runTable } from "./run-tables.ts";

interface PageSection {
  readonly id: string;
  readonly title: string;
  readonly lead: string;
  readonly body: Html;
}

/** The same results give the same bytes. */
export function reportPage(input: PageInput): string {
  const { results, drawnScenarios, figures } = input;
  const policies = policiesOf(results.runs);
  const sections = [
    summarySection(input, policies),
    ...figureSections(input, policies),
    unfinishedSection(input, policies),
    {
      id: "runs",
      title: "All runs",
      lead: "Every finished run. A heading sorts by its column; runs.csv has all columns.",
      body: html`<p class="choose" hidden><label>Filter: <input id="filter-runs" type="search" class="button" autocomplete="off"></label> <span id="filter-count" role="status"></span></p>
${runTable(results, policies)}`,
    },
    {
      id: "provenance",
      title: "Provenance",
      lead: "What this report was made from, and how to make all of it again, to the byte.",
      body: provenance(input),
    },
  ];
  const title = `${results.name}: Stowage report`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="generator" content="stowage ${results.version}">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${new Html(pageStyle(policies.length))}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the results</a>
${header(input, policies)}
<div class="bar"><div class="wrap">
<div class="row"><nav aria-label="Contents"><ul>${sections.map(({ id, title: name }) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
<button id="theme" type="button" class="button push" hidden>Dark</button></div>
${tools(drawnScenarios, policies)}
</div></div>
<main id="main" class="wrap">
${sections.map(({ id, title: name, lead, body }) => html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${name}</h2><p class="lead">${lead}</p>\n${body}</section>\n`)}
</main>
<footer class="wrap">Made by Stowage ${results.version}, a simulator of Kubernetes: all times are virtual.</footer>
<script type="application/json" id="hover-data">${hoverData(figures, policies)}</script>
<script>${new Html(pageScript)}</script>
</body>
</html>
`;
  return page.text;
}

function header({ results, scenarios }: PageInput, policies: readonly string[]): Html {
  const { runs, failures, name, command } = results;
  const seeds = new Set(runs.map(({ labels }) => labels.seed)).size;
  const counts = [
    countOf(runs.length, "run"),
    policies.length === 1 ? "1 policy" : `${policies.length} policies`,
    countOf(scenarios.length, "scenario"),
    countOf(seeds, "seed"),
    ...(failures.length === 0 ? [] : [`${countOf(failures.length, "run")} without results`]),
  ];
  return html`<header class="top wrap"><p class="eyebrow">Stowage report</p>
<h1>${name}</h1>
<p class="meta">${counts.join(" · ")}</p>
${command !== "" && html`<p class="meta"><code>${command}</code></p>`}</header>`;
}

/** What is chosen for the whole page. */
function tools(scenarios: readonly ScenarioRuns[], policies: readonly string[]): Html {
  const choose = html`<label class="choose">Scenario: <select id="scenario">${scenarios.map(({ label }, i) => html`<option value="${i}">${label}</option>`)}</select></label>`;
  const chips = policies.map(
    (policy, place) =>
      html`<label class="chip" data-series="${place}"><input type="checkbox" checked data-toggles="${place}">${swatchLine(place)}${policy}</label>`,
  );
  return html`<div class="row tools">${scenarios.length > 1 && choose}
<fieldset id="policies" hidden><legend>Policies:</legend>${chips}</fieldset></div>`;
}

/** A short line in a policy's colour and dash. */
function swatchLine(place: number): Html {
  const { variable, dash } = seriesLook(place);
  return html`<svg width="26" height="8" aria-hidden="true"><line x1="1" x2="25" y1="4" y2="4" stroke="var(--${variable})" stroke-width="2.5" stroke-dasharray="${dash.join(" ")}"/></svg>`;
}

/** One block per scenario, of which the page shows the chosen one. */
function perScenario(
  scenarios: readonly ScenarioRuns[],
  body: (scenario: ScenarioRuns) => HtmlPart,
): Html {
  if (scenarios.length === 1) return html`${body(scenarios[0] as ScenarioRuns)}`;
  return html`${scenarios.map((scenario, i) => html`<div data-scenario="${i}"><h3>${scenario.label}</h3>\n${body(scenario)}</div>\n`)}`;
}

function summarySection(
  { results, scenarios, drawnScenarios }: PageInput,
  policies: readonly string[],
): PageSection {
  const left = scenarios.length - drawnScenarios.length;
  const more =
    left === 0
      ? ""
      : ` Shown are ${drawnScenarios.length} of ${scenarios.length} scenarios; --scenario NAME shows others. All are in comparison.csv.`;
  return {
    id: "summary",
    title: "Summary",
    lead: `Policies are compared within one scenario, seed by seed: each meets the same workload and the same luck.${more}`,
    body: perScenario(drawnScenarios, (scenario) => {
      const { own = [] } = results;
      const compared = scenario.runs.map(({ labels, metrics }) => ({ ...labels, metrics, own }));
      const { summary, table } = keyFigures(compare(compared, results.resources), policies);
      return html`${summary}<details><summary>The whole comparison</summary>${table}</details>`;
    }),
  };
}

const SECTIONS: Readonly<
  Record<FigureSection, { readonly title: string; readonly lead: string; readonly isWide: boolean }>
> = {
  ranking: {
    title: "Ranking",
    lead: "Policies by one metric at a time. Intervals that overlap may still differ surely, since seeds are paired: the summary says.",
    isWide: true,
  },
  distributions: {
    title: "Distributions",
    lead: "How long things took, from the quickest to the slowest: further left is better.",
    isWide: false,
  },
  time: { title: "Over time", lead: "How full the cluster was, and who waited.", isWide: false },
  load: {
    title: "Load",
    lead: "What was allocated of what had arrived: the gap to the thin line is what did not fit.",
    isWide: false,
  },
  nodes: { title: "Nodes", lead: "Where the allocation was, and where it was not.", isWide: true },
  fairness: {
    title: "Fairness",
    lead: "Whether namespaces were served alike.",
    isWide: true,
  },
  requests: {
    title: "Requests",
    lead: "Requests to Services, as their clients saw them.",
    isWide: true,
  },
  sensitivity: {
    title: "Sensitivity",
    lead: "How figures answer to the settings that the sweep varies.",
    isWide: true,
  },
};

function figureSections(input: PageInput, policies: readonly string[]): PageSection[] {
  return (Object.keys(SECTIONS) as FigureSection[]).flatMap((section) => {
    const mine = input.figures.filter(({ figure }) => figure.section === section);
    if (mine.length === 0) return [];
    const { title, lead, isWide } = SECTIONS[section];
    const draw = (figures: readonly DrawnFigure[], id: string, level: 3 | 4): Html =>
      figureGrid(figures, {
        id,
        isWide,
        policies,
        command: input.command,
        formats: input.formats,
        level,
      });
    const shared = mine.filter(({ figure }) => figure.scenario === "");
    const { drawnScenarios } = input;
    const body = html`${shared.length > 0 && draw(shared, section, 3)}${
      shared.length < mine.length &&
      perScenario(drawnScenarios, ({ label, suffix }) => {
        const ours = mine.filter(({ figure }) => figure.scenario === label);
        if (ours.length === 0) return html`<p class="caption">Nothing to show.</p>`;
        return draw(ours, `${section}${suffix}`, drawnScenarios.length > 1 ? 4 : 3);
      })
    }`;
    return [{ id: section, title, lead, body }];
  });
}

interface Grid extends FigureSurroundings {
  readonly id: string;
  readonly isWide: boolean;
}

function figureGrid(figures: readonly DrawnFigure[], grid: Grid): Html {
  const block = (figure: DrawnFigure): Html => figureBlock(figure, grid);
  const wide = grid.isWide && " wide";
  const plain = figures.filter(({ figure }) => figure.choice === undefined);
  const chosen = figures.filter(({ figure }) => figure.choice !== undefined);
  const labels = [...new Set(chosen.map(({ figure }) => figure.choice?.label ?? ""))];
  const of = chosen[0]?.figure.choice?.of ?? "";
  const options = labels.map((label) => html`<option>${label}</option>`);
  const chooser =
    labels.length > 1 &&
    html`<p class="choose" hidden><label>Show: <select data-chooses="${grid.id}-figures" data-of="${of}">${options}</select></label></p>`;
  return html`${
    plain.length > 0 && html`<div class="figures${wide}">${plain.map(block)}</div>`
  }${chooser}${
    chosen.length > 0 &&
    html`<div id="${grid.id}-figures" class="figures${wide}">${chosen.map(block)}</div>`
  }`;
}

function unfinishedSection(
  { results, drawnScenarios }: PageInput,
  policies: readonly string[],
): PageSection {
  const { failures, parameters } = results;
  const failed =
    failures.length === 0
      ? html`<p class="lead">No run failed.</p>`
      : html`<h3>Runs without results</h3><p class="caption">They are in no mean.</p>${failureTable(failures, parameters)}`;
  return {
    id: "unfinished",
    title: "Unfinished",
    lead: "Pods that never started or never finished are in no mean of times: a policy that leaves long jobs waiting looks quicker than it is. Mean per run, ±95 % interval.",
    body: html`${perScenario(drawnScenarios, (scenario) => censoredPods(scenario, policies))}${failed}`,
  };
}

function hoverData(figures: readonly DrawnFigure[], policies: readonly string[]): Html {
  const series = policies.map((policy, place) => ({
    policy,
    variable: seriesLook(place).variable,
  }));
  const told = figures.flatMap(({ figure: { name, hover }, hoverPixels: pixels }) => {
    if (hover === undefined) return [];
    const { axis, labels, series: values } = hover;
    return [[name, { axis, pixels, labels, series: values }]];
  });
  return scriptJson({ series, figures: Object.fromEntries(told) });
}
