/**
 * NetworkNodes: the nodes as the network knows them, numbered in the order in which they joined.
 */
import { hashString, type Kernel, type Micros } from "../../kernel/index.ts";

/** The number of a client outside the cluster. */
export const OUTSIDE = -1;

export interface NetworkNode {
  readonly name: string;
  /** topology.kubernetes.io/zone, or "". */
  readonly zone: string;
  readonly hash: number;
  /** status.allocatable.cpu, in cores; what its pods share. */
  readonly cores: number;
  readonly joinedUs: Micros;
}

interface NodesState {
  readonly nodes: NetworkNode[];
  readonly numbers: Map<string, number>;
}

export class NetworkNodes {
  state: NodesState = { nodes: [], numbers: new Map() };

  readonly #kernel: Kernel;
  readonly #onJoin: (() => void)[] = [];

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    kernel.keep("network/nodes", this);
  }

  /** Adds a node; nothing happens when one of that name has joined before. */
  add(name: string, zone: string, cores: number): void {
    const { nodes, numbers } = this.state;
    if (numbers.has(name)) return;
    const hash = hashString(`Node/${name}`);
    const joinedUs = this.#kernel.nowUs;
    numbers.set(name, nodes.push({ name, zone, hash, cores, joinedUs }) - 1);
    for (const listener of this.#onJoin) listener();
  }

  /** Calls the listener after each node that joins from now on; for wiring, before the run. */
  onJoin(listener: () => void): void {
    this.#onJoin.push(listener);
  }

  get count(): number {
    return this.state.nodes.length;
  }

  /** The number of a node by name; -1: no such node has joined. */
  numberOf(name: string): number {
    return this.state.numbers.get(name) ?? -1;
  }

  /** The node with this number. Throws for a number that was not given out. */
  node(number: number): NetworkNode {
    const node = this.state.nodes[number];
    if (node === undefined) throw new Error(`unknown node ${number} of ${this.count}`);
    return node;
  }

  /** Name of the node; "": outside. */
  nameOf(number: number): string {
    return this.state.nodes[number]?.name ?? "";
  }

  /** Zone of the node; "": outside, or the node has none. */
  zoneOf(number: number): string {
    return this.state.nodes[number]?.zone ?? "";
  }
}
