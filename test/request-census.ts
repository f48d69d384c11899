/** Counts requests where they are, in events, queues and pods, apart from what their edges count. */
import type { KernelSnapshot } from "../sim/kernel/index.ts";
import { Call, type Edge } from "../sim/network/call/index.ts";

export interface Census {
  readonly sent: number;
  readonly ended: number;
  /** Calls that are somewhere and have not ended. */
  readonly inFlight: number;
}

/** Everything of a run that may hold a request: the queue of events and the network's states. */
export function census({ image, isShared }: KernelSnapshot): Census {
  const { edges } = image.states.get("network/calls") as { edges: readonly Edge[] };
  let sent = 0;
  let ended = 0;
  for (const edge of edges) {
    sent += edge.sent;
    ended += edge.answered + edge.failed;
  }
  const roots: unknown[] = [image.events.map(({ a, b }) => [a, b])];
  for (const [name, state] of image.states) if (name.startsWith("network/")) roots.push(state);
  return { sent, ended, inFlight: liveCalls(roots, isShared) };
}

function liveCalls(roots: readonly unknown[], isShared: (object: object) => boolean): number {
  const seen = new Set<object>();
  const left = [...roots];
  let live = 0;
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next !== "object" || next === null || seen.has(next) || isShared(next)) continue;
    seen.add(next);
    if (ArrayBuffer.isView(next)) continue;
    if (next instanceof Call && !next.isOver) live++;
    if (next instanceof Map) left.push(...next.keys(), ...next.values());
    else if (next instanceof Set) left.push(...next);
    else left.push(...Object.values(next));
  }
  return live;
}
