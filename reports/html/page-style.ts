/** How the page looks: on light, on dark, on paper. */
import { type Colour, pageColours, seriesLook } from "../figures/index.ts";

/** Colours of the page beside those of figures. */
const chrome: readonly Colour[] = [
  { name: "page", light: "#f5f6f9", dark: "#0e1116" },
  { name: "sunken", light: "#f0f2f6", dark: "#1e222b" },
  { name: "accent", light: "#005f96", dark: "#6cc0f5" },
  { name: "good", light: "#00694a", dark: "#4fd6ab" },
  { name: "bad", light: "#a83f00", dark: "#ff9f6b" },
];

const declared = (colours: readonly Colour[], key: "light" | "dark"): string =>
  colours.map((colour) => `--${colour.name}:${colour[key]}`).join(";");

/** The style sheet of a page that shows so many policies. */
export function pageStyle(policyCount: number): string {
  const colours = [...chrome, ...pageColours(policyCount)];
  const light = `color-scheme:light;${declared(colours, "light")}`;
  const dark = `color-scheme:dark;${declared(colours, "dark")}`;
  const swatches = Array.from(
    { length: policyCount },
    (_, i) => `[data-series="${i}"]{--series:var(--${seriesLook(i).variable})}`,
  );
  return `:root{${light}}
@media (prefers-color-scheme:dark){:root:not([data-theme="light"]){${dark}}}
:root[data-theme="dark"]{${dark}}
@media print{:root,:root[data-theme="dark"],:root:not([data-theme="light"]){${light}}}
${swatches.join("\n")}
${SHEET}`;
}

