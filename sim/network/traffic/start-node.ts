/** Where a request starts: the node that `from` means, for a request or client by its number. */
import { type Draws, InputError, type Micros, nearestName } from "../../kernel/index.ts";
import { type NetworkNodes, OUTSIDE } from "../topology/index.ts";
import { targetText } from "./check-traffic.ts";
import { NO_NODE, type TrafficSource } from "./traffic-source.ts";

const WORDS = ["random-node", "each-node", "outside"];

/** Number of the node; -1: outside. Throws InputError when there is no such node by now. */
export function startNode(
  source: TrafficSource,
  number: number,
  nodes: NetworkNodes,
  draws: Draws,
  nowUs: Micros,
): number {
  if (source.node !== NO_NODE) return source.node;
  const { from } = source.settings;
  if (from === "outside") {
    source.node = OUTSIDE;
    return OUTSIDE;
  }
  const { count } = nodes;
  if (count > 0 && from === "each-node") return number % count;
  if (count > 0 && from === "random-node")
    return Math.floor(draws.uniform(source.hash, number) * count);
  const node = nodes.numberOf(from);
  if (node < 0) return refuseStart(source, nodes, nowUs);
  source.node = node;
  return node;
}

function refuseStart({ settings }: TrafficSource, { state }: NetworkNodes, nowUs: Micros): never {
  const where = `traffic to ${targetText(settings)}: from`;
  const at = `${nowUs / 1_000_000} s`;
  if (state.nodes.length === 0) {
    throw new InputError(
      `${where}: no node has joined by ${at}, when the first request is due. ` +
        "Add nodes, or start the traffic later.",
    );
  }
  const { from } = settings;
  const nearest = nearestName(from, [...WORDS, ...state.nodes.map(({ name }) => name)]);
  throw new InputError(
    `${where}: got "${from}", and no node of that name has joined by ${at}; want the name of a ` +
      `node, ${WORDS.slice(0, 2).join(", ")} or outside.` +
      `${nearest === undefined ? "" : ` Did you mean ${nearest}?`}`,
  );
}
