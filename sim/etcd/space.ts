/**
 * Space: how full etcd's database is, and which old versions are compacted away.
 *
 * Sizes are estimated: the first and then every 1,024th write of a kind is measured as JSON, and stands
 * for those after it. The API server compacts every five minutes what was old five minutes before
 * (--etcd-compaction-interval); freed space is used again, but the file never shrinks by itself. A
 * file beyond the quota raises the alarm NOSPACE: writes are refused until the file is defragmented.
 */
import type { ApiObject, ChangeType } from "../api/index.ts";
import type { Kernel, Micros } from "../kernel/index.ts";
import type { EtcdOptions } from "../options/index.ts";

/** etcdserver/api/v3rpc/rpctypes/error.go ErrNoSpace. */
export const NO_SPACE = "etcdserver: mvcc: database space exceeded";
/** Writes of a kind from one measurement to the next. Our assumption. */
const MEASURED_EVERY = 1024;

/** The size of a kind's objects, in bytes. */
export class ObjectSizes {
  writes = 0;
  bytes = 0;
}

interface SpaceState {
  /** The latest versions of all keys, bytes. */
  liveBytes: number;
  /** Versions written in this interval of compaction, and in the one before. */
  writtenBytes: number;
  writtenBeforeBytes: number;
  /** Number of the interval of the last write, and the revisions at its start and the one before. */
  interval: number;
  startRevision: number;
  startBeforeRevision: number;
  /** Compacted by hand up to here. */
  compactedRevision: number;
  /** The file. */
  fileBytes: number;
  hasAlarm: boolean;
}

export class Space {
  state: SpaceState = {
    liveBytes: 0,
    writtenBytes: 0,
    writtenBeforeBytes: 0,
    interval: 0,
    startRevision: 0,
    startBeforeRevision: 0,
    compactedRevision: 0,
    fileBytes: 0,
    hasAlarm: false,
  };
  readonly #kernel: Kernel;
  /** 0: no compaction by itself. */
  readonly #intervalUs: Micros;
  /** 0: no quota. */
  readonly #quotaBytes: number;

  constructor(
    kernel: Kernel,
    options: Pick<EtcdOptions, "compactionIntervalSeconds" | "quotaBackendBytes">,
  ) {
    this.#kernel = kernel;
    this.#intervalUs = options.compactionIntervalSeconds * 1_000_000;
    this.#quotaBytes = options.quotaBackendBytes;
    kernel.keep("etcd/space", this);
  }

  /** The alarm NOSPACE: only what erases keys goes through (server/etcdserver/apply: applierV3Capped). */
  get hasAlarm(): boolean {
    return this.state.hasAlarm;
  }

  /** Notes a write that is about to get the revision after `revision`. */
  note(type: ChangeType, sizes: ObjectSizes, object: ApiObject, revision: number): void {
    if (this.#quotaBytes === 0) return;
    if (sizes.writes++ % MEASURED_EVERY === 0) sizes.bytes = JSON.stringify(object).length;
    const { state } = this;
    const interval = this.#interval();
    if (interval !== state.interval) this.#begin(interval, revision);
    if (type === "ADDED") state.liveBytes += sizes.bytes;
    else if (type === "DELETED") state.liveBytes -= Math.min(sizes.bytes, state.liveBytes);
    else state.writtenBytes += sizes.bytes; // the version that is replaced stays for a while
    const inUse = state.liveBytes + state.writtenBytes + state.writtenBeforeBytes;
    if (inUse <= state.fileBytes) return;
    state.fileBytes = inUse;
    if (inUse > this.#quotaBytes) state.hasAlarm = true;
  }

  /** Old versions up to this revision are gone; `revision` is the latest. */
  compactedRevision(revision: number): number {
    const { interval, startRevision, startBeforeRevision, compactedRevision } = this.state;
    const passed = this.#interval() - interval;
    const byTime = passed === 0 ? startBeforeRevision : passed === 1 ? startRevision : revision;
    return Math.max(byTime, compactedRevision);
  }

  /** Compacts all old versions now. */
  compact(revision: number): void {
    this.state.compactedRevision = revision;
    this.state.writtenBytes = 0;
    this.state.writtenBeforeBytes = 0;
  }

  /** What an operator does about the alarm: defragments the file and disarms it if there is room. */
  defragment(): void {
    const { state } = this;
    state.fileBytes = state.liveBytes + state.writtenBytes + state.writtenBeforeBytes;
    state.hasAlarm = this.#quotaBytes > 0 && state.fileBytes > this.#quotaBytes;
  }

  #interval(): number {
    return this.#intervalUs === 0 ? 0 : Math.floor(this.#kernel.nowUs / this.#intervalUs);
  }

  /** A new interval has begun: what was written before the last one is compacted. */
  #begin(interval: number, revision: number): void {
    const { state } = this;
    const isNext = interval === state.interval + 1;
    state.writtenBeforeBytes = isNext ? state.writtenBytes : 0;
    state.startBeforeRevision = isNext ? state.startRevision : revision;
    state.writtenBytes = 0;
    state.startRevision = revision;
    state.interval = interval;
  }
}
