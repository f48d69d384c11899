/** What one scheduling cycle weighed, as lines for people. */
import { amountText, counted, listed, quantityText, secondsText } from "./amount-text.ts";
import type {
  AskedNode,
  CycleAccount,
  NodeScore,
  PreemptionAccount,
  ScorePart,
} from "./pod-story.ts";
import type { RemedyGroup } from "./remedies.ts";
import { textTable } from "./text-table.ts";

/** More nodes than that have a line each in the score table, fewer a column. */
const COLUMNS_MAX = 6;

export function accountLines(account: CycleAccount): string[] {
  const { attempt, timeUs, profile, node, message, preemption, asked } = account;
  const outcome = node === "" ? "no node will do" : `node ${node}`;
  const by = profile === "default-scheduler" ? "" : ` (scheduler ${profile})`;
  const lines = [`Attempt ${attempt} at ${secondsText(timeUs)}${by}: ${outcome}.`];
  if (message !== "") lines.push(`  ${message}`);
  lines.push(`  ${lookedAt(account)}`, ...rejectionLines(account));
  if (node === "") lines.push(...remedyLines(account));
  lines.push(...scoreLines(account));
  if (preemption !== undefined) lines.push(...preemptionLines(preemption));
  if (asked !== undefined) lines.push(...askedLines(asked));
  return lines;
}

function lookedAt({
  nodes,
  evaluatedNodes,
  feasibleNodes,
  isNominatedNodeOnly,
  unseen,
  scorers,
}: CycleAccount): string {
  if (isNominatedNodeOnly) return "It had been nominated to this node: no other was looked at.";
  if (unseen.count === 0) return `${feasibleNodes} of ${counted(nodes, "node")} fit.`;
  const why = scorers.length === 0 ? "no plugin scores" : "percentageOfNodesToScore";
  return (
    `Looked at ${evaluatedNodes} of ${nodes} nodes: ${feasibleNodes} fit, which is enough ` +
    `(${why}).\n  Not looked at: ${unseen.count} (${listed(unseen.examples, unseen.count)}), ` +
    `of which ${unseen.fitting} fit.`
  );
}

function rejectionLines({ rejections, preFilter, excludedNodes, unseen }: CycleAccount): string[] {
  const lines: string[] = [];
  if (preFilter !== undefined)
    lines.push(`  ${preFilter.plugin} rejected it on every node: ${preFilter.reasons.join(", ")}`);
  if (excludedNodes > 0) lines.push(`  A preFilter left out ${counted(excludedNodes, "node")}.`);
  if (rejections.length === 0) return lines;
  const rows = rejections.map(({ count, plugin, reason, examples }) => [
    String(count),
    plugin,
    reason,
    listed(examples, count),
  ]);
  const isOverlapping = rejections.some(({ count, firstCount }) => count !== firstCount);
  lines.push("", ...textTable(["nodes", "filter", "reason", "such as"], rows, ["right"]));
  if (isOverlapping)
    lines.push(
      "  (A node that several filters reject is counted in each; the scheduler asks up to the first.)",
    );
  if (unseen.count > 0) lines.push("  (Nodes that were not looked at are counted, too.)");
  return lines;
}

/** What would have to change for the pod to fit, the largest group of nodes first. */
function remedyLines({ remedies }: CycleAccount): string[] {
  if (remedies === undefined || remedies.groups.length === 0) return [];
  const { groups, nearest } = remedies;
  const lines = ["", "  It would fit with", ...groups.map((group) => `    - ${remedyText(group)}`)];
  if (nearest !== undefined && groups.length > 1)
    lines.push(`  It lacks least on ${nearest.node}: ${nearest.needs.join(", and ")}.`);
  return lines;
}

function remedyText({ count, examples, needs, lacking }: RemedyGroup): string {
  const amounts = lacking.map(({ resource, least, most }) =>
    least === most
      ? `${amountText(resource, least)} more`
      : `${quantityText(resource, least)} to ${amountText(resource, most)} more`,
  );
  const on = `on ${counted(count, "node")} (${listed(examples, count)})`;
  return `${[...amounts, ...needs].join(", and ")} ${on}`;
}

function scoreLines(account: CycleAccount): string[] {
  const { scorers, scores, tie, unseen, feasibleNodes } = account;
  if (scores.length === 0) return [];
  if (account.isNominatedNodeOnly) return [];
  if (feasibleNodes === 1) return ["  Only one node fits: it is not scored."];
  const lines = ["", ...(scores.length <= COLUMNS_MAX ? pluginRows(account) : nodeRows(account))];
  const isScaled = scores.some(({ parts }) =>
    parts.some((part) => part !== undefined && part.raw !== part.normalized),
  );
  if (isScaled)
    lines.push("  (0..100 times weight; in brackets what the plugin gave, where that differs.)");
  const skipped = scorers.filter(({ isSkipped }) => isSkipped).map(({ plugin }) => plugin);
  if (skipped.length > 0) lines.push(`  Without a say about this pod: ${skipped.join(", ")}.`);
  lines.push(`  ${bestText(scores, tie)}`);
  if (unseen.count > 0) lines.push("  Only the nodes that were looked at are scored.");
  return lines;
}

