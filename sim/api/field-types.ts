/**
 * Field types: the field names that the API knows, in a compact notation, so that a manifest with a
 * misspelt or misplaced field is refused instead of silently losing it (strict decoding).
 *
 * A struct is a list of fields in one text: `name` is a string, `name:int`, `name:bool`,
 * `name:number`, `name:quantity`, `name:intstr` (a number or a text such as 25%), `name:map`
 * (texts by name), `name:quantities`, `name:any` (not looked into) or `name:Struct`; `[]` makes a
 * list of it. Fields as in the types of k8s.io/api v1.30.
 *
 * How two versions of a field are merged is said with it, as the Go types' tags do: `[name]` is a
 * list whose items are told apart by that field (with a second one, as in `[port,protocol]`, for
 * server-side apply only), `[set]` one of texts merged as a set, `[]` one replaced whole. `(atomic)`
 * is a map or struct that server-side apply replaces whole; `(union)` one of whose fields some
 * exclude each other (patchStrategy retainKeys).
 *
 * `~name` is a field that is accepted and has no effect in the simulation: it is named to the user
 * (ignored-parts.ts). `~name=Default` is not worth a word with that value.
 */
import { POD_FIELD_TYPES } from "./pod-field-types.ts";
import { VOLUME_FIELD_TYPES } from "./volume-field-types.ts";

export type FieldTypes = Readonly<Record<string, string>>;

/** Types that several kinds share. */
export const SHARED_FIELD_TYPES: FieldTypes = {
  ...POD_FIELD_TYPES,
  ...VOLUME_FIELD_TYPES,
  ObjectMeta:
    "name generateName namespace selfLink uid resourceVersion generation:int creationTimestamp deletionTimestamp deletionGracePeriodSeconds:int labels:map annotations:map ownerReferences:OwnerReference[uid] finalizers:string[set] managedFields:any",
  OwnerReference: "apiVersion kind name uid controller:bool blockOwnerDeletion:bool",
  LabelSelector: "matchLabels:map matchExpressions:SelectorRequirement[]",
  SelectorRequirement: "key operator values:string[]",
  Condition:
    "type status reason message lastTransitionTime lastProbeTime lastHeartbeatTime lastUpdateTime observedGeneration:int",
  PodTemplateSpec: "metadata:ObjectMeta spec:PodSpec",
  Toleration: "effect key operator tolerationSeconds:int value",
  TopologySpreadConstraint:
    "labelSelector:LabelSelector(atomic) matchLabelKeys:string[] maxSkew:int minDomains:int nodeAffinityPolicy nodeTaintsPolicy topologyKey whenUnsatisfiable",
  Affinity: "nodeAffinity:NodeAffinity podAffinity:PodAffinity podAntiAffinity:PodAffinity",
  NodeAffinity:
    "preferredDuringSchedulingIgnoredDuringExecution:PreferredSchedulingTerm[] requiredDuringSchedulingIgnoredDuringExecution:NodeSelector(atomic)",
  PreferredSchedulingTerm: "preference:NodeSelectorTerm(atomic) weight:int",
  NodeSelector: "nodeSelectorTerms:NodeSelectorTerm[]",
  NodeSelectorTerm: "matchExpressions:SelectorRequirement[] matchFields:SelectorRequirement[]",
  PodAffinity:
    "preferredDuringSchedulingIgnoredDuringExecution:WeightedPodAffinityTerm[] requiredDuringSchedulingIgnoredDuringExecution:PodAffinityTerm[]",
  WeightedPodAffinityTerm: "podAffinityTerm:PodAffinityTerm weight:int",
  PodAffinityTerm:
    "labelSelector:LabelSelector(atomic) ~matchLabelKeys:string[] ~mismatchLabelKeys:string[] namespaceSelector:LabelSelector(atomic) namespaces:string[] topologyKey",
  PodStatus:
    "conditions:Condition[type] containerStatuses:any[] ephemeralContainerStatuses:any[] hostIP hostIPs:any[ip] initContainerStatuses:any[] message nominatedNodeName phase podIP podIPs:any[ip] qosClass reason resize resourceClaimStatuses:any[name] startTime",
  ObjectReference: "apiVersion fieldPath kind name namespace resourceVersion uid",
};
