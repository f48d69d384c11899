/**
 * KindView: stands for all nodes of one kind when a `spec` plugin is asked. It tells whether the
 * plugin looked at what differs from node to node (name, hostname label, raw object, allocatable):
 * then the answer holds for this node only, and the framework asks for each node by itself.
 */
import type { Node, Taint } from "../../api/index.ts";
import type { NodeSpecInfo } from "./node-info.ts";

export const HOSTNAME_LABEL = "kubernetes.io/hostname";

export class KindView implements NodeSpecInfo {
  /** The plugin read something that is not common to the kind. */
  isPersonal = false;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly unschedulable: boolean;
  readonly #node: NodeSpecInfo;

  constructor(node: NodeSpecInfo) {
    this.#node = node;
    this.labels = this.#watched(node.labels);
    this.taints = node.taints;
    this.unschedulable = node.unschedulable;
  }

  get name(): string {
    this.isPersonal = true;
    return this.#node.name;
  }

  get node(): Node {
    this.isPersonal = true;
    return this.#node.node;
  }

  get allocatable(): readonly number[] {
    this.isPersonal = true;
    return this.#node.allocatable;
  }

  get allowedPodNumber(): number {
    this.isPersonal = true;
    return this.#node.allowedPodNumber;
  }

  /** Labels that notice when the hostname, or the list of all labels, is read. */
  #watched(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    const notice = (key: string | symbol): void => {
      if (key === HOSTNAME_LABEL) this.isPersonal = true;
    };
    return new Proxy(labels, {
      get(target, key) {
        notice(key);
        return Reflect.get(target, key);
      },
      has(target, key) {
        notice(key);
        return Reflect.has(target, key);
      },
      getOwnPropertyDescriptor(target, key) {
        notice(key);
        return Reflect.getOwnPropertyDescriptor(target, key);
      },
      ownKeys: (target) => {
        this.isPersonal = true;
        return Reflect.ownKeys(target);
      },
    });
  }
}