const SHEET = `
*{box-sizing:border-box}
html{scroll-behavior:smooth;scroll-padding-top:7.5rem;-webkit-text-size-adjust:100%}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums}
.wrap{max-width:1100px;margin:0 auto;padding:0 24px}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:-999px}
.skip:focus{left:8px;top:8px;z-index:9;background:var(--surface);padding:.5em 1em;border-radius:6px}
a{color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}
h1,h2,h3,h4{line-height:1.25;text-wrap:balance}
h1{font-size:2.4rem;letter-spacing:-.025em;margin:.1em 0 .2em;font-weight:700}
h2{font-size:1.5rem;letter-spacing:-.015em;margin:0 0 .3em}
h3,h4{font-size:1rem;margin:0 0 .4em;font-weight:600}
code{font:.86em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
header.top{padding-block:56px 26px}
.eyebrow{margin:0;color:var(--accent);font-weight:600;font-size:.82rem;letter-spacing:.09em;text-transform:uppercase}
.meta{margin:0;color:var(--ink-soft)}
.bar{position:sticky;top:0;z-index:5;background:color-mix(in srgb,var(--page) 90%,transparent);backdrop-filter:blur(10px);border-block:1px solid var(--rule)}
.bar .wrap{display:flex;flex-direction:column;gap:.35rem;padding-block:.6rem}
.row:first-child{flex-wrap:nowrap;align-items:start}
#scenario{max-width:330px}
.row{display:flex;flex-wrap:wrap;align-items:center;gap:.3rem 1.1rem}
nav ul{display:flex;flex-wrap:wrap;gap:.2rem .95rem;margin:0;padding:0;list-style:none;font-size:.86rem}
nav a{color:var(--ink-soft);text-decoration:none;padding:.1rem 0;border-bottom:2px solid transparent}
nav a:hover,nav a[aria-current]{color:var(--ink);border-color:var(--accent)}
.push{margin-left:auto}
button,select{font:inherit;color:inherit}
.button,select{font-size:.86rem;background:var(--surface);border:1px solid var(--rule);border-radius:8px;padding:.28rem .7rem;cursor:pointer;max-width:100%}
.button:hover,select:hover{border-color:var(--ink-soft)}
fieldset{border:0;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:.3rem .5rem;align-items:center;min-width:0}
legend{float:left;padding:0;margin-right:.4rem}
.choose,.tools legend{font-size:.86rem;color:var(--ink-soft)}
.chip{display:inline-flex;align-items:center;gap:.45em;font-size:.86rem;background:var(--surface);border:1px solid var(--rule);border-radius:99px;padding:.12rem .75rem .12rem .5rem;cursor:pointer}
.chip input{accent-color:var(--series);margin:0}
.chip:has(input:not(:checked)){opacity:.72;text-decoration:line-through}
.swatch{display:inline-block;width:.7em;height:.7em;border-radius:50%;background:var(--series);margin-right:.5em;flex:none}
main section{padding:38px 0 14px;border-bottom:1px solid var(--rule)}
main section:last-of-type{border-bottom:0}
.lead{color:var(--ink-soft);margin:0 0 1.1rem;max-width:72ch}
.verdict{margin:0 0 1.4rem;padding:1.1rem 1.3rem;background:var(--surface);border:1px solid var(--rule);border-left:4px solid var(--accent);border-radius:10px}
ul.verdict{padding-left:2.2rem}
.verdict li{margin:.35rem 0;overflow-wrap:anywhere}
.verdict ul{padding-left:1.2rem;color:var(--ink-soft);font-size:.92rem}
.verdict ul b{color:var(--ink);font-weight:600}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(240px,1fr));gap:16px;margin-bottom:1.4rem}
.card,.figure,.panel{background:var(--surface);border:1px solid var(--rule);border-radius:12px;min-width:0}
.card{padding:1.05rem 1.15rem .9rem}
.card h3{font-size:.86rem;color:var(--ink-soft);font-weight:500;margin:0}
.card .big{font-size:1.9rem;font-weight:650;letter-spacing:-.02em;margin:.1rem 0 .55rem;line-height:1.2}
.card .big small{font-size:.9rem;font-weight:500;letter-spacing:0;color:var(--ink-soft)}
.card ul{list-style:none;margin:0;padding:0;font-size:.8rem}
.card li{display:flex;justify-content:space-between;gap:.6rem;border-top:1px solid var(--rule);padding:.24rem 0}
.card li span{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.card li b{font-weight:500;white-space:nowrap}
.note{margin:.5rem 0 0;font-size:.78rem;color:var(--ink-soft)}
.figures{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:18px;margin-bottom:1.4rem}
.figures.wide{grid-template-columns:minmax(0,1fr)}
@media (max-width:860px){.figures{grid-template-columns:minmax(0,1fr)}h1{font-size:1.8rem}header.top{padding-block:32px 20px}.bar{position:static}}
.figure{margin:0;padding:1.05rem 1.15rem .8rem;position:relative}
.figure[hidden],[data-scenario][hidden]{display:none}
.picture{overflow-x:auto;cursor:default}
.picture svg{display:block;width:100%;height:auto;min-width:300px}
.picture text{font-family:inherit}
@media print{.picture svg{min-width:0}}
.caption{font-size:.82rem;color:var(--ink-soft);margin:.35rem 0 .5rem}
details{font-size:.88rem;border-top:1px solid var(--rule);padding:.45rem 0 .2rem}
summary{cursor:pointer;color:var(--accent);width:fit-content}
details>p{margin:.5rem 0}
.command code,.meta code{background:var(--sunken);border-radius:6px;padding:.2em .5em;overflow-wrap:anywhere;-webkit-box-decoration-break:clone;box-decoration-break:clone}
.files a{margin-right:.6em}
.panel{padding:1.05rem 1.15rem;margin-bottom:1.2rem}
.scroll{overflow:auto;max-height:32rem;margin:.4rem 0;border:1px solid var(--rule);border-radius:8px;background:var(--surface)}
#runs tbody th,#unfinished tbody th{white-space:nowrap}
table{border-collapse:separate;border-spacing:0;width:100%;font-size:.84rem}
th,td{padding:.34rem .75rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--rule)}
tbody tr:last-child>*{border-bottom:0}
thead th{position:sticky;top:0;background:var(--sunken);font-weight:600;vertical-align:bottom}
tbody th{font-weight:500}
.number{text-align:right}
td.number{white-space:nowrap}
th button{all:unset;cursor:pointer;display:inline}
th button:hover{color:var(--accent)}
th button:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
th[aria-sort] button::after{content:" ▲";font-size:.7em}
th[aria-sort=descending] button::after{content:" ▼"}
tr[data-off],li[data-off]{opacity:.35}
.good{color:var(--good)}.bad{color:var(--bad)}
#tip{position:absolute;z-index:8;pointer-events:none;background:var(--ink);color:var(--surface);border-radius:8px;padding:.5rem .7rem;font-size:.8rem;line-height:1.45;box-shadow:0 4px 18px #0003;max-width:340px}
#tip b{display:block;font-weight:600;margin-bottom:.1rem}
#tip span{display:flex;justify-content:space-between;gap:1.2em}
#tip i{filter:brightness(1.15)}
.cross{position:absolute;background:var(--ink-soft);opacity:.55;pointer-events:none;z-index:4}
footer{padding-block:26px 60px;color:var(--ink-soft);font-size:.85rem}
@page{size:A4;margin:14mm}
@media print{
body{background:#fff;font-size:10.5pt}
.bar,.skip,#tip,.cross,.button,.choose{display:none!important}
.figures:not(.wide){grid-template-columns:repeat(2,minmax(0,1fr))}
.wrap{max-width:none;padding:0}
header.top{padding-block:0 10pt}
main section{padding:12pt 0 4pt}
.figure,.card,.panel,.verdict,tr{break-inside:avoid}
h2,h3,h4{break-after:avoid}
.figures{gap:8pt}
.scroll{max-height:none;overflow:visible;border:0}
details:not([open]){display:none}
.card{padding:8pt}.card .big{font-size:15pt}
.cards{grid-template-columns:repeat(4,1fr);gap:8pt}
.card li{display:block}
.print-only{display:block!important}
}
.print-only{display:none}
`;
