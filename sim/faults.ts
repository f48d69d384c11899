/**
 * Faults: what goes wrong in the cluster, each at its time. A fault is an event of the run like any
 * other; what follows from it is the components' own doing.
 */
import type { LeadershipFact, Trace } from "./api/index.ts";
import type { ApiServer } from "./apiserver/index.ts";
import type { LeaderElection } from "./client/index.ts";
import type { Etcd } from "./etcd/index.ts";
import {
  formatDuration,
  type HandlerId,
  InputError,
  type Kernel,
  type Micros,
} from "./kernel/index.ts";

/** What can go wrong, and the names by which an experiment asks for it. */
export type FaultKind =
  /** etcd's leader dies: writes fail or wait until another one is elected. */
  | "etcd-leader-loss"
  /** etcd has no majority for `for`. */
  | "etcd-quorum-loss"
  /** etcd's disks are `factor` times as slow for `for`. */
  | "etcd-slow"
  /** All old revisions are compacted away: late watchers and pagers get 410. */
  | "etcd-compaction"
  /** The database file is defragmented, and the alarm NOSPACE disarmed if there is room again. */
  | "etcd-defragmentation"
  /** API server number `server` dies; it is back after `for`. */
  | "apiserver-down"
  /** API server number `server` takes `factor` times as long for `for`. */
  | "apiserver-slow"
  /** All watches of `kind` lose their connection and resume. */
  | "watches-lost"
  /** The leading process dies; it is started again after `for`. */
  | "controller-manager-crash"
  | "scheduler-crash"
  /** The machine `node` dies; it boots after `for`. */
  | "node-down"
  /** The machine `node` runs on, but its kubelet reaches nobody for `for`. */
  | "node-isolated";

export const faultKinds: readonly FaultKind[] = [
  "etcd-leader-loss",
  "etcd-quorum-loss",
  "etcd-slow",
  "etcd-compaction",
  "etcd-defragmentation",
  "apiserver-down",
  "apiserver-slow",
  "watches-lost",
  "controller-manager-crash",
  "scheduler-crash",
  "node-down",
  "node-isolated",
];

export interface Fault {
  readonly fault: FaultKind;
  readonly atUs: Micros;
  /** How long it lasts; undefined: for good, or as long as the thing itself takes. */
  readonly forUs?: Micros;
  /** Number of the API server, from 0. */
  readonly server?: number;
  /** How many times as slow. */
  readonly factor?: number;
  /** Kind of the objects that are watched. */
  readonly kind?: string;
  readonly node?: string;
}

/** Nodes as machines that can fail. */
export interface Machines {
  has(name: string): boolean;
  stopNode(name: string): void;
  isolateNode(name: string): void;
  restoreNode(name: string): void;
  /** Whether an API server is up; whether etcd has a leader, so that writes are committed. */
  setApi(isUp: boolean, isWritable: boolean): void;
}

export interface FaultTargets {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly etcd: Etcd;
  readonly apiserver: ApiServer;
  readonly controllerManager: LeaderElection;
  readonly scheduler: LeaderElection;
  readonly machines: Machines;
}

export class Faults {
  readonly #targets: FaultTargets;
  readonly #strike: HandlerId<Fault>;
  readonly #recover: HandlerId<Fault>;

  constructor(targets: FaultTargets) {
    this.#targets = targets;
    const { kernel } = targets;
    this.#strike = kernel.handler("faults/strike", (fault) => this.#onStrike(fault));
    this.#recover = kernel.handler("faults/recover", (fault) => this.#onRecover(fault));
    targets.etcd.quorum.onElected(() => {
      this.#tellLeadership("taken");
      this.#tellWhoRenews();
    });
  }

  /** Makes it happen at its time. */
  inject(fault: Fault): void {
    this.#targets.kernel.at(fault.atUs, this.#strike, fault, undefined);
  }

