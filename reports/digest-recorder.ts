/** DigestRecorder: two short fingerprints by which runs are compared. */
import type { Trace } from "../sim/api/index.ts";
import { Digest } from "../sim/kernel/index.ts";

export interface RunDigests {
  /** Of every scheduling attempt and binding in order: time, pod, result, node. */
  readonly decisions: string;
  /** Of every committed write in order: time, revision, type, kind and key. */
  readonly commits: string;
  /**
   * `commits` as it was after so many writes: 16, 32, 64 ... By these a run that is repeated in
   * part is compared.
   */
  readonly checkpoints?: readonly DigestCheckpoint[];
}

export interface DigestCheckpoint {
  readonly writes: number;
  readonly digest: string;
}

const FIRST_CHECKPOINT = 16;

/**
 * Two runs that took the same decisions at the same times have the same `decisions`. Objects enter
 * by the hash of their key, which is the same in every run.
 */
export class DigestRecorder {
  readonly #decisions = new Digest();
  readonly #commits = new Digest();
  readonly #checkpoints: DigestCheckpoint[] = [];
  #writes = 0;
  #nextCheckpoint = FIRST_CHECKPOINT;

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
      if (++this.#writes < this.#nextCheckpoint) return;
      this.#checkpoints.push({ writes: this.#writes, digest: commits.hex });
      this.#nextCheckpoint *= 2;
    });
  }

  digests(): RunDigests {
    const checkpoints = this.#checkpoints;
    return { decisions: this.#decisions.hex, commits: this.#commits.hex, checkpoints };
  }
}
