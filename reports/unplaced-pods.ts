/** UnplacedPods: the pods of a run that were never bound to a node, grouped by why. */
import type { Node, Trace } from "../sim/api/index.ts";
import type { PodJourney } from "./pod-journey.ts";
import type { PodJourneys } from "./pod-journeys.ts";
import { resourceAmount } from "./pod-requests.ts";
import { podReason } from "./pods-recorder.ts";
import { NEVER } from "./row.ts";

/** Pods that were left out for reasons that differ in their numbers only. */
export interface UnplacedGroup {
  readonly pods: number;
  /** `namespace/name` of the first of them, in order of creation or deletion. */
  readonly first: string;
  /** Why that one was left out, in words. */
  readonly why: string;
  /** It asks for more than any node has had: no policy could have placed it. */
  readonly isTooLarge: boolean;
}

export class UnplacedPods {
  /** Most that any node has had of each resource. */
  readonly #largest = new Map<string, number>();
  readonly #groups = new Map<string, { -readonly [K in keyof UnplacedGroup]: UnplacedGroup[K] }>();

  attach(trace: Trace, journeys: PodJourneys): void {
    trace.committed.subscribe(({ record, object }) => {
      if (record.kind === "Node") this.#nodeSeen(object as Node);
    });
    journeys.observe({ closed: (journey) => this.#podClosed(journey) });
  }

  /** The largest group first; equal ones by their words. */
  groups(): UnplacedGroup[] {
    const groups = [...this.#groups.entries()];
    groups.sort(([a, x], [b, y]) => y.pods - x.pods || (a < b ? -1 : 1));
    return groups.map(([, group]) => ({ ...group }));
  }

  #nodeSeen(node: Node): void {
    for (const [resource, quantity] of Object.entries(node.status.allocatable ?? {})) {
      const amount = resourceAmount(resource, quantity);
      if (amount > (this.#largest.get(resource) ?? 0)) this.#largest.set(resource, amount);
    }
  }

  #podClosed(journey: PodJourney): void {
    if (journey.boundUs !== NEVER) return;
    const tooLarge = this.#tooLarge(journey);
    const why = tooLarge ?? podReason(journey);
    const key = why.replaceAll(/\d+/g, "0");
    const group = this.#groups.get(key);
    if (group !== undefined) {
      group.pods++;
      return;
    }
    const first = `${journey.namespace}/${journey.name}`;
    this.#groups.set(key, { pods: 1, first, why, isTooLarge: tooLarge !== undefined });
  }

  /** What it asks for in vain, and what to do about it; undefined: nothing by itself. */
  #tooLarge({ requests }: PodJourney): string | undefined {
    for (const [resource, amount] of requests) {
      const largest = this.#largest.get(resource) ?? 0;
      if (amount <= largest) continue;
      const asks = `asks ${resource} ${amountText(resource, amount)}`;
      if (largest === 0)
        return `${asks}, no node has any: add a node that has it or take out the request`;
      const most = amountText(resource, largest);
      return `${asks}, the largest node has ${most}: add a larger node or lower the request`;
    }
    return undefined;
  }
}

const BYTE_UNITS = ["", "Ki", "Mi", "Gi", "Ti", "Pi"] as const;

/** An amount as a manifest would say it: `500m`, `4`, `8Gi`. */
function amountText(resource: string, amount: number): string {
  if (resource === "cpu") return amount % 1000 === 0 ? String(amount / 1000) : `${amount}m`;
  if (resource !== "memory" && resource !== "ephemeral-storage") return String(amount);
  let unit = 0;
  let rest = amount;
  for (; rest >= 1024 && rest % 1024 === 0 && unit < BYTE_UNITS.length - 1; unit++) rest /= 1024;
  return `${rest}${BYTE_UNITS[unit]}`;
}
