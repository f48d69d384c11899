/** Random storage of a cluster: classes, CSI drivers, and what they have left. */
import type { Draws } from "./random-draws.ts";
import type { RandomNode } from "./random-nodes.ts";
import { drawSize } from "./random-volumes.ts";
import { ZONE } from "./topology.ts";

export function drawStorage(draws: Draws, nodeNames: readonly string[]): object {
  const volumeBindingMode = "WaitForFirstConsumer";
  const waiting = (name: string, provisioner: string): object => ({
    metadata: { name },
    provisioner,
    volumeBindingMode,
    ...draws.maybe(0.4, () => ({ allowedTopologies: drawAllowedTopologies(draws) })),
  });
  return {
    storageClasses: [
      waiting("wait", "csi.a"),
      waiting("wait2", draws.pick(["csi.b", "kubernetes.io/aws-ebs"])),
      {
        metadata: { name: "static" },
        provisioner: "kubernetes.io/no-provisioner",
        volumeBindingMode,
      },
      { metadata: { name: "imm" }, provisioner: "csi.a", volumeBindingMode: "Immediate" },
    ],
    csiDrivers: draws.some(
      [
        { metadata: { name: "csi.a" }, spec: { storageCapacity: draws.chance(0.5) } },
        { metadata: { name: "csi.b" }, spec: { storageCapacity: true } },
      ],
      0.7,
    ),
    csiStorageCapacities: draws.times(draws.integer(0, 4), (index) => drawCapacity(draws, index)),
    csiNodes: draws.some(nodeNames, 0.7).map((name) => drawCsiNode(draws, name)),
  };
}

const drawAllowedTopologies = (draws: Draws): unknown =>
  draws.pick([
    [{ matchLabelExpressions: [{ key: ZONE, values: ["z1", "z2"] }] }],
    [
      {
        matchLabelExpressions: [
          { key: "disk", values: ["ssd"] },
          { key: ZONE, values: ["z1"] },
        ],
      },
      { matchLabelExpressions: [{ key: "rack", values: ["r1", "r2"] }] },
    ],
  ]);

const drawCapacity = (draws: Draws, index: number): unknown => ({
  metadata: { name: `k${index}`, namespace: "default" },
  storageClassName: draws.pick(["wait", "wait2"]),
  ...draws.maybe(0.9, () => ({
    nodeTopology: draws.pick<object>([
      { matchLabels: { [ZONE]: "z1" } },
      {},
      { matchExpressions: [{ key: "disk", operator: "In", values: ["ssd"] }] },
    ]),
  })),
  ...draws.maybe(0.8, () => ({ capacity: drawSize(draws) })),
  ...draws.maybe(0.3, () => ({ maximumVolumeSize: drawSize(draws) })),
});

const drawCsiNode = (draws: Draws, name: string): unknown => ({
  metadata: { name },
  spec: {
    drivers: draws.some<object>(
      [
        { name: "csi.a", nodeID: "x", allocatable: { count: draws.integer(0, 3) } },
        {
          name: "csi.b",
          nodeID: "x",
          ...draws.maybe(0.5, () => ({ allocatable: { count: draws.integer(1, 4) } })),
        },
      ],
      0.7,
    ),
  },
});

const LIMITS = ["csi-csi.b", "aws-ebs", "gce-pd", "azure-disk"];

/** Some nodes say themselves how many volumes they take. */
export function limitVolumes(draws: Draws, nodes: readonly RandomNode[]): void {
  for (const { status } of draws.some(nodes, 0.5)) {
    for (const kind of draws.some(LIMITS, 0.5)) {
      status.allocatable[`attachable-volumes-${kind}`] = String(draws.integer(0, 2));
    }
  }
}
