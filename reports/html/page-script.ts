/**
 * What the page does beyond showing: theme, scenario, metric, policies, sorting, values under the
 * pointer. Plain script of the browser, as text; without it everything is shown at once.
 */
export const pageScript = String.raw`"use strict";
(() => {
const all = (query, root = document) => [...root.querySelectorAll(query)];
const root = document.documentElement;
const data = JSON.parse(document.getElementById("hover-data").textContent);

const theme = document.getElementById("theme");
const system = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => root.dataset.theme ? root.dataset.theme === "dark" : system.matches;
const nameTheme = () => { theme.textContent = isDark() ? "Light" : "Dark"; };
theme.hidden = false;
theme.addEventListener("click", () => { root.dataset.theme = isDark() ? "light" : "dark"; nameTheme(); });
system.addEventListener("change", nameTheme);
nameTheme();

const scenario = document.getElementById("scenario");
const showScenario = () => {
  for (const block of all("[data-scenario]")) block.hidden = block.dataset.scenario !== scenario.value;
};
if (scenario) { scenario.addEventListener("change", showScenario); showScenario(); }

for (const chooser of all("select[data-chooses]")) {
  const figures = all("[data-choice]", document.getElementById(chooser.dataset.chooses));
  const show = () => { for (const f of figures) f.hidden = f.dataset.choice !== chooser.value; };
  const choose = () => {
    const same = all("select[data-chooses]").filter((s) => s.dataset.of === chooser.dataset.of && s !== chooser);
    for (const s of same) if ([...s.options].some((o) => o.value === chooser.value)) { s.value = chooser.value; s.dispatchEvent(new Event("follow")); }
    show();
  };
  chooser.addEventListener("change", choose);
  chooser.addEventListener("follow", show);
  chooser.closest(".choose").hidden = false;
  show();
}

const dimmed = document.createElement("style");
document.head.append(dimmed);
const boxes = all("[data-toggles]");
const showPolicies = () => {
  const off = new Set(boxes.filter((box) => !box.checked).map((box) => box.dataset.toggles));
  dimmed.textContent = [...off].map((place) => {
    const name = "var(--" + data.series[place].variable + ")";
    return '.picture svg [stroke="' + name + '"],.picture svg [fill="' + name + '"]{opacity:.06!important}';
  }).join("");
  for (const row of all("[data-policy]")) row.toggleAttribute("data-off", off.has(row.dataset.policy));
};
for (const box of boxes) box.addEventListener("change", showPolicies);
document.getElementById("policies").hidden = boxes.length < 2;

for (const button of all("button[data-sort]")) button.addEventListener("click", () => {
  const head = button.closest("th"), body = button.closest("table").tBodies[0], column = head.cellIndex;
  const down = head.getAttribute("aria-sort") === "ascending";
  for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const keyed = [...body.rows].map((row, place) => {
    const text = row.cells[column].textContent;
    return { row, place, text, number: text === "" ? NaN : Number(text) };
  });
  const isNumeric = keyed.every(({ text, number }) => text === "" || !Number.isNaN(number));
  const order = (a, b) => isNumeric
    ? (Number.isNaN(a.number) - Number.isNaN(b.number)) || (down ? b.number - a.number : a.number - b.number) || a.place - b.place
    : (a.text < b.text ? -1 : a.text > b.text ? 1 : 0) * (down ? -1 : 1) || a.place - b.place;
  keyed.sort(order);
  body.append(...keyed.map(({ row }) => row));
});

const filter = document.getElementById("filter-runs");
if (filter) {
  filter.closest(".choose").hidden = false;
  filter.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of all("#runs tbody tr")) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      if (!row.hidden) shown++;
    }
    document.getElementById("filter-count").textContent = shown + " shown";
  });
}

const tip = document.createElement("div");
tip.id = "tip"; tip.hidden = true; tip.setAttribute("role", "status");
const cross = document.createElement("div");
cross.className = "cross"; cross.hidden = true;
document.body.append(tip, cross);
const hide = () => { tip.hidden = cross.hidden = true; };
const show = (picture, place) => {
  const figure = data.figures[picture.dataset.hover];
  const svg = picture.querySelector("svg"), box = svg.getBoundingClientRect();
  const scale = box.width / svg.viewBox.baseVal.width;
  const isX = figure.axis === "x", at = figure.pixels[place] * scale;
  const lines = figure.series
    .filter(({ index, values }) => values[place] !== "" && !boxes.some((b) => b.dataset.toggles === String(index) && !b.checked))
    .map(({ index, values }) => {
      const line = document.createElement("span"), name = document.createElement("span"), dot = document.createElement("i");
      dot.className = "swatch"; dot.dataset.series = index;
      name.style.justifyContent = "start"; name.style.gap = "0"; name.style.alignItems = "center";
      name.append(dot, data.series[index].policy);
      line.append(name, values[place]);
      return line;
    });
  const title = document.createElement("b");
  title.textContent = figure.labels[place];
  tip.replaceChildren(title, ...lines);
  tip.hidden = cross.hidden = false;
  const left = box.left + scrollX, top = box.top + scrollY;
  const x = isX ? left + at : left + box.width * .6, y = isX ? top + box.height * .35 : top + at;
  const fits = x + 16 + tip.offsetWidth < scrollX + root.clientWidth - 8;
  tip.style.left = (fits ? x + 16 : Math.max(scrollX + 8, x - 16 - tip.offsetWidth)) + "px";
  tip.style.top = y + 14 + "px";
  Object.assign(cross.style, isX
    ? { left: left + at + "px", top: top + "px", width: "1px", height: box.height - 34 * scale + "px" }
    : { left: left + "px", top: top + at + "px", width: box.width + "px", height: "1px" });
  picture.dataset.place = place;
};
const nearest = (pixels, at) => pixels.reduce((best, pixel, place) =>
  Math.abs(pixel - at) < Math.abs(pixels[best] - at) ? place : best, 0);
for (const picture of all("[data-hover]")) {
  const figure = data.figures[picture.dataset.hover];
  picture.addEventListener("pointermove", (event) => {
    const svg = picture.querySelector("svg"), box = svg.getBoundingClientRect();
    const scale = box.width / svg.viewBox.baseVal.width;
    const at = (figure.axis === "x" ? event.clientX - box.left : event.clientY - box.top) / scale;
    show(picture, nearest(figure.pixels, at));
  });
  picture.addEventListener("pointerleave", hide);
  picture.addEventListener("blur", hide);
  picture.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (event.key === "Escape") hide();
    if (!step) return;
    event.preventDefault();
    const last = figure.pixels.length - 1, from = picture.dataset.place;
    show(picture, from === undefined ? 0 : Math.min(last, Math.max(0, Number(from) + step)));
  });
}

const links = all("nav a");
const seen = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) if (isIntersecting)
    for (const link of links) {
      if (link.hash === "#" + target.id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
}, { rootMargin: "-20% 0px -70% 0px" });
for (const section of all("main section")) seen.observe(section);
addEventListener("beforeprint", () => { hide(); });
})();
`;
