/** What would have to change for a pod to fit: needs of each node, gathered into groups. */
import { type Taint, type Toleration, tolerates } from "../../sim/api/index.ts";
import type { CycleFact, PluginRejection, SearchDetail } from "../../sim/scheduler/index.ts";
import { amountText } from "./amount-text.ts";

export interface Remedies {
  /** Nodes with the same needs, the largest group first. */
  readonly groups: readonly RemedyGroup[];
  /** The node that lacks the least: the fewest needs, then the smallest part of the request. */
  readonly nearest: { readonly node: string; readonly needs: readonly string[] } | undefined;
}

export interface RemedyGroup {
  readonly count: number;
  /** The first ones by name. */
  readonly examples: readonly string[];
  /** `a toleration of dedicated=db:NoSchedule` ...: all of them are needed. */
  readonly needs: readonly string[];
  /** Resources that are lacking, on the node of the group that lacks the least, and on the one that lacks most. */
  readonly lacking: readonly {
    readonly resource: string;
    readonly least: number;
    readonly most: number;
  }[];
}

/** What one node lacks. */
interface NodeNeeds {
  readonly node: string;
  readonly needs: readonly string[];
  readonly lacking: readonly { readonly resource: string; readonly amount: number }[];
  /** Sum of the parts of the request that are not there. */
  readonly size: number;
}

export function remediesOf(
  fact: CycleFact,
  { rejections, keptForNominated }: SearchDetail,
  examples: number,
): Remedies {
  const nodes = [...rejections]
    .map(([node, all]) => needsOf(fact, node, all, keptForNominated.has(node)))
    .sort((a, b) => (a.node < b.node ? -1 : 1));
  const [nearest] = [...nodes].sort(
    (a, b) => countOf(a) - countOf(b) || a.size - b.size || (a.node < b.node ? -1 : 1),
  );
  return {
    groups: groupsOf(nodes, examples),
    nearest: nearest && { node: nearest.node, needs: [...lackTexts(nearest), ...nearest.needs] },
  };
}

const countOf = ({ needs, lacking }: NodeNeeds): number => needs.length + lacking.length;

const lackTexts = ({ lacking }: NodeNeeds): string[] =>
  lacking.map(({ resource, amount }) => `${amountText(resource, amount)} more`);

function groupsOf(nodes: readonly NodeNeeds[], examples: number): RemedyGroup[] {
  const groups = new Map<string, NodeNeeds[]>();
  for (const each of nodes) {
    const key = [...each.needs, ...each.lacking.map(({ resource }) => `more ${resource}`)].join();
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(each);
  }
  return [...groups.values()]
    .sort((a, b) => b.length - a.length || (nameOf(a) < nameOf(b) ? -1 : 1))
    .map((members) => ({
      count: members.length,
      examples: members.slice(0, examples).map(({ node }) => node),
      needs: members[0]?.needs ?? [],
      lacking: (members[0]?.lacking ?? []).map(({ resource }, i) => {
        const amounts = members.map(({ lacking }) => lacking[i]?.amount ?? 0);
        return { resource, least: least(amounts), most: -least(amounts.map((each) => -each)) };
      }),
    }));
}

const nameOf = ([first]: readonly NodeNeeds[]): string => first?.node ?? "";
const least = (amounts: readonly number[]): number =>
  amounts.reduce((low, each) => Math.min(low, each));

function needsOf(
  fact: CycleFact,
  node: string,
  rejections: readonly PluginRejection[],
  isKept: boolean,
): NodeNeeds {
  if (isKept) return { node, needs: [KEPT], lacking: [], size: 0 };
  const lacks = rejections.some(({ plugin }) => plugin === "NodeResourcesFit");
  const short = lacks ? fact.room(node).filter(({ requested, free }) => requested > free) : [];
  return {
    node,
    needs: rejections
      .filter(({ plugin }) => plugin !== "NodeResourcesFit" || short.length === 0)
      .map((rejection) => needText(fact, node, rejection)),
    lacking: short.map(({ resource, requested, free }) => ({
      resource,
      amount: requested - free,
    })),
    size: short.reduce((sum, { requested, free }) => sum + (requested - free) / requested, 0),
  };
}

const KEPT = "the pods that are nominated to the node to go elsewhere";

/** What the built-in plugins ask for, in words that say what to do; of others, what they say. */
function needText(fact: CycleFact, name: string, { plugin, reasons }: PluginRejection): string {
  const { pod } = fact.pod;
  const node = fact.cluster.node(name);
  switch (plugin) {
    case "TaintToleration": {
      const taints = untolerated(node?.taints ?? [], pod.spec.tolerations ?? []);
      return `a toleration of ${taints.map(taintText).join(" and ")}`;
    }
    case "NodeUnschedulable":
      return "the node to be uncordoned";
    case "NodeAffinity":
      return `node labels that match the pod's ${affinityText(pod.spec.nodeSelector)}`;
    case "NodeName":
      return `spec.nodeName to be another than ${pod.spec.nodeName ?? ""}`;
    case "NodePorts":
      return `host port ${fact.pod.hostPorts.map(({ hostPort }) => hostPort).join(", ")} to be free`;
    default:
      return `${plugin} no longer to say "${reasons.join(", ")}"`;
  }
}

/** Those that keep pods away: PreferNoSchedule does not. */
const untolerated = (taints: readonly Taint[], tolerations: readonly Toleration[]): Taint[] =>
  taints.filter(
    (taint) =>
      taint.effect !== "PreferNoSchedule" &&
      !tolerations.some((toleration) => tolerates(toleration, taint)),
  );

export const taintText = ({ key, value = "", effect }: Taint): string =>
  `${key}${value === "" ? "" : `=${value}`}:${effect}`;

function affinityText(selector: Readonly<Record<string, string>> | undefined): string {
  const labels = Object.entries(selector ?? {}).map(([key, value]) => `${key}=${value}`);
  return labels.length === 0 ? "node affinity" : `node selector ${labels.join(",")}`;
}
