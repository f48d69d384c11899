/**
 * NodeLifecycleController: finds out that a node is silent, says so in its conditions, and taints
 * it; the taint eviction controller does the rest.
 *
 * Source: pkg/controller/nodelifecycle of v1.30. The real one looks at all nodes every five
 * seconds. Here the heartbeats are a closed form, and a look happens at those of its times at which
 * it would see something: when a silent node's grace is over, and after a Node has changed.
 */
import {
  findCondition,
  type KeyRecord,
  type Manifest,
  type Node,
  type Pod,
  timestamp,
  timestampUs,
} from "../api/index.ts";
import type { ApiCall, ApiClient, CallbackId, EventRecorder, Indexer } from "../client/index.ts";
import type { HandlerId, Kernel, Micros, SimEvent } from "../kernel/index.ts";
import type { Controller, ControllerContext, NodeHeartbeats } from "./controller.ts";
import { NOT_READY, noExecuteKey, UNREACHABLE, wantedTaints } from "./node-taints.ts";
import { updateZones, Zone, type ZoneCount, zoneKey } from "./node-zones.ts";

const SECOND_US = 1_000_000;
/** scheduler.NodeEvictionPeriod: how often the queues of nodes to taint are looked at. */
const TAINT_PERIOD_US = 100_000;
/** controller_utils.go UpdateTaintBackoff: after a conflict. */
const RETRY_US = 100_000;

/** Conditions that a silent node has as Unknown. */
const MONITORED = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];

class NodeHealth {
  readonly zone: string;
  /** NoExecute taint that the node should have; "": none. */
  noExecute: string;
  /** A patch of its taints is on its way; another look is due after it. */
  isPatching = false;
  isStale = false;

  constructor(zone: string, noExecute: string) {
    this.zone = zone;
    this.noExecute = noExecute;
  }
}

interface NodeLifecycleState {
  isRunning: boolean;
  /** From this time on silence counts: the start, or the end of a disruption of everything. */
  sinceUs: Micros;
  readonly health: Map<KeyRecord<Node>, NodeHealth>;
  readonly zones: Map<string, Zone>;
  /** The next look. */
  look: SimEvent | undefined;
}

export class NodeLifecycleController implements Controller {
  state: NodeLifecycleState = {
    isRunning: false,
    sinceUs: 0,
    health: new Map(),
    zones: new Map(),
    look: undefined,
  };
  readonly #kernel: Kernel;
  readonly #options: ControllerContext["options"];
  readonly #heartbeats: NodeHeartbeats | undefined;
  readonly #client: ApiClient;
  readonly #events: EventRecorder;
  readonly #nodes: Indexer<Node>;
  readonly #pods: Indexer<Pod>;
  readonly #look: HandlerId;
  readonly #taintDue: HandlerId<string>;
  readonly #retry: HandlerId<KeyRecord<Node>>;
  readonly #tainted: CallbackId<KeyRecord<Node>>;
  readonly #marked: CallbackId<KeyRecord<Node>>;
  readonly #ignored: CallbackId<undefined>;

