/** A strict reader of OpenMetrics 1.0 text, after the ABNF and the MUSTs of its specification. */

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly time: number;
}

export interface Exposition {
  readonly samples: readonly Sample[];
  /** Over all series that have these labels, at a time. */
  sum(name: string, labels: Readonly<Record<string, string>>, time: number): number;
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"';
const NUMBER = "[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?";
const META = new RegExp(`^# (TYPE|UNIT|HELP) (${NAME}) (.+)$`);
const SAMPLE = new RegExp(
  `^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)?\\})? (${NUMBER}) (${NUMBER})$`,
);

interface Family {
  readonly name: string;
  type: string;
  readonly metas: Set<string>;
  /** Labels of its metrics but `le`, in their order: each stands together. */
  readonly metrics: string[];
  time: number;
  bucket: { bound: number; count: number } | undefined;
}

/** Throws an Error with the line for what is wrong. */
export function parseOpenMetrics(text: string): Exposition {
  if (!text.endsWith("\n# EOF\n")) throw new Error("no # EOF at the end");
  const families = new Map<string, Family>();
  const samples: Sample[] = [];
  let family: Family | undefined;
  for (const line of text.slice(0, -"# EOF\n".length).trimEnd().split("\n")) {
    const meta = META.exec(line);
    if (meta !== null) {
      const [, what = "", name = "", rest = ""] = meta;
      if (family?.name !== name) {
        if (families.has(name)) throw new Error(`families interleave: ${line}`);
        family = newFamily(name);
        families.set(name, family);
      }
      if (family.metas.has(what) || family.metrics.length > 0) throw new Error(`late: ${line}`);
      family.metas.add(what);
      if (what === "TYPE") family.type = rest;
      if (what === "UNIT" && !name.endsWith(`_${rest}`)) throw new Error(`unit: ${line}`);
      continue;
    }
    const found = SAMPLE.exec(line);
    if (found === null) throw new Error(`no line of OpenMetrics: ${line}`);
    const [, name = "", labelsText = "", value = "", time = ""] = found;
    const sample = { name, labels: labelsOf(labelsText), value: Number(value), time: Number(time) };
    if (family === undefined) throw new Error(`no family: ${line}`);
    check(family, sample, line);
    samples.push(sample);
  }
  const sum = (name: string, labels: Readonly<Record<string, string>>, time: number): number =>
    samples
      .filter((each) => each.name === name && each.time === time)
      .filter((each) => Object.entries(labels).every(([key, text]) => each.labels[key] === text))
      .reduce((total, { value }) => total + value, 0);
  return { samples, sum };
}

const newFamily = (name: string): Family => ({
  name,
  type: "",
  metas: new Set(),
  metrics: [],
  time: 0,
  bucket: undefined,
});

function labelsOf(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [, name = "", value = ""] of text.matchAll(/([a-zA-Z0-9_]+)="((?:[^"\\]|\\.)*)"/g)) {
    if (name in labels) throw new Error(`label twice: ${text}`);
    labels[name] = value;
  }
  return labels;
}

function check(family: Family, sample: Sample, line: string): void {
  const wrong = (what: string): never => {
    throw new Error(`${what}: ${line}`);
  };
  const suffixes = { counter: ["_total"], gauge: [""], histogram: ["_bucket", "_count", "_sum"] };
  const suffix = (suffixes[family.type as keyof typeof suffixes] ?? wrong("type")).find(
    (each) => sample.name === `${family.name}${each}`,
  );
  if (suffix === undefined) wrong("not of its family");
  if (family.type !== "gauge" && sample.value < 0) wrong("negative");
  const { le, ...others } = sample.labels;
  const metric = JSON.stringify(others);
  if (family.metrics.at(-1) !== metric) {
    if (family.metrics.includes(metric)) wrong("metrics interleave");
    family.metrics.push(metric);
    family.time = Number.NEGATIVE_INFINITY;
  }
  const isFirst =
    family.type !== "histogram" || (suffix === "_bucket" && family.bucket === undefined);
  if (isFirst ? sample.time <= family.time : sample.time !== family.time) wrong("time");
  family.time = sample.time;
  if (family.type !== "histogram") return;
  const count = family.bucket?.count ?? 0;
  if (suffix === "_bucket") {
    const bound = le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le);
    if (!/^(?:\+Inf|\d+\.\d+|\d+(?:\.\d+)?e-\d+)$/.test(le ?? "")) wrong("form of le");
    if (bound <= (family.bucket?.bound ?? -1) || sample.value < count) wrong("buckets");
    family.bucket = { bound, count: sample.value };
  } else {
    if (family.bucket?.bound !== Number.POSITIVE_INFINITY) wrong("no bucket +Inf");
    if (suffix === "_count" && sample.value !== count) wrong("count is not its buckets'");
    if (suffix === "_sum") family.bucket = undefined;
  }
}
