/**
 * MetricsServer: metrics.k8s.io/v1beta1, from scrapes of the kubelets (kubernetes-sigs/metrics-server).
 * Computed when asked for; a pod that is younger than a scrape is missing, as there.
 */
import {
  type KeyRecord,
  type Node,
  type ObjectMeta,
  type Pod,
  type Selector,
  timestamp,
} from "../api/index.ts";
import type {
  AggregatedAnswer,
  MetricSelection,
  NodeMetrics,
  PodMetrics,
} from "../apiserver/index.ts";
import { formatDuration, type Kernel, type Micros } from "../kernel/index.ts";
import { byteText, coreText } from "./amount-text.ts";
import type { LabelledPods } from "./labelled-pods.ts";
import type { PodStore } from "./pod-store.ts";
import { type ContainerUsage, type PodUsage, runningSinceUs } from "./pod-usage.ts";
import { lastScrapeUs, scrapeWindow } from "./scrape.ts";

const API_VERSION = "metrics.k8s.io/v1beta1";

export interface MetricsServerSettings {
  readonly kernel: Kernel;
  readonly store: PodStore;
  readonly pods: LabelledPods;
  readonly usage: PodUsage;
  readonly resolutionUs: Micros;
}

export class MetricsServer {
  readonly #kernel: Kernel;
  readonly #store: PodStore;
  readonly #pods: LabelledPods;
  readonly #usage: PodUsage;
  readonly #resolutionUs: Micros;

  constructor({ kernel, store, pods, usage, resolutionUs }: MetricsServerSettings) {
    this.#kernel = kernel;
    this.#store = store;
    this.#pods = pods;
    this.#usage = usage;
    this.#resolutionUs = resolutionUs;
  }

  /** Metrics of the pods of a namespace with the labels. */
  podMetrics({ namespace = "" }: MetricSelection, labels: Selector): AggregatedAnswer {
    return this.#pods.select(namespace, labels).flatMap((record) => {
      const object = this.#ofPod(record);
      return object === undefined ? [] : [{ record, object }];
    });
  }

  /** Metrics of all nodes: what their pods use. A node uses nothing itself: our assumption. */
  nodeMetrics(labels: Selector): AggregatedAnswer {
    const toUs = lastScrapeUs(this.#kernel.nowUs, this.#resolutionUs);
    if (toUs === 0) return [];
    const byNode = new Map<string, ContainerUsage[]>();
    for (const record of this.#store.list("Pod") as KeyRecord<Pod>[]) {
      const node = record.stored?.spec.nodeName;
      if (node === undefined) continue;
      const usages = byNode.get(node) ?? [];
      byNode.set(node, usages);
      usages.push(...(this.#measure(record)?.containers ?? []));
    }
    return this.#store.list("Node").flatMap((record) => {
      const node = (record as KeyRecord<Node>).stored;
      if (node === undefined || !labels.matches(node.metadata.labels ?? {})) return [];
      return [{ record, object: this.#ofNode(node, byNode.get(record.name) ?? [], toUs) }];
    });
  }

  #ofPod(record: KeyRecord<Pod>): PodMetrics | undefined {
    const measured = this.#measure(record);
    if (measured === undefined || record.stored === undefined) return undefined;
    return {
      apiVersion: API_VERSION,
      kind: "PodMetrics",
      metadata: metadata(record.stored.metadata),
      timestamp: timestamp(measured.toUs),
      window: formatDuration(measured.toUs - measured.fromUs),
      containers: measured.containers.map(({ name, cpu, memory }) => ({
        name,
        usage: { cpu: coreText(cpu), memory: byteText(memory) },
      })),
    };
  }

  #ofNode(node: Node, usages: readonly ContainerUsage[], toUs: Micros): NodeMetrics {
    let cpu = 0;
    let memory = 0;
    for (const usage of usages) {
      cpu += usage.cpu;
      memory += usage.memory;
    }
    return {
      apiVersion: API_VERSION,
      kind: "NodeMetrics",
      metadata: metadata(node.metadata),
      timestamp: timestamp(toUs),
      window: formatDuration(this.#resolutionUs),
      usage: { cpu: coreText(cpu), memory: byteText(memory) },
    };
  }

  #measure(record: KeyRecord<Pod>) {
    const pod = record.stored;
    const startUs = pod === undefined ? undefined : runningSinceUs(pod);
    if (pod === undefined || startUs === undefined) return undefined;
    const window = scrapeWindow(this.#kernel.nowUs, this.#resolutionUs, startUs);
    if (window === undefined) return undefined;
    return { ...window, containers: this.#usage.containers(record, pod, startUs, window) };
  }
}

function metadata({ name, namespace, labels }: ObjectMeta): ObjectMeta {
  const shown = { name, namespace, uid: "", resourceVersion: "", creationTimestamp: "" };
  return labels === undefined ? shown : { ...shown, labels };
}
