/** Can volumes be made for claims? checkVolumeProvisions, in plugins/volumebinding/binder.go. */
import type { NodeState } from "./node-state.ts";
import type { Claim, Labels, Scenario, StorageClass } from "./scenario.ts";
import { labelValue, selectorOf, selects } from "./selectors.ts";
import { labelsOf } from "./topology.ts";
import { classOf, findNamed, wholeBytes } from "./volume-claims.ts";

/** The first problem; undefined: all can be made. */
export function provisioningProblem(
  claims: readonly Claim[],
  node: NodeState,
  scenario: Scenario,
): string | undefined {
  const labels = labelsOf(node);
  for (const claim of claims) {
    const storageClass = classOf(scenario, claim);
    if (storageClass === undefined) throw new Error(`class of ${claim.metadata.name} is gone`);
    if (!canProvision(storageClass) || !allowsTopology(storageClass, labels)) {
      return "node(s) didn't find available persistent volumes to bind";
    }
    const request = claim.spec.resources?.requests?.["storage"];
    if (request !== undefined && !hasCapacity(request, storageClass, { labels, scenario })) {
      return "node(s) did not have enough free storage";
    }
  }
  return undefined;
}

const canProvision = ({ provisioner }: StorageClass): boolean =>
  Boolean(provisioner) && provisioner !== "kubernetes.io/no-provisioner";

/** MatchTopologySelectorTerms, in component-helpers' scheduling/corev1/helpers.go */
function allowsTopology({ allowedTopologies: terms = [] }: StorageClass, labels: Labels): boolean {
  if (terms.length === 0) return true;
  return terms.some(({ matchLabelExpressions: expressions = [] }) => {
    const holds = ({ key, values }: { key: string; values: string[] }): boolean =>
      values.includes(labelValue(labels, key) ?? "") && labelValue(labels, key) !== undefined;
    return expressions.length > 0 && expressions.every(holds);
  });
}

/** hasEnoughCapacity: drivers that don't publish their capacity have enough. */
function hasCapacity(
  request: string,
  storageClass: StorageClass,
  { labels, scenario }: { readonly labels: Labels; readonly scenario: Scenario },
): boolean {
  const driver = findNamed(scenario.csiDrivers, storageClass.provisioner);
  if (driver?.spec.storageCapacity !== true) return true;
  return scenario.csiStorageCapacities.some(
    ({ storageClassName, nodeTopology, maximumVolumeSize, capacity }) => {
      // capacitySufficient
      const available = maximumVolumeSize ?? capacity;
      return (
        storageClassName === storageClass.metadata.name &&
        available !== undefined &&
        wholeBytes(available) >= wholeBytes(request) &&
        selects(selectorOf(nodeTopology), labels)
      );
    },
  );
}