  #onStrike(fault: Fault): void {
    const { kernel, etcd, apiserver, controllerManager, scheduler, machines } = this.#targets;
    const { forUs = 0, factor = 1, server = 0, kind = "", node = "" } = fault;
    if (node !== "") this.#expectNode(fault);
    this.#tell(fault, "struck");
    switch (fault.fault) {
      case "etcd-leader-loss":
      case "etcd-quorum-loss":
        if (etcd.quorum.isLed) this.#tellLeadership("lost");
        etcd.quorum.loseLeader(forUs);
        break;
      case "etcd-slow":
        etcd.quorum.slowDown(factor);
        break;
      case "etcd-compaction":
        return etcd.compact();
      case "etcd-defragmentation":
        return etcd.space.defragment();
      case "apiserver-down":
        apiserver.stopServer(server);
        break;
      case "apiserver-slow":
        apiserver.slowServer(server, factor);
        break;
      case "watches-lost":
        for (const id of apiserver.watches.openWatches(kind)) apiserver.watches.close(id, 0);
        return;
      case "controller-manager-crash":
        return controllerManager.crash(forUs);
      case "scheduler-crash":
        return scheduler.crash(forUs);
      case "node-down":
        machines.stopNode(node);
        break;
      case "node-isolated":
        machines.isolateNode(node);
    }
    this.#tellWhoRenews();
    if (forUs > 0) kernel.after(forUs, this.#recover, fault, undefined);
  }

  #onRecover(fault: Fault): void {
    const { etcd, apiserver, machines } = this.#targets;
    const { server = 0, node = "" } = fault;
    this.#tell(fault, "recovered");
    switch (fault.fault) {
      case "etcd-slow":
        etcd.quorum.slowDown(1);
        break;
      case "apiserver-down":
        apiserver.startServer(server);
        break;
      case "apiserver-slow":
        apiserver.slowServer(server, 1);
        break;
      case "node-down":
      case "node-isolated":
        machines.restoreNode(node);
    }
    this.#tellWhoRenews();
  }

  #tell(what: Fault, step: "struck" | "recovered"): void {
    const { fault: tracepoint } = this.#targets.trace;
    if (!tracepoint.on) return;
    const timeUs = this.#targets.kernel.nowUs;
    tracepoint.emit({ fault: what.fault, target: targetOf(what), step, timeUs });
  }

  /** etcd's leaders go by their Raft terms, from 1: each election begins one. */
  #tellLeadership(step: LeadershipFact["step"]): void {
    const { etcd, kernel, trace } = this.#targets;
    if (!trace.leadership.on) return;
    const leader = `term-${etcd.quorum.state.elections + 1}`;
    trace.leadership.emit({ component: "etcd", leader, step, timeUs: kernel.nowUs });
  }

  #expectNode({ fault, node = "", atUs }: Fault): void {
    if (this.#targets.machines.has(node)) return;
    const at = formatDuration(atUs);
    throw new InputError(
      `faults: ${fault} at ${at}: there is no node "${node}". Name one that is.`,
    );
  }

  /**
   * Leaders renew their leases through the API server, and exit when they cannot for too long; nodes
   * renew theirs there too.
   */
  #tellWhoRenews(): void {
    const { apiserver, etcd, controllerManager, scheduler, machines } = this.#targets;
    machines.setApi(apiserver.isReachable, etcd.quorum.isLed);
    const isReachable = apiserver.isReachable && etcd.quorum.isLed;
    for (const election of [controllerManager, scheduler])
      if (isReachable) election.foundApi();
      else election.lostApi();
  }
}

/** What a fault hits, for reports. */
function targetOf({ fault, server = 0, kind = "", node = "" }: Fault): string {
  if (node !== "") return node;
  if (kind !== "") return kind;
  if (fault.startsWith("etcd")) return "etcd";
  if (fault.startsWith("apiserver")) return `apiserver-${server}`;
  return fault === "scheduler-crash" ? "kube-scheduler" : "kube-controller-manager";
}
