/**
 * In-tree disks of clouds and the CSI drivers that have taken them over (KEP-625): where the
 * kubelet has announced the migration on a node's CSINode, an in-tree disk counts and is reached as
 * one of the driver's.
 *
 * Source: staging/src/k8s.io/csi-translation-lib/plugins and isCSIMigrationOn in
 * pkg/scheduler/framework/plugins/nodevolumelimits/utils.go, v1.30. The gates of Portworx and RBD
 * are off in that release, so these are not here.
 */
import type { CSINode, core, PersistentVolume } from "../../sim/api/index.ts";

/** What an in-tree disk became. */
interface Migration {
  /** Name of the in-tree plugin, also as a provisioner: `kubernetes.io/aws-ebs`. */
  readonly plugin: string;
  readonly driver: string;
  /** The node label that takes the place of the zone label in a volume's affinity; "": none does. */
  readonly zoneKey: string;
  /** The driver's handle of a disk; "" when this plugin's field is not set or cannot be translated. */
  handle(source: DiskSource, zone: string): string;
}

/** The fields that volumes of pods and PersistentVolumes share. */
export type DiskSource = Pick<
  core.PersistentVolumeSpec & core.Volume,
  "awsElasticBlockStore" | "gcePersistentDisk" | "azureDisk" | "cinder"
>;

const MIGRATIONS: readonly Migration[] = [
  {
    plugin: "kubernetes.io/aws-ebs",
    driver: "ebs.csi.aws.com",
    zoneKey: "topology.ebs.csi.aws.com/zone",
    handle: ({ awsElasticBlockStore }) => ebsVolumeId(awsElasticBlockStore?.volumeID ?? ""),
  },
  {
    plugin: "kubernetes.io/gce-pd",
    driver: "pd.csi.storage.gke.io",
    zoneKey: "topology.gke.io/zone",
    handle: ({ gcePersistentDisk }, zone) =>
      gcePersistentDisk === undefined
        ? ""
        : `projects/UNSPECIFIED/zones/${zone}/disks/${gcePersistentDisk.pdName}`,
  },
  {
    plugin: "kubernetes.io/azure-disk",
    driver: "disk.csi.azure.com",
    zoneKey: "",
    handle: ({ azureDisk }) => azureDisk?.diskURI ?? "",
  },
  {
    plugin: "kubernetes.io/cinder",
    driver: "cinder.csi.openstack.org",
    zoneKey: "topology.cinder.csi.openstack.org/zone",
    handle: ({ cinder }) => cinder?.volumeID ?? "",
  },
];

const MIGRATED_PLUGINS = "storage.alpha.kubernetes.io/migrated-plugins";
const ZONE_LABELS = ["failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"];
const BETA_REGION = "failure-domain.beta.kubernetes.io/region";
const REGION = "topology.kubernetes.io/region";

/** Whether the node's kubelet has given the in-tree plugin's disks to its CSI driver. */
export function isMigrated(csiNode: CSINode | undefined, plugin: string): boolean {
  const names = csiNode?.metadata.annotations?.[MIGRATED_PLUGINS] ?? "";
  return names !== "" && names.split(",").includes(plugin);
}

/** The CSI driver of an in-tree provisioner's name; undefined when that is none. */
export function driverOfPlugin(plugin: string): string | undefined {
  return MIGRATIONS.find((each) => each.plugin === plugin)?.driver;
}

/** A disk that a CSI driver would take over. */
export interface MigratableDisk {
  readonly plugin: string;
  readonly driver: string;
  readonly handle: string;
}

/** The disk that a pod's volume or a PersistentVolume stands for; undefined: no in-tree disk. */
export function migratableDisk(
  source: DiskSource,
  zone = "UNSPECIFIED",
): MigratableDisk | undefined {
  for (const { plugin, driver, handle } of MIGRATIONS) {
    const id = handle(source, zone);
    if (id !== "") return { plugin, driver, handle: id };
  }
  return undefined;
}

/** The zone that a volume's labels name. */
export function zoneOf({ metadata }: PersistentVolume): string | undefined {
  const key = ZONE_LABELS.find((label) => metadata.labels?.[label] !== undefined);
  return key === undefined ? undefined : metadata.labels?.[key];
}

const translations = new WeakMap<PersistentVolume, core.NodeSelector | undefined>();

/** A volume's required node affinity where its disk is migrated: zones by the driver's own key. */
export function migratedAffinity(volume: PersistentVolume): core.NodeSelector | undefined {
  if (translations.has(volume)) return translations.get(volume);
  const required = translate(volume);
  translations.set(volume, required);
  return required;
}

/** translateTopologyFromInTreeToCSI */
function translate(volume: PersistentVolume): core.NodeSelector | undefined {
  const required = volume.spec.nodeAffinity?.required;
  const plugin = migratableDisk(volume.spec)?.plugin;
  const zoneKey = MIGRATIONS.find((each) => each.plugin === plugin)?.zoneKey ?? "";
  if (zoneKey === "") return required;
  const terms = required?.nodeSelectorTerms ?? [];
  const namesZones = terms.some(({ matchExpressions = [] }) =>
    matchExpressions.some(({ key }) => ZONE_LABELS.includes(key)),
  );
  if (namesZones) return { nodeSelectorTerms: terms.map((term) => renamed(term, zoneKey)) };
  const zone = zoneOf(volume);
  if (zone === undefined) return required;
  const expression = { key: zoneKey, operator: "In", values: zone.split("__") };
  if (terms.length === 0) return { nodeSelectorTerms: [{ matchExpressions: [expression] }] };
  return {
    nodeSelectorTerms: terms.map((term) => ({
      ...term,
      matchExpressions: [...(term.matchExpressions ?? []), expression],
    })),
  };
}

function renamed(term: core.NodeSelectorTerm, zoneKey: string): core.NodeSelectorTerm {
  const keyOf = (key: string): string =>
    ZONE_LABELS.includes(key) ? zoneKey : key === BETA_REGION ? REGION : key;
  const matchExpressions = (term.matchExpressions ?? []).map((expression) => ({
    ...expression,
    key: keyOf(expression.key),
  }));
  return { ...term, matchExpressions };
}

/** KubernetesVolumeIDToEBSVolumeID: `aws://us-east-1a/vol-1` and `vol-1` are `vol-1`. */
function ebsVolumeId(id: string): string {
  const last = id.startsWith("aws://") ? id.slice(id.lastIndexOf("/") + 1) : id;
  return /^vol-[^/]*$/.test(last) ? last : "";
}
