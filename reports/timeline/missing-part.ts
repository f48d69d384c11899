/** Why an object has not become ready, as far as that can be told. */
import type { ObjectLog } from "./object-log.ts";
import { objectText } from "./object-log.ts";
import type { HopWords } from "./trail.ts";

/** The last, open hop, and the reason in one sentence. */
export interface MissingPart extends HopWords {
  readonly reason: string;
}

/** `ended`: how the pod ended; "": it did not. */
export function missingOfPod(log: ObjectLog, ended: string): MissingPart {
  const open = openHop(log);
  return { ...open, object: log, reason: ended === "" ? open.text : ended };
}

function openHop(log: ObjectLog): Omit<HopWords, "object"> {
  const { node, attempts, queues, pulls, observedUs, sandboxReadyUs, startedUs } = log;
  const lacks = log.commits.at(-1)?.lacks ?? "";
  const isBound = log.commits.some((commit) => commit.isBound);
  if (!isBound) {
    const attempt = attempts.at(-1);
    const queue = queues.at(-1)?.queue;
    const component = "kube-scheduler";
    if (queue === "gated")
      return { component, step: "gated", text: "held by its scheduling gates" };
    if (attempt === undefined)
      return { component, step: "queue", text: "never tried to schedule it" };
    const tried = `${attempt.attempt} attempt${attempt.attempt === 1 ? "" : "s"}`;
    const why = attempt.message === "" ? attempt.result : attempt.message;
    return { component, step: "unschedulable", text: `not scheduled after ${tried}: ${why}` };
  }
  const component = "kubelet";
  if (observedUs < 0) return { component, step: "watch", text: `its kubelet has not seen it` };
  if (lacks !== "") return { component, step: "wait", text: lacks };
  if (sandboxReadyUs < 0) return { component, step: "sandbox", text: `no sandbox on ${node}` };
  if (startedUs < 0) {
    const known = pulls.length === 0 ? "" : ` after ${pulls.length} image pulls`;
    const text = `its containers have not all started on ${node}${known}`;
    return { component, step: "containers", text };
  }
  const text = "its containers run, but the probes do not say that it is ready";
  return { component, step: "probe", text };
}

/** `late`: the last of its pods that is not ready. */
export function missingOfWorkload(log: ObjectLog, late: ObjectLog | undefined): MissingPart {
  const lacks = log.commits.at(-1)?.lacks ?? "";
  if (late !== undefined) {
    const part = missingOfPod(late, "");
    return { ...part, reason: `${lacks}; ${objectText(late)}: ${part.reason}` };
  }
  const sync = log.syncs.findLast(({ error }) => error !== "");
  const text = sync === undefined ? lacks : `${lacks}; ${sync.controller}: ${sync.error}`;
  const component = sync?.controller ?? "kube-controller-manager";
  return { component, step: "wait", object: log, text, reason: text };
}
