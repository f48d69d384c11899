/**
 * When an object is what was wanted of it, kind by kind: as `kubectl rollout status` and
 * `kubectl wait` of v1.30 tell (staging/src/k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go).
 */
import { type ApiObject, findCondition, type Pod } from "../../sim/api/index.ts";

export interface Readiness {
  readonly isReady: boolean;
  /** It ended, and will not be ready any more. */
  readonly isOver: boolean;
  /** Rises on the way. */
  readonly progress: number;
  /** What is lacking, in words; "": nothing. */
  readonly lacks: string;
}

/** The kinds that have an end to tell about. */
export const TIMELINE_KINDS = [
  "Pod",
  "Deployment",
  "ReplicaSet",
  "StatefulSet",
  "DaemonSet",
  "Job",
] as const;

interface Controlled {
  readonly spec?: { readonly replicas?: number; readonly completions?: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
    readonly availableReplicas?: number;
    readonly desiredNumberScheduled?: number;
    readonly updatedNumberScheduled?: number;
    readonly numberAvailable?: number;
    readonly succeeded?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

const OTHER: Readiness = { isReady: false, isOver: false, progress: 0, lacks: "" };

export function readinessOf(object: ApiObject): Readiness {
  if (object.kind === "Pod") return podReadiness(object as Pod);
  const { spec = {}, status = {} } = object as unknown as Controlled;
  const wanted = spec.replicas ?? 1;
  const { generation = 0 } = object.metadata;
  const isObserved = (status.observedGeneration ?? 0) >= generation;
  const count = (have: number, want: number, enough: boolean): Readiness => ({
    isReady: isObserved && enough && have >= want,
    isOver: false,
    progress: have,
    lacks: have >= want && enough ? "" : `${have} of ${want} pods are available`,
  });
  const updated = status.updatedReplicas ?? 0;
  const available = status.availableReplicas ?? 0;
  switch (object.kind) {
    case "Deployment":
      return count(available, wanted, updated >= wanted && (status.replicas ?? 0) <= updated);
    case "ReplicaSet":
      return count(available, wanted, true);
    case "StatefulSet":
      return count(status.readyReplicas ?? 0, wanted, updated >= wanted);
    case "DaemonSet": {
      const desired = status.desiredNumberScheduled ?? 0;
      const enough = (status.updatedNumberScheduled ?? 0) >= desired;
      return count(status.numberAvailable ?? 0, desired, enough);
    }
    case "Job":
      return jobReadiness(status, spec.completions ?? 1);
    default:
      return OTHER;
  }
}

function jobReadiness(status: NonNullable<Controlled["status"]>, completions: number): Readiness {
  const has = (type: string): boolean =>
    status.conditions?.some((each) => each.type === type && each.status === "True") === true;
  const { succeeded = 0 } = status;
  const isReady = has("Complete");
  const isOver = has("Failed");
  const lacks = isOver
    ? "the Job has failed"
    : `${succeeded} of ${completions} pods have succeeded`;
  return { isReady, isOver, progress: succeeded, lacks: isReady ? "" : lacks };
}

function podReadiness({ status }: Pod): Readiness {
  const isReady = findCondition(status.conditions, "Ready")?.status === "True";
  const { phase = "Pending" } = status;
  const isOver = phase === "Succeeded" || phase === "Failed";
  if (isReady || isOver) {
    const lacks = isOver
      ? `the pod ended: ${[phase, status.reason].filter(Boolean).join(", ")}`
      : "";
    return { isReady, isOver, progress: isOver ? 2 : 1, lacks };
  }
  return { isReady, isOver, progress: 0, lacks: containerTrouble(status) };
}

/** What keeps a container of the pod back, in the words of its status. */
function containerTrouble(status: Pod["status"]): string {
  const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  for (const { name, state, restartCount } of all) {
    const waiting = state?.waiting?.reason ?? "";
    const isPlain =
      waiting === "" || waiting === "ContainerCreating" || waiting === "PodInitializing";
    if (!isPlain) return `container ${name} is in ${waiting} after ${restartCount} restarts`;
    if ((restartCount ?? 0) > 0) return `container ${name} was restarted ${restartCount} times`;
  }
  return "";
}
