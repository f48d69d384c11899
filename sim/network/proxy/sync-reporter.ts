/**
 * SyncReporter: tells the tracepoint `proxySync` of every node's syncs. Nodes are worked out when
 * somebody asks them; while somebody listens, all are asked once a second until they have caught
 * up, so that a fact comes at most that much later than what it tells.
 */
import type { Trace } from "../../api/index.ts";
import type { HandlerId, Kernel, Micros } from "../../kernel/index.ts";
import type { NetworkNodes } from "../topology/index.ts";
import type { ChangeLog } from "./change-log.ts";
import type { NodeSync, SyncListener } from "./node-sync.ts";

const EVERY_US: Micros = 1_000_000;

export interface SyncReporterHost {
  log(): ChangeLog;
  /** Lives through all nodes' syncs until now; false: some have not caught up with the changes. */
  settle(): boolean;
}

export class SyncReporter {
  state = { isPending: false };
  readonly #kernel: Kernel;
  readonly #trace: Trace;
  readonly #nodes: NetworkNodes;
  readonly #host: SyncReporterHost;
  readonly #tick: HandlerId;

  constructor(kernel: Kernel, trace: Trace, nodes: NetworkNodes, host: SyncReporterHost) {
    this.#kernel = kernel;
    this.#trace = trace;
    this.#nodes = nodes;
    this.#host = host;
    this.#tick = kernel.handler("network/proxy-sync-report", () => this.#onTick());
    kernel.keep("network/proxy-sync-report", this);
  }

  /** Whom to tell of syncs; undefined: nobody listens. */
  get listener(): SyncListener | undefined {
    return this.#trace.proxySync.on ? this.#report : undefined;
  }

  /** There is something to sync: a change, or a node that has joined. */
  wake(): void {
    if (this.state.isPending || !this.#trace.proxySync.on) return;
    this.state.isPending = true;
    this.#kernel.background(this.#kernel.nowUs + EVERY_US, this.#tick, undefined, undefined);
  }

  #onTick(): void {
    this.state.isPending = false;
    if (!this.#host.settle()) this.wake();
  }

  readonly #report = (node: NodeSync): void => {
    const log = this.#host.log();
    const programmingUs: Micros[] = [];
    const from = Math.max(node.applied, log.lastSeq - log.changes.length);
    // What was there before the proxy began is not measured.
    if (node.applied >= 0) {
      for (let seq = from + 1; seq <= node.taken; seq++) {
        const { triggerUs } = log.at(seq);
        if (triggerUs >= 0) programmingUs.push(node.endUs - triggerUs);
      }
    }
    this.#trace.proxySync.emit({
      node: this.#nodes.nameOf(node.node),
      timeUs: node.endUs,
      isFull: node.isFull,
      durationUs: node.endUs - node.beganUs,
      programmingUs,
    });
  };
}
