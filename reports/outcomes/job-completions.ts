/** JobCompletions: how long each Job took, from its creation until it was complete. */
import { isConditionTrue, type Job, type Trace, type WatchEntry } from "../../sim/api/index.ts";
import type { Micros } from "../../sim/kernel/index.ts";
import { NEVER } from "../row.ts";
import { Distribution } from "./distribution.ts";

export interface JobFigures {
  readonly created: number;
  readonly failed: number;
  /** Censored are all that are not complete: those that failed, too. */
  readonly completion: Distribution;
}

type JobEntry = WatchEntry<Job> & { readonly timeUs: Micros };

export class JobCompletions {
  /** By the id of the Job's key record: its place in the lists below. */
  readonly #open = new Map<number, number>();
  readonly #createdUs: Micros[] = [];
  readonly #completionUs: Micros[] = [];
  readonly #isFailed: boolean[] = [];

  attach(trace: Trace): void {
    trace.committed.subscribe((entry) => {
      if (entry.record.kind === "Job") this.#committed(entry as JobEntry);
    });
  }

  /** Of the Jobs created at `fromUs` or later. */
  figures(fromUs: Micros): JobFigures {
    const completion = new Distribution("job_completion", "s");
    let [created, failed] = [0, 0];
    for (const [place, createdUs] of this.#createdUs.entries()) {
      if (createdUs < fromUs) continue;
      created++;
      if (this.#isFailed[place] === true) failed++;
      const us = this.#completionUs[place] ?? NEVER;
      if (us === NEVER) completion.censored++;
      else completion.series.add(us);
    }
    return { created, failed, completion };
  }

  #committed({ type, record, object, timeUs }: JobEntry): void {
    if (type === "ADDED") {
      this.#open.set(record.id, this.#createdUs.length);
      this.#createdUs.push(timeUs);
      this.#completionUs.push(NEVER);
      this.#isFailed.push(false);
    }
    const place = this.#open.get(record.id);
    if (place === undefined) return;
    const { conditions } = object.status;
    if (isConditionTrue(conditions, "Complete"))
      this.#completionUs[place] = timeUs - (this.#createdUs[place] ?? 0);
    else if (isConditionTrue(conditions, "Failed")) this.#isFailed[place] = true;
    else if (type !== "DELETED") return;
    this.#open.delete(record.id);
  }
}
