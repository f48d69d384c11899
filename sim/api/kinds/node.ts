/** Node. Source: pkg/apis/core/v1/defaults.go and pkg/apis/core/validation of v1.30. */
import { findCondition } from "../conditions.ts";
import { duplicate, forbidden } from "../field-error.ts";
import type { FieldError, Kind } from "../kind.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../object-meta.ts";
import type { Node } from "../objects.ts";
import { AGE } from "../printer-text.ts";
import { validateAmounts } from "../resource-list.ts";
import { validateTaints } from "../scheduling-validation.ts";
import { semanticallyEqual } from "../semantic-equal.ts";

type Amounts = Readonly<Record<string, string>> | undefined;

export const nodeKind: Kind<Node> = {
  kind: "Node",
  apiVersion: "v1",
  resource: "nodes",
  namespaced: false,
  fields: ["spec", "status"],
  fieldTypes: {
    Node: "apiVersion kind metadata:ObjectMeta spec:NodeSpec status:NodeStatus",
    NodeSpec:
      "~configSource:any ~externalID ~podCIDR ~podCIDRs:string[set] ~providerID taints:Taint[] unschedulable:bool",
    Taint: "key value effect timeAdded",
    NodeStatus:
      "addresses:NodeAddress[type] allocatable:quantities capacity:quantities conditions:Condition[type] config:any daemonEndpoints:any images:ContainerImage[] nodeInfo:any phase runtimeHandlers:any volumesAttached:any volumesInUse:any",
    NodeAddress: "address type",
    ContainerImage: "names:string[] sizeBytes:int",
  },

  /** Allocatable is the capacity where it is not given. */
  defaults(given) {
    const status = (given.status ?? {}) as Node["status"];
    const { capacity } = status;
    const isComplete = status.allocatable !== undefined || capacity === undefined;
    return {
      apiVersion: "v1",
      kind: "Node",
      metadata: given.metadata,
      spec: (given.spec ?? {}) as Node["spec"],
      status: isComplete ? status : { ...status, allocatable: capacity },
    };
  },

  validate({ metadata, spec, status }) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { namespaced: false }, errors);
    if (spec.taints !== undefined) validateTaints(spec.taints, "spec.taints", errors);
    const { capacity, allocatable } = status as { capacity: Amounts; allocatable: Amounts };
    validateAmounts(capacity, "status.capacity", errors, false);
    if (allocatable !== capacity) {
      validateAmounts(allocatable, "status.allocatable", errors, false);
    }
    return errors;
  },

  validateUpdate(object, old) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(object, old, errors);
    const { podCIDRs: oldRanges = [], providerID: oldId = "" } = old.spec;
    if (oldRanges.length > 0 && !semanticallyEqual(object.spec.podCIDRs, oldRanges)) {
      const detail = 'node updates may not change podCIDR except from "" to valid';
      errors.push(forbidden("spec.podCIDRs", detail));
    }
    if (oldId !== "" && object.spec.providerID !== oldId) {
      const detail = 'node updates may not change providerID except from "" to valid';
      errors.push(forbidden("spec.providerID", detail));
    }
    return errors;
  },

  validateStatusUpdate({ status }, old) {
    const errors: FieldError[] = [];
    if (status.addresses !== old.status.addresses) validateAddresses(status.addresses, errors);
    const { capacity, allocatable } = status as { capacity: Amounts; allocatable: Amounts };
    if (capacity !== old.status.capacity)
      validateAmounts(capacity, "status.capacity", errors, false);
    if (allocatable !== old.status.allocatable && allocatable !== capacity)
      validateAmounts(allocatable, "status.allocatable", errors, false);
    return errors;
  },

  printerColumns: [
    { name: "STATUS", value: nodeStatus },
    { name: "ROLES", value: roles },
    AGE,
    { name: "VERSION", value: ({ status }) => status.nodeInfo?.kubeletVersion ?? "" },
  ],
};

/** Duplicate by type and text (ValidateNodeUpdate). */
function validateAddresses(addresses: Node["status"]["addresses"], errors: FieldError[]): void {
  const seen = new Set<string>();
  addresses?.forEach(({ type, address }, i) => {
    const both = JSON.stringify([type, address]);
    if (seen.has(both)) errors.push(duplicate(`status.addresses[${i}]`, { address, type }));
    seen.add(both);
  });
}

function nodeStatus({ spec, status }: Node): string {
  const ready = findCondition(status.conditions, "Ready")?.status;
  const text = ready === undefined ? "Unknown" : ready === "True" ? "Ready" : "NotReady";
  return spec.unschedulable === true ? `${text},SchedulingDisabled` : text;
}

const ROLE_PREFIX = "node-role.kubernetes.io/";

function roles({ metadata }: Node): string {
  const found = Object.keys(metadata.labels ?? {})
    .filter((key) => key.startsWith(ROLE_PREFIX))
    .map((key) => key.slice(ROLE_PREFIX.length))
    .sort();
  return found.length === 0 ? "<none>" : found.join(",");
}
