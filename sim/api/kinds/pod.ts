/**
 * Pod. Source: pkg/apis/core/v1/defaults.go, pkg/apis/core/validation and pkg/registry/core/pod
 * of v1.30.
 */
import { forbidden } from "../field-error.ts";
import type { FieldError, Kind } from "../kind.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../object-meta.ts";
import type { Pod, PodSpec } from "../objects.ts";
import { defaultPodSpec, qosClass } from "../pod-spec-defaults.ts";
import { validatePodSpec } from "../pod-spec-validation.ts";
import { validatePodStatusUpdate } from "../pod-status-validation.ts";
import { validatePodSpecUpdate } from "../pod-update-validation.ts";
import { AGE } from "../printer-text.ts";
import { mergedPodStatus } from "../stored-pod-status.ts";

const META_RULES = { namespaced: true } as const;

export const podKind: Kind<Pod> = {
  kind: "Pod",
  apiVersion: "v1",
  resource: "pods",
  namespaced: true,
  fields: ["spec", "status"],
  fieldTypes: { Pod: "apiVersion kind metadata:ObjectMeta spec:PodSpec status:PodStatus" },

  /** A status that was given is kept: the API server decides whether its client may set it. */
  defaults(given, stored) {
    const asked = (given.spec ?? { containers: [] }) as PodSpec;
    const spec = asked === (stored as Pod | undefined)?.spec ? asked : defaultPodSpec(asked);
    const status = given.status as Pod["status"] | undefined;
    return {
      apiVersion: "v1",
      kind: "Pod",
      metadata: given.metadata,
      spec,
      status: defaultStatus(status, spec),
    };
  },

  validate(pod, stored) {
    const errors: FieldError[] = [];
    validateObjectMeta(pod.metadata, META_RULES, errors, stored?.metadata);
    if (pod.spec === stored?.spec) return errors;
    validatePodSpec(pod.spec, "spec", errors);
    const { nodeName = "", schedulingGates = [] } = pod.spec;
    if (nodeName !== "" && schedulingGates.length > 0) {
      errors.push(forbidden("spec.nodeName", NODE_OF_GATED));
    }
    return errors;
  },

  validateUpdate(pod, old) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(pod, old, errors);
    if (pod.spec !== old.spec) validatePodSpecUpdate(pod.spec, old.spec, errors);
    return errors;
  },

  validateStatusUpdate(pod, old) {
    const errors: FieldError[] = [];
    validatePodStatusUpdate(pod, old, errors);
    return errors;
  },

  printerColumns: [
    { name: "READY", value: readyText },
    { name: "STATUS", value: statusText },
    { name: "RESTARTS", value: restarts },
    AGE,
    { name: "NODE", value: ({ spec }) => spec.nodeName ?? "<none>" },
  ],
};

const PENDING = { phase: "Pending" } as const;

function defaultStatus(status: Pod["status"] | undefined, spec: PodSpec): Pod["status"] {
  if (status === undefined)
    return mergedPodStatus(PENDING, { qosClass: qosClass(spec) }) as Pod["status"];
  if (status.phase !== undefined && status.qosClass !== undefined) return status;
  return {
    ...status,
    phase: status.phase ?? "Pending",
    qosClass: status.qosClass ?? qosClass(spec),
  };
}

const NODE_OF_GATED = "cannot be set until all schedulingGates have been cleared";

function readyText({ spec, status }: Pod): string {
  const ready = (status.containerStatuses ?? []).filter((each) => each.ready).length;
  return `${ready}/${spec.containers.length}`;
}

function statusText({ metadata, status }: Pod): string {
  if (metadata.deletionTimestamp !== undefined) return "Terminating";
  if (status.reason !== undefined && status.reason !== "") return status.reason;
  for (const { state } of status.containerStatuses ?? []) {
    const reason = state?.waiting?.reason ?? state?.terminated?.reason;
    if (reason !== undefined && reason !== "") return reason;
  }
  return status.phase ?? "Unknown";
}

function restarts({ status }: Pod): string {
  let count = 0;
  for (const each of status.containerStatuses ?? []) count += each.restartCount;
  return String(count);
}
