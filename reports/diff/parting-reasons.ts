/** Why two runs part: what can be read off the two sides of their first different decision. */
import { amountText, counted, listed, quantityText, secondsText } from "../explain/amount-text.ts";
import type { CycleAccount } from "../explain/index.ts";
import type { NodeLoad } from "./node-load.ts";
import type { ToldDecision } from "./onlooker.ts";
import type { Places } from "./pod-places.ts";

/** Pods and nodes that are named; the rest is counted. */
const NAMES_MAX = 5;

/** The most telling first. `undefined`: that run made no more decisions. */
export function partingReasons(a: ToldDecision | undefined, b: ToldDecision | undefined): string[] {
  if (a === undefined || b === undefined) return [];
  const [inA, inB] = [a.side.attempt, b.side.attempt];
  if (a.side.pod !== b.side.pod)
    return [...queueReasons(a, b), ...timeReasons(inA, inB), ...clusterReasons(a, b)];
  return [
    ...pluginReasons(inA, inB),
    ...fitReasons(inA, inB),
    ...scoreReasons(inA, inB),
    ...chanceReasons(inA, inB),
    ...nodeReasons(a, b),
    ...clusterReasons(a, b),
    ...timeReasons(inA, inB),
  ];
}

/** `is bound to n1 at 3.000 s`, or that there is no such pod. */
function whereText(places: Places, pod: string): string {
  const place = places.get(pod);
  return place === undefined ? "does not exist" : `is ${place}`;
}

/** Each side takes up another pod: where the other's pod is meanwhile. */
function queueReasons(a: ToldDecision, b: ToldDecision): string[] {
  const [podA, podB] = [a.side.pod, b.side.pod];
  return [
    `when A takes up ${podA}, ${podB} ${whereText(a.places, podB)} there`,
    `when B takes up ${podB}, ${podA} ${whereText(b.places, podA)} there`,
  ];
}

function pluginReasons(a: CycleAccount, b: CycleAccount): string[] {
  const weights = (account: CycleAccount) =>
    new Map(account.scorers.map(({ plugin, weight }) => [plugin, weight]));
  const [inA, inB] = [weights(a), weights(b)];
  if (inA.size === 0 || inB.size === 0) return []; // nothing was scored
  return [...new Set([...inA.keys(), ...inB.keys()])].flatMap((plugin) => {
    const [one, other] = [inA.get(plugin), inB.get(plugin)];
    if (one === other) return [];
    if (one === undefined) return [`score plugin ${plugin} is in B only`];
    if (other === undefined) return [`score plugin ${plugin} is in A only`];
    return [`score plugin ${plugin} weighs ${one} in A and ${other} in B`];
  });
}

/** A side's node that the other's filters reject, or that the other did not look at. */
function fitReasons(a: CycleAccount, b: CycleAccount): string[] {
  const sides = [
    ["A", a],
    ["B", b],
  ] as const;
  const reasons = sides.flatMap(([name, { asked }]) => {
    if (asked === undefined) return [];
    if (asked.verdict === "rejected")
      return asked.rejections.map(
        ({ plugin, reason }) => `in ${name} ${asked.node} does not fit: ${plugin}: ${reason}`,
      );
    if (asked.verdict === "unseen") return [`in ${name} ${asked.node} was not looked at`];
    if (asked.verdict === "left-out") return [`in ${name} a preFilter left out ${asked.node}`];
    return asked.verdict === "unknown" ? [`in ${name} there is no node ${asked.node}`] : [];
  });
  if (a.feasibleNodes !== b.feasibleNodes)
    reasons.push(`${counted(a.feasibleNodes, "node")} fit in A, ${b.feasibleNodes} in B`);
  return reasons;
}

/** How the two chosen nodes compare on each side, and which plugins make the difference. */
function scoreReasons(a: CycleAccount, b: CycleAccount): string[] {
  if (a.node === "" || b.node === "" || a.node === b.node) return [];
  const marginA = marginOf(a, a.node, b.node);
  const marginB = marginOf(b, a.node, b.node);
  const totals = (
    [
      ["A", a],
      ["B", b],
    ] as const
  ).flatMap(([name, account]) => totalText(name, account, [a.node, b.node]));
  if (marginA === undefined || marginB === undefined) return totals;
  const plugins = [...new Set([...marginA.keys(), ...marginB.keys()])];
  const parts = plugins.flatMap((plugin) => {
    const [one, other] = [marginA.get(plugin) ?? 0, marginB.get(plugin) ?? 0];
    if (one === other) return [];
    return [
      `${plugin} puts ${a.node} ${leadText(one, b.node)} in A, ${leadText(other, b.node)} in B`,
    ];
  });
  return [...totals, ...parts];
}

