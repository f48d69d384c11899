/**
 * Scenarios recorded from kube-scheduler v1.30.6: reading them, and which of them need nothing
 * that Stowage's scheduler does not have yet. The format is in reference/conformance/README.md.
 */
import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { KubeSchedulerConfiguration } from "../../policies/index.ts";
import type { Node, Pod } from "../../sim/api/index.ts";

const folder = new URL("../reference/conformance/", import.meta.url);

export interface ExpectedStatus {
  readonly plugin?: string;
  readonly code: string;
  readonly reasons: readonly string[];
}

/** What kube-scheduler did with one pod. A field that is absent is not compared. */
export interface ExpectedStep {
  readonly pod: string;
  readonly outcome: "scheduled" | "unschedulable" | "gated" | "ignored";
  readonly preEnqueue?: ExpectedStatus;
  readonly preFilter?: ExpectedStatus;
  readonly excludedByPreFilter?: readonly string[];
  readonly feasible?: readonly string[];
  readonly filtered?: Readonly<Record<string, ExpectedStatus>>;
  readonly scores?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly totals?: Readonly<Record<string, number>>;
  readonly best?: readonly string[];
  readonly chosen?: string;
  readonly fitError?: string;
  readonly bestTotal?: number;
  readonly bestCount?: number;
  readonly feasibleCount?: number;
  readonly postFilter?: { readonly victims?: readonly string[] };
  readonly afterPreemption?: ExpectedStep;
}

export interface Scenario {
  readonly name: string;
  readonly schedulerConfig?: KubeSchedulerConfiguration;
  readonly nodes: readonly Node[];
  readonly boundPods: readonly Pod[];
  readonly pendingPods: readonly Pod[];
}

export interface Recording {
  readonly scenario: Scenario;
  readonly steps: readonly ExpectedStep[];
  readonly finalBindings: Readonly<Record<string, string>>;
  /** Why the scenario cannot run yet; "" when it can. */
  readonly missing: string;
}

/** A scenario as it stands in the file: objects lack what the API server would fill in. */
interface RawScenario extends Omit<Scenario, "boundPods"> {
  readonly boundPods?: readonly Pod[];
  readonly [field: string]: unknown;
}

/** Names of the files, without `.jsonl.gz`, sorted. */
export function recordingFiles(): readonly string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".jsonl.gz"))
    .map((file) => file.slice(0, -".jsonl.gz".length))
    .sort();
}

export function readRecordings(file: string): readonly Recording[] {
  const text = gunzipSync(readFileSync(new URL(`${file}.jsonl.gz`, folder))).toString("utf8");
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => {
    const { scenario, expected } = JSON.parse(line) as {
      scenario: RawScenario;
      expected: Pick<Recording, "steps" | "finalBindings">;
    };
    return { ...expected, scenario: completed(scenario), missing: missingFeature(scenario) };
  });
}

/** Fields of a scenario that only plugins look at which Stowage does not have. */
const FIELDS_OF_MISSING_PLUGINS: Readonly<Record<string, string>> = {
  nominatedPods: "nominated pods",
  services: "default topology spreading",
  replicationControllers: "default topology spreading",
  replicaSets: "default topology spreading",
  statefulSets: "default topology spreading",
  persistentVolumeClaims: "volumes",
  persistentVolumes: "volumes",
  csiNodes: "volumes",
};

/**
 * The rule by which a scenario runs: no field and no pod in it uses a feature of a plugin that is
 * not there, and no pod could preempt another (all pending pods are of the lowest priority, or
 * never preempt).
 */
function missingFeature(scenario: RawScenario): string {
  for (const [field, feature] of Object.entries(FIELDS_OF_MISSING_PLUGINS)) {
    if (Array.isArray(scenario[field]) && scenario[field].length > 0) return feature;
  }
  const pods = [...(scenario.boundPods ?? []), ...scenario.pendingPods];
  for (const { spec, status } of pods) {
    if (spec.affinity?.podAffinity || spec.affinity?.podAntiAffinity) return "inter-pod affinity";
    if (spec.topologySpreadConstraints?.length) return "topology spread constraints";
    if (spec.volumes?.length) return "volumes";
    if (status?.nominatedNodeName) return "nominated pods";
  }
  const lowest = Math.min(...pods.map(({ spec }) => spec.priority ?? 0));
  const mayPreempt = scenario.pendingPods.some(
    ({ spec }) => (spec.priority ?? 0) > lowest && spec.preemptionPolicy !== "Never",
  );
  return mayPreempt ? "preemption" : "";
}

function completed(raw: RawScenario): Scenario {
  const alive = (raw.boundPods ?? []).filter(
    ({ status }) => status?.phase !== "Succeeded" && status?.phase !== "Failed",
  );
  return {
    name: raw.name,
    ...(raw.schedulerConfig === undefined ? {} : { schedulerConfig: raw.schedulerConfig }),
    nodes: raw.nodes.map((node) => stored(node, "Node", "")),
    boundPods: alive.map((pod) => stored(pod, "Pod", "default")),
    pendingPods: raw.pendingPods.map((pod) => stored(pod, "Pod", "default")),
  };
}

/** The object with what holds for every stored one; nothing that it states is changed. */
function stored<T extends Node | Pod>(object: T, kind: string, namespace: string): T {
  return {
    ...object,
    apiVersion: "v1",
    kind,
    metadata: { ...object.metadata, namespace: object.metadata.namespace ?? namespace },
    spec: object.spec ?? {},
    status: object.status ?? {},
  };
}
