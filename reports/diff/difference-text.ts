/** Where two runs part, for people: first the answer, then the inputs, the two sides, the reasons. */
import { secondsText } from "../explain/amount-text.ts";
import { accountLines, type CycleAccount } from "../explain/index.ts";
import type { RunLabels } from "../summary.ts";
import type {
  DecisionSide,
  RunDifference,
  SettingDifference,
  WriteSide,
} from "./run-difference.ts";

/** Settings listed; the rest is counted. */
const SETTINGS_MAX = 12;

export function differenceText(difference: RunDifference): string {
  const { a, b, parting, reasons } = difference;
  const lines = [answer(difference), "", `A: ${labelText(a)}`, `B: ${labelText(b)}`];
  lines.push("", ...inputLines(difference));
  if (parting !== undefined)
    lines.push("", ...sideLines("A", parting.a), "", ...sideLines("B", parting.b));
  if (reasons.length > 0) lines.push("", "Why:", ...reasons.map((reason) => `  - ${reason}`));
  lines.push("", ...writeLines(difference));
  return `${lines.join("\n")}\n`;
}

function answer({ parting, sameDecisions, write }: RunDifference): string {
  if (parting === undefined) {
    const rest = write === undefined ? "All writes are the same, too." : "Some writes differ.";
    return `The two runs made the same ${sameDecisions} decisions. ${rest}`;
  }
  const { a, b } = parting;
  const nth = `The runs part at decision ${sameDecisions + 1}`;
  if (a === undefined || b === undefined)
    return `${nth}: only ${a === undefined ? "B" : "A"} makes another one.`;
  if (a.pod !== b.pod) return `${nth}: A takes up pod ${a.pod}, B ${b.pod}.`;
  if (a.attempt.attempt !== b.attempt.attempt)
    return `${nth}: pod ${a.pod} is at attempt ${a.attempt.attempt} in A, ${b.attempt.attempt} in B.`;
  return `${nth}: pod ${a.pod} goes to ${placeOf(a.attempt)} in A, to ${placeOf(b.attempt)} in B.`;
}

const placeOf = ({ node }: CycleAccount): string => (node === "" ? "no node" : node);

function labelText({ workload, cluster, parameters, policy, seed }: RunLabels): string {
  const varied = Object.entries(parameters ?? {}).map(([path, value]) => `${path}=${value}`);
  return [
    workload,
    ...(cluster === undefined ? [] : [cluster]),
    ...varied,
    policy,
    `seed ${seed}`,
  ].join(" / ");
}

function inputLines({ settings, inputs }: RunDifference): string[] {
  if (settings.length === 0 && inputs.length === 0)
    return ["Their inputs, settings, policy and seed are the same."];
  const lines = inputs.map((text) => `Input file ${text}.`);
  if (settings.length > 0)
    lines.push("What differs:", ...settings.map(settingLine).slice(0, SETTINGS_MAX));
  if (settings.length > SETTINGS_MAX)
    lines.push(`  ... and ${settings.length - SETTINGS_MAX} more`);
  return lines;
}

const settingLine = ({ path, a, b }: SettingDifference): string =>
  `  ${path}: ${valueText(a)} in A, ${valueText(b)} in B`;

function valueText(value: unknown): string {
  const text = value === undefined ? "absent" : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function sideLines(name: string, side: DecisionSide | undefined): string[] {
  if (side === undefined) return [`In ${name}: no further decision.`];
  return [`In ${name}, pod ${side.pod}:`, ...accountLines(side.attempt)];
}

function writeLines({ sameWrites, write, digests }: RunDifference): string[] {
  if (write === undefined)
    return [
      `Writes: all ${sameWrites} are alike.`,
      ...(digests === undefined ? [] : [`Digests: ${digests.a.decisions}, ${digests.a.commits}.`]),
    ];
  return [
    `Writes: the first ${sameWrites} are alike; then`,
    `  A: ${writeText(write.a)}`,
    `  B: ${writeText(write.b)}`,
  ];
}

const VERBS: Readonly<Record<string, string>> = {
  ADDED: "creates",
  MODIFIED: "changes",
  DELETED: "deletes",
};

function writeText(write: WriteSide | undefined): string {
  if (write === undefined) return "no more writes";
  const { timeUs, type, kind, key, detail } = write;
  const more = detail === "" ? "" : ` (${detail})`;
  return `at ${secondsText(timeUs)} ${VERBS[type] ?? type} ${kind} ${key}${more}`;
}