const leadText = (points: number, rival: string): string =>
  points === 0 ? `level with ${rival}` : `${Math.abs(points)} ${points > 0 ? "above" : "below"} it`;

function totalText(name: string, { scores }: CycleAccount, nodes: readonly string[]): string[] {
  const known = nodes.flatMap((node) => scores.find((score) => score.node === node) ?? []);
  if (known.length < 2) return [];
  return [`in ${name} ${known.map(({ node, total }) => `${node} scores ${total}`).join(", ")}`];
}

/** By plugin: weighted score of one node less that of the other. */
function marginOf(
  { scores, scorers }: CycleAccount,
  node: string,
  rival: string,
): Map<string, number> | undefined {
  const own = scores.find((score) => score.node === node);
  const other = scores.find((score) => score.node === rival);
  if (own === undefined || other === undefined) return undefined;
  return new Map(
    scorers.map(({ plugin }, i) => [
      plugin,
      (own.parts[i]?.weighted ?? 0) - (other.parts[i]?.weighted ?? 0),
    ]),
  );
}

function chanceReasons(a: CycleAccount, b: CycleAccount): string[] {
  const reasons: string[] = [];
  if (a.evaluatedNodes !== b.evaluatedNodes)
    reasons.push(`A looked at ${counted(a.evaluatedNodes, "node")}, B at ${b.evaluatedNodes}`);
  const [tieA, tieB] = [a.tie, b.tie];
  if (tieA === undefined && tieB === undefined) return reasons;
  const text = (name: string, tie: CycleAccount["tie"]): string =>
    tie === undefined
      ? `no tie in ${name}`
      : `${name} takes number ${tie.index + 1} of ${tie.count} equals` +
        (tie.draw === undefined ? " (the lowest name)" : ` by the draw ${tie.draw.toFixed(4)}`);
  reasons.push(`${text("A", tieA)}; ${text("B", tieB)}`);
  return reasons;
}

/** The two chosen nodes, where they hold other pods. */
function nodeReasons(a: ToldDecision, b: ToldDecision): string[] {
  const nodes = new Set([a.side.attempt.node, b.side.attempt.node]);
  return [...nodes].flatMap((node) => {
    const [inA, inB] = [a.loads.get(node), b.loads.get(node)];
    if (inA === undefined || inB === undefined) return [];
    const traits = inA.traits === inB.traits ? [] : [`${node} has other labels or taints in B`];
    return [
      ...traits,
      ...freeReasons(node, inA, inB),
      ...podReasons(node, inA, inB, b.places, "A"),
      ...podReasons(node, inB, inA, a.places, "B"),
    ];
  });
}

function freeReasons(node: string, a: NodeLoad, b: NodeLoad): string[] {
  return [...a.free].flatMap(([resource, inA]) => {
    const inB = b.free.get(resource) ?? 0;
    if (inA === inB) return [];
    const difference = amountText(resource, Math.abs(inB - inA));
    return [
      `${node} has ${difference} ${inB < inA ? "less" : "more"} free in B ` +
        `(${quantityText(resource, inA)} in A, ${quantityText(resource, inB)} in B)`,
    ];
  });
}

/** Pods that are on the node in `name` only; `places`: where they are in the other run. */
function podReasons(
  node: string,
  here: NodeLoad,
  there: NodeLoad,
  places: Places,
  name: "A" | "B",
): string[] {
  const other = name === "A" ? "B" : "A";
  const only = [...here.pods.keys()].filter((pod) => !there.pods.has(pod)).sort();
  const lines = only
    .slice(0, NAMES_MAX)
    .map((pod) => `${pod} is on ${node} in ${name} only: in ${other} it ${whereText(places, pod)}`);
  if (only.length > NAMES_MAX)
    lines.push(`... and ${only.length - NAMES_MAX} more pods that are on ${node} in ${name} only`);
  return lines;
}

/** How many nodes hold other pods. */
function clusterReasons(a: ToldDecision, b: ToldDecision): string[] {
  const names = [...new Set([...a.loads.keys(), ...b.loads.keys()])].sort();
  const other = names.filter((name) => podsText(a.loads.get(name)) !== podsText(b.loads.get(name)));
  if (other.length === 0) return [];
  return [
    `${counted(other.length, "node")} with other pods: ` +
      listed(other.slice(0, NAMES_MAX), other.length),
  ];
}

const podsText = (load: NodeLoad | undefined): string =>
  load === undefined ? "no node" : [...load.pods.keys()].sort().join();

function timeReasons(a: CycleAccount, b: CycleAccount): string[] {
  return a.timeUs === b.timeUs
    ? []
    : [`A decides at ${secondsText(a.timeUs)}, B at ${secondsText(b.timeUs)}`];
}