  constructor(context: ControllerContext) {
    const { kernel, options, heartbeats } = context;
    this.#kernel = kernel;
    this.#options = options;
    this.#heartbeats = heartbeats;
    this.#client = context.client("node-lifecycle-controller");
    this.#events = context.events(this.#client, "node-controller");
    const nodes = context.informer<Node>("Node");
    this.#nodes = nodes.indexer;
    this.#pods = context.informer<Pod>("Pod").indexer;
    this.#look = kernel.handler("controller/node-lifecycle/look", () => this.#lookAtAll());
    this.#taintDue = kernel.handler("controller/node-lifecycle/taint", (zone) =>
      this.#taintNext(zone),
    );
    this.#retry = kernel.handler("controller/node-lifecycle/retry", (record) =>
      this.#syncTaints(record),
    );
    this.#tainted = this.#client.callback((call, record) => this.#onTainted(call, record));
    this.#marked = this.#client.callback((call) => {
      if (!call.ok) this.#lookAt(this.#nextTickUs());
    });
    this.#ignored = this.#client.callback(() => {});
    nodes.addEventHandler({
      onAdd: (record, node) => this.#onNode(record, node),
      onUpdate: (record, old, node) => {
        if (old.status.conditions !== node.status.conditions || old.spec !== node.spec)
          this.#onNode(record, node);
      },
      onDelete: (record) => this.#onGone(record),
    });
    heartbeats?.onHeartbeatChange(() => {
      if (this.state.isRunning) this.#lookAt(this.#nextTickUs());
    });
    kernel.keep("controller/node-lifecycle", this);
  }

  run(): void {
    this.state.isRunning = true;
    this.state.sinceUs = this.#kernel.nowUs;
    let isWell = true;
    for (const record of this.#nodes.keys()) {
      this.#syncTaints(record);
      const node = this.#nodes.get(record);
      if (node !== undefined && !this.#isWell(node)) isWell = false;
    }
    this.#lookAt(this.#nextTickUs(), isWell);
  }

  #onNode(record: KeyRecord<Node>, node: Node): void {
    let health = this.state.health.get(record);
    if (health === undefined) {
      health = new NodeHealth(zoneKey(node), noExecuteKey(node));
      this.state.health.set(record, health);
      if (!this.state.zones.has(health.zone)) {
        this.state.zones.set(health.zone, new Zone(health.zone));
      }
    }
    if (!this.state.isRunning) return;
    this.#syncTaints(record);
    this.#lookAt(this.#nextTickUs(), this.#isWell(node) && health.noExecute === "");
  }

  #isWell(node: Node): boolean {
    return (
      this.#readyStatus(node) === "True" && this.#heartbeats?.isSilent(node.metadata.name) !== true
    );
  }

  #onGone(record: KeyRecord<Node>): void {
    this.#unqueue(record);
    this.state.health.delete(record);
    if (this.state.isRunning) this.#lookAt(this.#nextTickUs(), true);
  }

  /** The first time of the grid --node-monitor-period that is not before now. */
  #nextTickUs(fromUs: Micros = this.#kernel.nowUs): Micros {
    const periodUs = this.#options.nodeMonitorPeriodSeconds * SECOND_US;
    return Math.ceil(fromUs / periodUs) * periodUs;
  }

  /** The next look; one that only takes note, of nodes that are well, does not keep a run alive. */
  #lookAt(timeUs: Micros, isNote = false): void {
    const { look } = this.state;
    if (look !== undefined && look.timeUs <= timeUs && (isNote || !look.background)) return;
    if (look !== undefined) this.#kernel.cancel(look);
    const atUs = Math.min(timeUs, look?.timeUs ?? timeUs);
    this.state.look = isNote
      ? this.#kernel.background(atUs, this.#look, undefined, undefined)
      : this.#kernel.at(atUs, this.#look, undefined, undefined);
  }

  /** monitorNodeHealth. */
  #lookAtAll(): void {
    this.state.look = undefined;
    const { nowUs } = this.#kernel;
    const counts = new Map<string, ZoneCount>();
    const fallen = new Set<string>();
    let nextUs = Number.POSITIVE_INFINITY;
    for (const record of this.#nodes.keys()) {
      const node = this.#nodes.get(record);
      const health = this.state.health.get(record);
      if (node === undefined || health === undefined) continue;
      const observed = this.#readyStatus(node);
      const dueUs = this.#dueUs(node);
      const isDue = dueUs <= nowUs && !isUnknown(node);
      if (isDue) {
        this.#markUnknown(record, node);
        nextUs = nowUs + 1; // the taint comes with the next look
      } else if (dueUs > nowUs) nextUs = Math.min(nextUs, dueUs);
      const current = isDue ? "Unknown" : observed;
      tally(counts, health.zone, current === "True");
      this.#setNoExecute(record, health, observed);
      if (current !== "True" && observed === "True") fallen.add(record.name);
    }
    if (fallen.size > 0) this.#markPodsNotReady(fallen);
    this.#updateZones(counts);
    if (nextUs < Number.POSITIVE_INFINITY) this.#lookAt(this.#nextTickUs(nextUs));
  }

  /** When a node's silence is noticed; Infinity: it is not silent. */
  #dueUs({ metadata, status }: Node): Micros {
    const heartbeats = this.#heartbeats;
    if (heartbeats === undefined) return Number.POSITIVE_INFINITY;
    const renewUs = heartbeats.lastRenewUs(metadata.name);
    if (renewUs !== undefined && !heartbeats.isSilent(metadata.name))
      return Number.POSITIVE_INFINITY;
    const { nodeMonitorGracePeriodSeconds, nodeStartupGracePeriodSeconds } = this.#options;
    const isNew = findCondition(status.conditions, "Ready") === undefined;
    const graceSeconds = isNew ? nodeStartupGracePeriodSeconds : nodeMonitorGracePeriodSeconds;
    const lastUs = renewUs ?? timestampUs(metadata.creationTimestamp);
    const seenUs = this.#nextTickUs(Math.max(lastUs, this.state.sinceUs));
    return this.#nextTickUs(seenUs + graceSeconds * SECOND_US);
  }

  /** Nodes without kubelets, in a world without heartbeats, count as ready. */
  #readyStatus({ status }: Node): string {
    const ready = findCondition(status.conditions, "Ready")?.status;
    return ready ?? (this.#heartbeats === undefined ? "True" : "Unknown");
  }

  /** tryUpdateNodeHealth: the kubelet has been silent for too long. */
  #markUnknown(record: KeyRecord<Node>, node: Node): void {
    const now = timestamp(this.#kernel.nowUs);
    const known = node.status.conditions ?? [];
    const marked = MONITORED.map((type) => {
      const old = findCondition(known, type);
      const reason = old === undefined ? "NodeStatusNeverUpdated" : "NodeStatusUnknown";
      const message =
        old === undefined
          ? "Kubelet never posted node status."
          : "Kubelet stopped posting node status.";
      const lastHeartbeatTime = old?.lastHeartbeatTime ?? node.metadata.creationTimestamp;
      return {
        type,
        status: "Unknown",
        reason,
        message,
        lastHeartbeatTime,
        lastTransitionTime: now,
      };
    });
    const others = known.filter(({ type }) => !MONITORED.includes(type));
    const patch: Manifest = { status: { conditions: [...others, ...marked] } };
    this.#client.patch(record, patch, "status", this.#marked, record);
    const text = `Node ${record.name} status is now: NodeNotReady`;
    this.#events.event(node, "Normal", "NodeNotReady", text);
  }

  /** MarkPodsNotReady: so that no Service sends anything to the nodes' pods. */
  #markPodsNotReady(nodes: ReadonlySet<string>): void {
    const records = this.#pods.select(({ spec, status }) => {
      if (!nodes.has(spec.nodeName ?? "")) return false;
      return findCondition(status.conditions, "Ready")?.status === "True";
    });
    const lastTransitionTime = timestamp(this.#kernel.nowUs);
    for (const record of records) {
      const conditions = (this.#pods.get(record)?.status.conditions ?? []).map((condition) =>
        condition.type === "Ready"
          ? { ...condition, status: "False", lastTransitionTime }
          : condition,
      );
      const patch: Manifest = { status: { conditions } };
      this.#client.patch(record, patch, "status", this.#ignored, undefined);
    }
  }

  /** processTaintBaseEviction. */
  #setNoExecute(record: KeyRecord<Node>, health: NodeHealth, observed: string): void {
    if (observed === "True") return this.#markReachable(record, health);
    const wanted = observed === "False" ? NOT_READY : UNREACHABLE;
    if (health.noExecute === wanted) return;
    if (health.noExecute !== "") return this.#taint(record, wanted); // the other one: swapped at once
    const zone = this.state.zones.get(health.zone);
    if (zone === undefined || zone.queue.includes(record)) return;
    zone.queue.push(record);
  }

  #markReachable(record: KeyRecord<Node>, health: NodeHealth): void {
    this.#unqueue(record);
    if (health.noExecute === "") return;
    health.noExecute = "";
    this.#syncTaints(record);
  }

  #unqueue(record: KeyRecord<Node>): void {
    const queue = this.state.zones.get(this.state.health.get(record)?.zone ?? "")?.queue;
    const place = queue?.indexOf(record) ?? -1;
    if (place >= 0) queue?.splice(place, 1);
  }

  /** handleDisruption. */
  #updateZones(counts: ReadonlyMap<string, ZoneCount>): void {
    const change = updateZones(this.state.zones, counts, this.#options);
    if (change === "all-broken") {
      for (const [record, health] of this.state.health) this.#markReachable(record, health);
    }
    if (change === "recovering") {
      this.state.sinceUs = this.#kernel.nowUs;
      this.#lookAt(this.#nextTickUs(this.#kernel.nowUs + 1));
    }
    for (const zone of this.state.zones.values()) this.#scheduleTaint(zone);
  }

  #scheduleTaint(zone: Zone): void {
    if (zone.timer !== undefined) this.#kernel.cancel(zone.timer);
    zone.timer = undefined;
    if (zone.queue.length === 0 || zone.qps === 0) return;
    const earliestUs = Math.max(zone.nextUs, this.#kernel.nowUs);
    const timeUs = Math.ceil(earliestUs / TAINT_PERIOD_US) * TAINT_PERIOD_US;
    zone.timer = this.#kernel.at(timeUs, this.#taintDue, zone.name, undefined);
  }

  /** doNoExecuteTaintingPass: the next node of the zone, if it is still not ready. */
  #taintNext(name: string): void {
    const zone = this.state.zones.get(name);
    const record = zone?.queue.shift();
    if (zone === undefined || record === undefined) return;
    zone.timer = undefined;
    zone.nextUs = this.#kernel.nowUs + Math.round(SECOND_US / zone.qps);
    const node = this.#nodes.get(record);
    const ready = node === undefined ? "True" : this.#readyStatus(node);
    if (ready !== "True") this.#taint(record, ready === "False" ? NOT_READY : UNREACHABLE);
    this.#scheduleTaint(zone);
  }

  #taint(record: KeyRecord<Node>, key: string): void {
    const health = this.state.health.get(record);
    if (health === undefined) return;
    health.noExecute = key;
    this.#syncTaints(record);
  }

  /** Makes the node's taints what they should be, one patch at a time. */
  #syncTaints(record: KeyRecord<Node>): void {
    const node = this.#nodes.get(record);
    const health = this.state.health.get(record);
    if (node === undefined || health === undefined) return;
    health.isStale = health.isPatching;
    if (health.isPatching) return;
    const taints = wantedTaints(node, health.noExecute, this.#kernel.nowUs);
    if (taints === undefined) return;
    health.isPatching = true;
    const { resourceVersion } = node.metadata;
    const spec = { taints: taints.length === 0 ? null : taints };
    const patch: Manifest = { metadata: { resourceVersion }, spec };
    this.#client.patch(record, patch, "", this.#tainted, record);
  }

  #onTainted(call: ApiCall, record: KeyRecord<Node>): void {
    const health = this.state.health.get(record);
    if (health === undefined) return;
    health.isPatching = false;
    // A conflict, or a change meanwhile: once more, when the informer has had time to see it.
    if (call.code === 404 || (call.ok && !health.isStale)) return;
    this.#kernel.after(RETRY_US, this.#retry, record, undefined);
  }
}

function isUnknown({ status }: Node): boolean {
  return MONITORED.every((type) => findCondition(status.conditions, type)?.status === "Unknown");
}

function tally(counts: Map<string, ZoneCount>, zone: string, isReady: boolean): void {
  let count = counts.get(zone);
  if (count === undefined) {
    count = { ready: 0, notReady: 0 };
    counts.set(zone, count);
  }
  if (isReady) count.ready++;
  else count.notReady++;
}
