/** Metrics of kube-state-metrics 2.12: the objects of the API as they are stored. */
import type { Deployment, Node, Pod, Trace, WatchEntry } from "../../sim/api/index.ts";
import { isPlaced, type PodJourney, type PodStage } from "../pod-journey.ts";
import type { PodJourneys } from "../pod-journeys.ts";
import { resourceAmount } from "../pod-requests.ts";
import { type Labels, labelText, type MetricFamilies } from "./metric-families.ts";

export class StateMetrics {
  readonly #families: MetricFamilies;
  readonly #perObject: boolean;

  /** `perObject`: a series for each pod and node; else sums over them. */
  constructor(families: MetricFamilies, perObject: boolean) {
    this.#families = families;
    this.#perObject = perObject;
  }

  attach(trace: Trace, journeys: PodJourneys): void {
    trace.committed.subscribe((entry) => {
      const { kind } = entry.record;
      if (kind === "Pod") this.#pod(entry as WatchEntry<Pod>);
      else if (kind === "Node") this.#node(entry as WatchEntry<Node>);
      else if (kind === "Deployment") this.#deployment(entry as WatchEntry<Deployment>);
    });
    journeys.observe({ stageChanged: (journey, from) => this.#staged(journey, from) });
  }

  #pod({ type, record, object, old }: WatchEntry<Pod>): void {
    const before = old === undefined ? undefined : phaseOf(old);
    const after = type === "DELETED" ? undefined : phaseOf(object);
    if (before === after) return;
    this.#phase(record, before, -1, after === undefined);
    this.#phase(record, after, 1, false);
  }

  #phase(
    { namespace, name }: { readonly namespace: string; readonly name: string },
    phase: string | undefined,
    change: number,
    isGone: boolean,
  ): void {
    if (phase === undefined) return;
    const labels = this.#perObject ? { namespace, pod: name, phase } : { namespace, phase };
    const help = "Pods in this phase.";
    const series = this.#families.number("kube_pod_status_phase", help, labelText(labels));
    this.#change(series, change, isGone);
  }

  #staged(journey: PodJourney, from: PodStage | undefined): void {
    const change = Number(isPlaced(journey.stage)) - Number(isPlaced(from));
    if (change === 0) return;
    const { namespace, name, node, requests } = journey;
    const labels: Labels = this.#perObject ? { namespace, pod: name, node } : { namespace };
    for (const [resource, amount] of requests) {
      const text = labelText({ ...labels, ...resourceLabels(resource) });
      const help = "What pods that are on a node and have not ended request, in the label's unit.";
      const series = this.#families.number("kube_pod_container_resource_requests", help, text);
      this.#change(series, change * inUnit(resource, amount), change < 0);
    }
  }

  #node({ type, record, object, old }: WatchEntry<Node>): void {
    const before = allocatable(old);
    const after = type === "DELETED" ? new Map<string, number>() : allocatable(object);
    const labels: Labels = this.#perObject ? { node: record.name } : {};
    for (const resource of new Set([...before.keys(), ...after.keys()])) {
      const change = (after.get(resource) ?? 0) - (before.get(resource) ?? 0);
      if (change === 0) continue;
      const text = labelText({ ...labels, ...resourceLabels(resource) });
      const help = "What nodes have for pods, in the label's unit.";
      const series = this.#families.number("kube_node_status_allocatable", help, text);
      this.#change(series, inUnit(resource, change), !after.has(resource));
    }
  }

  #deployment({ type, record, object }: WatchEntry<Deployment>): void {
    const { namespace, name } = record;
    const labels = labelText({ namespace, deployment: name });
    const { status, spec } = object;
    const values = [
      ["kube_deployment_spec_replicas", "Pods that the deployment wants.", spec.replicas],
      ["kube_deployment_status_replicas", "Pods of the deployment.", status?.replicas],
      ["kube_deployment_status_replicas_ready", "Ready pods of it.", status?.readyReplicas],
      [
        "kube_deployment_status_replicas_updated",
        "Of its newest template.",
        status?.updatedReplicas,
      ],
      ["kube_deployment_status_replicas_available", "Available ones.", status?.availableReplicas],
    ] as const;
    for (const [metric, help, value] of values)
      this.#families.number(metric, help, labels).value =
        type === "DELETED" ? Number.NaN : (value ?? 0);
  }

  /** A series of one object ends with it. */
  #change(series: { value: number }, change: number, isGone: boolean): void {
    const value = Number.isNaN(series.value) ? 0 : series.value;
    series.value = isGone && this.#perObject ? Number.NaN : value + change;
  }
}

const phaseOf = (pod: Pod): string => pod.status.phase ?? "Pending";

/** As kube-state-metrics sanitises names: `nvidia_com_gpu`. */
function resourceLabels(resource: string): Labels {
  const isBytes = /^(memory|storage|ephemeral-storage|hugepages-.*)$/.test(resource);
  const unit = resource === "cpu" ? "core" : isBytes ? "byte" : "integer";
  return { resource: resource.replace(/[^a-zA-Z0-9_]/g, "_"), unit };
}

const inUnit = (resource: string, amount: number): number =>
  resource === "cpu" ? amount / 1000 : amount;

function allocatable(node: Node | undefined): Map<string, number> {
  const list = node?.status.allocatable ?? node?.status.capacity ?? {};
  return new Map(
    Object.entries(list).map(([name, quantity]) => [name, resourceAmount(name, String(quantity))]),
  );
}
