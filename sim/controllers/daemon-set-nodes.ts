/**
 * Which nodes a DaemonSet's pods belong on, and how a pod is tied to its node. Pure functions.
 *
 * Source: NodeShouldRunDaemonPod in pkg/controller/daemon/daemon_controller.go and
 * pkg/controller/daemon/util/daemonset_util.go of v1.30. Not modelled: the deprecated label
 * pod-template-generation and its annotation.
 */
import {
  compileNodeSelector,
  type DaemonSet,
  findUntoleratedTaint,
  type Manifest,
  type Node,
  type NodeSelectorMatcher,
  type Pod,
  type PodSpec,
  type Toleration,
} from "../api/index.ts";
import { podFromTemplate } from "./pod-template.ts";
import { REVISION_HASH } from "./revision-history.ts";

/** Whether a pod should be made on a node, and whether one that is there may stay. */
export interface NodeVerdict {
  readonly shouldRun: boolean;
  readonly shouldContinue: boolean;
}

const RUNS: NodeVerdict = { shouldRun: true, shouldContinue: true };
const STAYS: NodeVerdict = { shouldRun: false, shouldContinue: true };
const LEAVES: NodeVerdict = { shouldRun: false, shouldContinue: false };

/** What all pods of one template share. */
interface DaemonTemplate {
  /** The template's spec with the tolerations of daemon pods. */
  readonly spec: PodSpec;
  readonly isNodeWanted: NodeSelectorMatcher;
  /** By node; a node is a new object with each change. */
  readonly verdicts: WeakMap<Node, NodeVerdict>;
}

const NO_CONTAINERS: PodSpec = { containers: [] };
const daemonTemplates = new WeakMap<PodSpec, DaemonTemplate>();

/** NodeShouldRunDaemonPod. */
export function nodeVerdict({ spec }: DaemonSet, node: Node): NodeVerdict {
  const template = daemonTemplate(spec.template.spec ?? NO_CONTAINERS);
  let verdict = template.verdicts.get(node);
  if (verdict === undefined) {
    verdict = judge(template, node);
    template.verdicts.set(node, verdict);
  }
  return verdict;
}

function judge(
  { spec, isNodeWanted }: DaemonTemplate,
  { metadata, spec: node }: Node,
): NodeVerdict {
  const { name, labels = {} } = metadata;
  const { nodeName = "" } = spec;
  if (nodeName !== "" && nodeName !== name) return LEAVES;
  if (!isNodeWanted(labels, name)) return LEAVES;
  const { taints } = node;
  const { tolerations } = spec;
  if (findUntoleratedTaint(taints, tolerations, ["NoExecute"]) !== undefined) return LEAVES;
  return findUntoleratedTaint(taints, tolerations, ["NoSchedule"]) === undefined ? RUNS : STAYS;
}

/** The pod for one node: the scheduler places it there by its affinity. */
export function daemonPod(set: DaemonSet, hash: string, nodeName: string): Manifest {
  const { template } = set.spec;
  const manifest = podFromTemplate(template, set);
  const { spec } = daemonTemplate(template.spec ?? NO_CONTAINERS);
  const labels = { ...manifest.metadata?.labels, [REVISION_HASH]: hash };
  return {
    ...manifest,
    metadata: { ...manifest.metadata, labels },
    spec: { ...spec, affinity: withNodeName(spec.affinity, nodeName) },
  };
}

/** The node that a daemon pod is on or meant for; undefined: it names none (GetTargetNodeName). */
export function targetNodeName({ spec }: Pod): string | undefined {
  if ((spec.nodeName ?? "") !== "") return spec.nodeName;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  for (const { matchFields } of required?.nodeSelectorTerms ?? []) {
    for (const { key, operator, values } of matchFields ?? []) {
      if (key === "metadata.name" && operator === "In" && values?.length === 1) return values[0];
    }
  }
  return undefined;
}

function daemonTemplate(given: PodSpec): DaemonTemplate {
  let template = daemonTemplates.get(given);
  if (template === undefined) {
    template = {
      spec: { ...given, tolerations: withDaemonTolerations(given) },
      isNodeWanted: nodeMatcher(given),
      verdicts: new WeakMap(),
    };
    daemonTemplates.set(given, template);
  }
  return template;
}

/** nodeSelector and required node affinity (GetRequiredNodeAffinity). */
function nodeMatcher({ nodeSelector, affinity }: PodSpec): NodeSelectorMatcher {
  const wanted = Object.entries(nodeSelector ?? {});
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const matches = required === undefined ? undefined : compileNodeSelector(required);
  return (labels, name) =>
    wanted.every(([key, value]) => labels?.[key] === value) &&
    (matches === undefined || matches(labels, name));
}

/** AddOrUpdateDaemonPodTolerations. */
function withDaemonTolerations({ tolerations = [], hostNetwork }: PodSpec): Toleration[] {
  const all = [...tolerations];
  const add = (key: string, effect: string): void => {
    const isKnown = all.some(
      (each) =>
        each.key === key &&
        each.effect === effect &&
        each.operator === "Exists" &&
        (each.value ?? "") === "",
    );
    if (!isKnown) all.push({ key: `${key}`, operator: "Exists", effect });
  };
  add("node.kubernetes.io/not-ready", "NoExecute");
  add("node.kubernetes.io/unreachable", "NoExecute");
  add("node.kubernetes.io/disk-pressure", "NoSchedule");
  add("node.kubernetes.io/memory-pressure", "NoSchedule");
  add("node.kubernetes.io/pid-pressure", "NoSchedule");
  add("node.kubernetes.io/unschedulable", "NoSchedule");
  if (hostNetwork === true) add("node.kubernetes.io/network-unavailable", "NoSchedule");
  return all;
}

/** ReplaceDaemonSetPodNodeNameNodeAffinity: the node's name in the place of all required terms. */
function withNodeName(
  affinity: PodSpec["affinity"],
  nodeName: string,
): NonNullable<PodSpec["affinity"]> {
  const field = { key: "metadata.name", operator: "In", values: [nodeName] };
  return {
    ...affinity,
    nodeAffinity: {
      ...affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchFields: [field] }],
      },
    },
  };
}
