/** DigestRecorder: two short fingerprints by which runs are compared. */
import type { Trace } from "../sim/api/index.ts";
import { Digest } from "../sim/kernel/index.ts";

export interface RunDigests {
  /** Of every scheduling attempt and binding in order: time, pod, result, node. */
  readonly decisions: string;
  /** Of every committed write in order: time, revision, type, kind and key. */
  readonly commits: string;
}

/**
 * Two runs that took the same decisions at the same times have the same `decisions`. Objects enter
 * by the hash of their key, which is the same in every run.
 */
export class DigestRecorder {
  readonly #decisions = new Digest();
  readonly #commits = new Digest();

  attach(trace: Trace): void {
    const decisions = this.#decisions;
    trace.schedulingAttempt.subscribe(({ endUs, record, attempt, result, node }) => {
      decisions.add(endUs).add(record.hash).add(attempt).addString(result).addString(node);
    });
    trace.binding.subscribe(({ endUs, record, ok, node }) => {
      decisions
        .add(endUs)
        .add(record.hash)
        .add(ok ? 1 : 0)
        .addString(node);
    });
    const commits = this.#commits;
    trace.committed.subscribe(({ timeUs, revision, type, record }) => {
      commits.add(timeUs).add(revision).add(record.hash).addString(type);
    });
  }

  digests(): RunDigests {
    return { decisions: this.#decisions.hex, commits: this.#commits.hex };
  }
}
