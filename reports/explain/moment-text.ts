/** A cluster, or one node of it, at a moment: for people. */

import { quantityText, secondsText } from "./amount-text.ts";
import type { ClusterMoment, NodeMoment } from "./moment.ts";
import { textTable } from "./text-table.ts";

/** Nodes listed; the fullest come first. */
const NODES_MAX = 20;

export function momentText(moment: ClusterMoment, run: string): string {
  const { timeUs, nodes, phases, queues, waiting } = moment;
  const ready = nodes.filter(({ isReady }) => isReady).length;
  const counts = Object.keys(phases)
    .sort()
    .map((phase) => `${phases[phase]} ${phase}`)
    .join(", ");
  const lines = [
    `At ${secondsText(timeUs)}: ${nodes.length} nodes, ${ready} of them ready; pods: ${counts || "none"}.`,
    `Run: ${run}`,
    "",
    ...totalLines(nodes),
  ];
  if (queues.length > 0) lines.push("", ...queueTable(queues));
  if (waiting.length > 0) {
    lines.push("", "Pods that wait for a node:");
    for (const { count, message, examples } of waiting)
      lines.push(`  ${count} such as ${examples.join(", ")}: ${message}`);
  }
  const fullest = [...nodes].sort((a, b) => share(b) - share(a) || (a.name < b.name ? -1 : 1));
  lines.push("", ...nodeTable(fullest.slice(0, NODES_MAX)));
  if (nodes.length > NODES_MAX)
    lines.push(`  ... and ${nodes.length - NODES_MAX} more; --node NAME tells about one.`);
  return `${lines.join("\n")}\n`;
}

export function nodeMomentText(node: NodeMoment, { timeUs }: ClusterMoment, run: string): string {
  const { name, isReady, isCordoned, conditions, taints, resources, pods } = node;
  const state = `${isReady ? "ready" : "not ready"}${isCordoned ? ", cordoned" : ""}`;
  const lines = [
    `Node ${name} at ${secondsText(timeUs)}: ${state}, ${pods.length} pods.`,
    `Run: ${run}`,
    ...(conditions.length === 0 ? [] : [`Conditions: ${conditions.join(", ")}`]),
    ...(taints.length === 0 ? [] : [`Taints: ${taints.join(", ")}`]),
    "",
    ...textTable(
      ["resource", "requested", "free", "of", "share"],
      resources.map(({ resource, requested, allocatable }) => [
        resource,
        quantityText(resource, requested),
        quantityText(resource, allocatable - requested),
        quantityText(resource, allocatable),
        percent(requested, allocatable),
      ]),
      ["left", "right", "right", "right", "right"],
    ),
  ];
  if (pods.length > 0)
    lines.push(
      "",
      ...textTable(
        ["pod", "phase", "since", "priority", "requests"],
        pods.map(({ pod, phase, startTime, priority, requests }) => [
          pod,
          phase,
          startTime,
          String(priority),
          Object.entries(requests)
            .map(([resource, amount]) => `${quantityText(resource, amount)} ${resource}`)
            .join(", "),
        ]),
        ["left", "left", "left", "right"],
      ),
    );
  return `${lines.join("\n")}\n`;
}

/** The scheduler's queues. */
function queueTable(queues: ClusterMoment["queues"]): string[] {
  const rows = queues.map(({ queue, count, examples }) => {
    const [first] = examples;
    const since =
      first === undefined
        ? ""
        : `${first.pod}, since ${secondsText(first.sinceUs)} (${first.event})`;
    return [queue, String(count), since];
  });
  return textTable(["queue", "pods", "longest in it"], rows, ["left", "right"]);
}

/** The sums over all nodes, a line per resource. */
function totalLines(nodes: readonly NodeMoment[]): string[] {
  const totals = new Map<string, { requested: number; allocatable: number }>();
  for (const { resources } of nodes)
    for (const { resource, requested, allocatable } of resources) {
      const total = totals.get(resource) ?? { requested: 0, allocatable: 0 };
      totals.set(resource, total);
      total.requested += requested;
      total.allocatable += allocatable;
    }
  const rows = [...totals].map(([resource, { requested, allocatable }]) => [
    resource,
    quantityText(resource, requested),
    quantityText(resource, allocatable),
    percent(requested, allocatable),
  ]);
  return textTable(["resource", "requested", "of", "share"], rows, [
    "left",
    "right",
    "right",
    "right",
  ]);
}

function nodeTable(nodes: readonly NodeMoment[]): string[] {
  const rows = nodes.map((node) => [
    node.name,
    node.isReady ? (node.isCordoned ? "cordoned" : "ready") : "not ready",
    String(node.pods.length),
    node.resources
      .filter(({ allocatable, resource }) => allocatable > 0 && resource !== "pods")
      .map(
        ({ resource, requested, allocatable }) => `${resource} ${percent(requested, allocatable)}`,
      )
      .join(", "),
  ]);
  return textTable(["node", "state", "pods", "requested"], rows, ["left", "left", "right"]);
}

/** How full a node is: its fullest resource. */
const share = ({ resources }: NodeMoment): number =>
  resources.reduce(
    (most, { requested, allocatable }) =>
      allocatable === 0 ? most : Math.max(most, requested / allocatable),
    0,
  );

const percent = (part: number, whole: number): string =>
  whole === 0 ? "-" : `${((100 * part) / whole).toFixed(0)} %`;
