/** Remembers where in the user's files pods come from, to say it of those that no node can take. */
import type { RunSummary } from "../reports/index.ts";
import type { TimedOperation } from "../workloads/index.ts";

/** Pods whose place is remembered, some 100 bytes each: the first ones, in a trace of any length. */
const REMEMBERED_MAX = 20_000;

export class PodSources {
  readonly #sources = new Map<string, string>();

  /** Takes note of an operation that is about to be sent. */
  note({ verb, object, source }: TimedOperation): void {
    if (object.kind !== "Pod" || verb === "delete" || this.#sources.size >= REMEMBERED_MAX) return;
    const { name = "", namespace = "default" } = object.metadata ?? {};
    const key = `${namespace}/${name}`;
    if (!this.#sources.has(key)) this.#sources.set(key, source);
  }

  /** The summary with the place before the names of pods that are too large, where it is known. */
  addTo(summary: RunSummary): RunSummary {
    const unplaced = summary.unplaced.map((group) => {
      const source = group.isTooLarge ? this.#sources.get(group.first) : undefined;
      return source === undefined ? group : { ...group, first: `${source}: ${group.first}` };
    });
    return { ...summary, unplaced };
  }
}
