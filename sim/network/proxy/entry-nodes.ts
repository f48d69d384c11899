/**
 * EntryNodes: the nodes by which connections from outside may come in.
 *
 * A NodePort client knows the nodes that exist, dead or not. A load balancer has the nodes that the
 * service controller gives it (stableNodeSetPredicates of
 * k8s.io/cloud-provider/controllers/service/controller.go, v1.30: not being deleted, not excluded by
 * label, not tainted by the cluster autoscaler; whether they are Ready does not count), which the
 * controller tells it of without delay here. Of these it leaves out those that fail its health checks,
 * of which all nodes are asked at the same moments (our assumption).
 */
import type { KeyRecord, Node } from "../../api/index.ts";
import {
  type HandlerId,
  InputError,
  type Kernel,
  type Micros,
  parseDuration,
} from "../../kernel/index.ts";
import type { NetworkOptions } from "../../options/index.ts";
import type { NetworkNodes } from "../topology/index.ts";
import type { RecordFinder } from "./slice-endpoints.ts";

/** core/v1 LabelNodeExcludeBalancers. */
const EXCLUDED_LABEL = "node.kubernetes.io/exclude-from-external-load-balancers";
/** ToBeDeletedTaint of the same controller. */
const LEAVING_TAINT = "ToBeDeletedByClusterAutoscaler";
/** Nodes drawn before all are looked through. */
const DRAWS_MAX = 16;

/** Whether packets reach a node; the kubelets implement it. */
export interface NodeReach {
  isUnreachable(nodeName: string): boolean;
  readonly isAnyUnreachable: boolean;
}

export interface EntryNodesSettings {
  readonly kernel: Kernel;
  readonly nodes: NetworkNodes;
  readonly records: RecordFinder;
  readonly reach: NodeReach;
  readonly options: NetworkOptions;
}

interface EntryState {
  /** A load balancer was asked for, so that its checks go on. */
  isChecking: boolean;
  /** Checks failed in a row, by number of the node; absent: it was not checked yet. */
  failures: number[];
}

export class EntryNodes {
  state: EntryState = { isChecking: false, failures: [] };
  readonly #kernel: Kernel;
  readonly #nodes: NetworkNodes;
  readonly #records: RecordFinder;
  readonly #reach: NodeReach;
  readonly #intervalUs: Micros;
  readonly #threshold: number;
  readonly #check: HandlerId;

  /** Throws InputError for options that cannot be read. */
  constructor({ kernel, nodes, options, reach, records }: EntryNodesSettings) {
    this.#kernel = kernel;
    this.#nodes = nodes;
    this.#records = records;
    this.#reach = reach;
    this.#intervalUs = intervalOf(options);
    this.#threshold = thresholdOf(options);
    this.#check = kernel.handler("network/health-check", () => this.#onCheck());
    kernel.keep("network/entry-nodes", this);
  }

  /** One of the nodes that exist; -1: there is none. `uniform`: a draw in [0, 1). O(1) on average. */
  any(uniform: number): number {
    return this.#drawn(uniform, (node) => this.#node(node) !== undefined);
  }

  /** One of the load balancer's healthy nodes; where all fail, any that it has, as clouds do. -1: none. */
  balanced(uniform: number): number {
    this.#startChecks();
    const healthy = this.#drawn(uniform, (node) => this.isHealthy(node) && this.isTarget(node));
    return healthy >= 0 ? healthy : this.#drawn(uniform, (node) => this.isTarget(node));
  }

  /** Of these nodes (sorted numbers) one that is healthy and the load balancer's; -1: none. O(nodes given). */
  balancedAmong(nodes: readonly number[], uniform: number): number {
    this.#startChecks();
    const left = nodes.filter((node) => this.isHealthy(node) && this.isTarget(node));
    return left[Math.floor(uniform * left.length)] ?? -1;
  }

  /** Whether the service controller gives the node to load balancers. */
  isTarget(number: number): boolean {
    const node = this.#node(number);
    if (node === undefined || node.metadata.deletionTimestamp !== undefined) return false;
    if (node.metadata.labels?.[EXCLUDED_LABEL] !== undefined) return false;
    return node.spec?.taints?.some(({ key }) => key === LEAVING_TAINT) !== true;
  }

  /** Whether the node has not failed as many checks in a row as make it unhealthy. */
  isHealthy(number: number): boolean {
    return (this.state.failures[number] ?? this.#threshold) < this.#threshold;
  }

  #node(number: number): Node | undefined {
    const record = this.#records.find("Node", this.#nodes.nameOf(number));
    return (record as KeyRecord<Node> | undefined)?.stored;
  }

  /**
   * A node that is drawn and may be taken. Drawn again where it may not, so that a node which comes
   * or goes changes the luck of those connections only that met it.
   */
  #drawn(uniform: number, mayTake: (node: number) => boolean): number {
    const { count } = this.#nodes;
    let draw = uniform;
    for (let i = 0; i < DRAWS_MAX; i++) {
      const node = Math.floor(draw * count);
      if (node < count && mayTake(node)) return node;
      draw = redrawn(draw);
    }
    const left: number[] = [];
    for (let node = 0; node < count; node++) if (mayTake(node)) left.push(node);
    return left[Math.floor(draw * left.length)] ?? -1;
  }

  /** Checks begin with the first connection: until then nobody sees what they find. */
  #startChecks(): void {
    const { state } = this;
    if (state.isChecking) return;
    state.isChecking = true;
    for (let node = 0; node < this.#nodes.count; node++)
      state.failures[node] = this.#fails(node) ? this.#threshold : 0;
    this.#scheduleCheck();
  }

  #onCheck(): void {
    const { failures } = this.state;
    for (let node = 0; node < this.#nodes.count; node++)
      failures[node] = this.#fails(node) ? Math.min((failures[node] ?? 0) + 1, this.#threshold) : 0;
    this.#scheduleCheck();
  }

  /** At whole multiples of the interval. */
  #scheduleCheck(): void {
    const { nowUs } = this.#kernel;
    const dueUs = nowUs - (nowUs % this.#intervalUs) + this.#intervalUs;
    this.#kernel.background(dueUs, this.#check, undefined, undefined);
  }

  #fails(number: number): boolean {
    return this.#reach.isAnyUnreachable && this.#reach.isUnreachable(this.#nodes.nameOf(number));
  }
}

/** Another draw in [0, 1) that follows from this one: a round of MurmurHash3's finalizer. */
function redrawn(draw: number): number {
  const bits = Math.imul(Math.floor(draw * 4_294_967_296) ^ 0x9e3779b9, 0x85ebca6b);
  return ((bits ^ (bits >>> 16)) >>> 0) / 4_294_967_296;
}

function intervalOf({ healthCheckInterval: text }: NetworkOptions): Micros {
  const us = parseDuration(text);
  if (us !== undefined && us > 0) return us;
  throw new InputError(
    `network.healthCheckInterval: got "${text}", want a duration above 0 such as 8s.`,
  );
}

function thresholdOf({ healthCheckThreshold: count }: NetworkOptions): number {
  if (Number.isSafeInteger(count) && count >= 1) return count;
  throw new InputError(
    `network.healthCheckThreshold: got ${count}, want how many failed checks in a row make a node ` +
      "unhealthy, a whole number, 1 or more.",
  );
}
