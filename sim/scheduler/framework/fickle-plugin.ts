/**
 * Looks for a plugin that answers the same question differently when asked again. Asked only after
 * two evaluations were found to differ.
 */
import type { CachedNode } from "./cached-node.ts";
import { feasibleNodes } from "./feasible-nodes.ts";
import type { FullPass } from "./full-pass.ts";
import type { AnyPlugin } from "./interface.ts";
import type { PlannedPlugin } from "./plan.ts";
import { policyTitle } from "./plugin-origin.ts";
import type { PodInfo } from "./pod-info.ts";
import { prepareFilter, prepareScore } from "./prepared-pod.ts";

/** Times that each node is asked about: a plugin may draw one of two answers. Our choice. */
const ROUNDS = 16;

/** What a plugin claims, for messages. */
export function claimOf({ locality }: AnyPlugin): string {
  return locality === undefined ? "(it claims no locality)" : `(locality "${locality}")`;
}

/** What to tell the author of the first plugin that contradicts itself; undefined: none does. */
export function findFickle(
  full: FullPass,
  suspects: readonly PlannedPlugin[],
  pod: PodInfo,
): string | undefined {
  for (const planned of suspects) {
    for (const point of ["filter", "score"] as const) {
      const found = contradiction(full, planned, point, pod);
      if (found === undefined) continue;
      return (
        `${policyTitle(planned.plugin)} ${claimOf(planned.plugin)} contradicts itself: its ` +
        `${point} for pod "${pod.record.key}" ${found}, when asked again with nothing changed. ` +
        "Every locality needs answers that depend on what they are handed only: use no " +
        "Math.random(), no clock and nothing kept between calls."
      );
    }
  }
  return undefined;
}

function contradiction(
  full: FullPass,
  planned: PlannedPlugin,
  point: "filter" | "score",
  pod: PodInfo,
): string | undefined {
  if (planned.plugin[point] === undefined) return undefined;
  const slots = full.cache.slots();
  let first: readonly string[] | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const answers = askAll(full, planned, point, pod);
    first ??= answers;
    const at = answers.findIndex((answer, i) => answer !== first?.[i]);
    if (at < 0) continue;
    const node = full.cache.nodeAt(slots[at] ?? -1).name;
    return `on node "${node}" was ${first[at]} and then ${answers[at]}`;
  }
  return undefined;
}

/** The answers in slot order, as text; one that throws is an answer too. */
function askAll(
  full: FullPass,
  planned: PlannedPlugin,
  point: "filter" | "score",
  pod: PodInfo,
): readonly string[] {
  const { cache, clusters, site } = full;
  const view = full.shapeOf(pod).views[planned.index] ?? pod;
  const cluster = planned.isClaimed ? clusters.claimed : clusters.full;
  try {
    const slots = cache.slots();
    const prepared =
      point === "filter"
        ? prepareFilter(planned, view, cluster, site)
        : prepareScore(planned, view, cluster, feasibleNodes(cache, slots, slots.length), site);
    if (prepared.isSkipped) return cache.slots().map(() => "skipped");
    return cache.slots().map((slot) => {
      const node = cache.nodeAt(slot);
      const seen = (planned.filterReuse === "spec" ? node.fixed : node) as CachedNode;
      const answer: unknown = planned.plugin[point]?.(view, seen, prepared.state);
      return answer === undefined ? "undefined" : (JSON.stringify(answer) ?? String(answer));
    });
  } catch {
    return cache.slots().map(() => "an error");
  } finally {
    site.leave();
  }
}
