/** VolumeZone: plugins/volumezone/volume_zone.go. */
import type { NodeState } from "./node-state.ts";
import type { Pod, Scenario } from "./scenario.ts";
import { labelValue } from "./selectors.ts";
import { type Status, unresolvable } from "./step.ts";
import { labelsOf, REGION, ZONE } from "./topology.ts";
import { claimNamesOf, classNameOf, classOf, findClaim, findVolume } from "./volume-claims.ts";

const PLUGIN = "VolumeZone";
const BETA_ZONE = "failure-domain.beta.kubernetes.io/zone";
const BETA_REGION = "failure-domain.beta.kubernetes.io/region";
const KEYS = [BETA_ZONE, BETA_REGION, ZONE, REGION];
/** translateToGALabel */
const GA_KEYS: ReadonlyMap<string, string> = new Map([
  [BETA_ZONE, ZONE],
  [BETA_REGION, REGION],
]);

/** A label of a volume of the pod: a node must have one of the values. */
export interface ZoneRule {
  readonly key: string;
  readonly values: readonly string[];
}

/** PreFilter (getPVbyPod): a status rejects the pod everywhere. */
export function zoneRulesOf(pod: Pod, scenario: Scenario): readonly ZoneRule[] | Status {
  const rules: ZoneRule[] = [];
  for (const name of claimNamesOf(pod)) {
    const claim = findClaim(scenario, pod, name);
    if (claim === undefined) throw new Error(`claim ${name}: VolumeRestrictions let it pass`);
    if (!claim.spec.volumeName) {
      const storageClass = classOf(scenario, claim);
      if (storageClass?.volumeBindingMode === "WaitForFirstConsumer") continue;
      const className = classNameOf(claim);
      if (className === "") {
        return unresolvable(PLUGIN, "PersistentVolumeClaim had no pv name and storageClass name");
      }
      return unresolvable(
        PLUGIN,
        storageClass === undefined
          ? `storageclass.storage.k8s.io "${className}" not found`
          : "PersistentVolume had no name",
      );
    }
    const volume = findVolume(scenario, claim);
    if (volume === undefined) {
      return unresolvable(PLUGIN, `persistentvolume "${claim.spec.volumeName}" not found`);
    }
    for (const key of KEYS) {
      // LabelZonesToSet: "__" separates zones; one empty zone spoils the label.
      const values = labelValue(volume.metadata.labels, key)?.split("__");
      const zones = values?.map((zone) => zone.trim());
      if (zones !== undefined && !zones.includes("")) rules.push({ key, values: zones });
    }
  }
  return rules;
}

/** Filter: a node without any of the four labels takes every volume. */
export function filterZones(rules: readonly ZoneRule[], node: NodeState): Status | undefined {
  const labels = labelsOf(node);
  if (!KEYS.some((key) => labelValue(labels, key) !== undefined)) return undefined;
  const fits = ({ key, values }: ZoneRule): boolean => {
    const zone = labelValue(labels, key) ?? labelValue(labels, GA_KEYS.get(key) ?? key);
    return zone !== undefined && values.includes(zone);
  };
  if (rules.every(fits)) return undefined;
  return unresolvable(PLUGIN, "node(s) had no available volume zone");
}