/** A line per plugin and a column per node: for a few nodes. */
function pluginRows({ scorers, scores }: CycleAccount): string[] {
  const heads = ["score", "weight", ...scores.map(headOf)];
  const rows = scorers.flatMap(({ plugin, weight, isSkipped }, i) =>
    isSkipped
      ? []
      : [[plugin, String(weight), ...scores.map(({ parts }) => scoreText(parts[i], weight))]],
  );
  const totals = ["total", "", ...scores.map(({ total }) => String(total))];
  return textTable(heads, [...rows, totals], alignsOf(heads));
}

/** A line per node: for many. */
function nodeRows({ scorers, scores }: CycleAccount): string[] {
  const asked = scorers
    .map((scorer, i) => ({ ...scorer, i }))
    .filter(({ isSkipped }) => !isSkipped);
  const heads = ["node", "total", ...asked.map(({ plugin, weight }) => `${plugin} x${weight}`)];
  const rows = scores.map((score) => [
    headOf(score),
    String(score.total),
    ...asked.map(({ i, weight }) => scoreText(score.parts[i], weight)),
  ]);
  return textTable(heads, rows, alignsOf(heads));
}

const headOf = ({ node, isChosen }: NodeScore): string => (isChosen ? `*${node}` : node);

const alignsOf = (heads: readonly string[]) =>
  heads.map((_, i) => (i === 0 ? "left" : "right") as "left" | "right");

function bestText(scores: readonly NodeScore[], tie: CycleAccount["tie"]): string {
  if (tie === undefined) {
    const [best, second] = scores;
    if (best === undefined || second === undefined) return "One node has the best total.";
    return `${best.node} has the best total, ${best.total - second.total} ahead of ${second.node}.`;
  }
  const { count, examples, draw, index } = tie;
  const names = `${counted(count, "node")} share the best total (${listed(examples, count)})`;
  return draw === undefined
    ? `${names}: the lowest name is taken.`
    : `${names}: the draw ${draw.toFixed(4)} takes number ${index + 1} of them.`;
}

/** `3 x 90 (1234)`: weight, normalised score, and the plugin's own where it was another. */
function scoreText(part: ScorePart | undefined, weight: number): string {
  if (part === undefined) return "-";
  const { normalized, raw, weighted } = part;
  const own = raw === normalized ? "" : ` (${raw})`;
  return weight === 1 ? `${normalized}${own}` : `${weighted} = ${weight} x ${normalized}${own}`;
}

function preemptionLines(account: PreemptionAccount): string[] {
  const { message, candidates, candidateCount, reason, nominatedNode } = account;
  const [chosen] = candidates;
  if (nominatedNode === "" || chosen === undefined)
    return message === "" ? [] : ["", `  Nobody is preempted: ${message}`];
  const victims = chosen.victims.map(({ pod, priority }) => `${pod} (priority ${priority})`);
  const lines = [
    "",
    `  It preempts ${victims.join(", ")} on ${nominatedNode}, and is nominated to it.`,
  ];
  if (candidateCount === 1) lines.push("  On no other node would preemption help.");
  else lines.push(`  Preemption would help on ${candidateCount} nodes; this one since ${reason}.`);
  const others = candidates.slice(1);
  if (others.length > 0)
    lines.push(
      ...textTable(
        ["other", "budgets broken", "highest priority", "victims"],
        others.map(({ node, budgetViolations, highestPriority, victims: pods }) => [
          node,
          String(budgetViolations),
          String(highestPriority),
          listed(
            pods.slice(0, 3).map(({ pod }) => pod),
            pods.length,
          ),
        ]),
        ["left", "right", "right"],
      ),
    );
  return lines;
}

function askedLines({ node, verdict, rejections, rank, total, room }: AskedNode): string[] {
  const what = {
    chosen: "was chosen",
    fits: `fits${rank === undefined ? "" : `: place ${rank}, total ${total}`}`,
    rejected: "does not fit",
    "left-out": "was left out by a preFilter",
    unseen: "fits, but was not looked at",
    unknown: "was not known to the scheduler",
  }[verdict];
  const lines = ["", `  Node ${node} ${what}.`];
  for (const { plugin, reason } of rejections) lines.push(`    ${plugin}: ${reason}`);
  for (const { resource, requested, free } of room)
    lines.push(
      `    ${resource}: asks for ${quantityText(resource, requested)}, ` +
        `${quantityText(resource, free)} free${requested > free ? " (lacks)" : ""}`,
    );
  return lines;
}
