/** Random nodes. */
import type { Draws } from "./random-draws.ts";
import type { Mix } from "./random-mix.ts";
import type { core } from "./scenario.ts";
import { HOSTNAME, REGION, ZONE } from "./topology.ts";

export interface RandomNode {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: core.NodeSpec;
  readonly status: { allocatable: Record<string, string>; images?: core.ContainerImage[] };
}

export const drawNode = (draws: Draws, name: string, mix: Mix): RandomNode => ({
  metadata: { name, labels: drawLabels(draws, name, mix) },
  spec: {
    ...(mix.kind === "general" && draws.maybe(0.08, () => ({ unschedulable: true }))),
    ...draws.maybe(mix.taints, () => ({ taints: drawTaints(draws) })),
  },
  status: {
    allocatable: drawAllocatable(draws, mix),
    ...draws.maybe(0.6, () => ({ images: drawImages(draws) })),
  },
});

const drawLabels = (draws: Draws, name: string, mix: Mix): Record<string, string> => ({
  ...draws.maybe(0.95 - mix.sameHostnames / 2, () => ({
    [HOSTNAME]: draws.chance(mix.sameHostnames) ? draws.pick(["h1", "n0"]) : name,
  })),
  ...draws.maybe(0.85, () => ({ [ZONE]: draws.pick(["z1", "z2", "z3", ""]) })),
  ...draws.maybe(0.4, () => ({ [REGION]: draws.pick(["e", "w"]) })),
  ...draws.maybe(0.5, () => ({ rack: draws.pick(["r1", "r2", "r3"]) })),
  ...draws.maybe(0.7, () => ({ disk: draws.pick(["ssd", "hdd"]) })),
  ...draws.maybe(0.5, () => ({ gen: draws.pick(["1", "3", "x", "-2", "7"]) })),
});

const drawTaints = (draws: Draws): core.Taint[] =>
  draws.some<core.Taint>(
    [
      {
        key: "dedicated",
        value: draws.pick(["gpu", "db"]),
        effect: draws.pick<"NoSchedule" | "NoExecute" | "PreferNoSchedule">([
          "NoSchedule",
          "NoExecute",
          "PreferNoSchedule",
        ]),
      },
      { key: "soft", value: "1", effect: "PreferNoSchedule" },
    ],
    0.5,
  );

const drawAllocatable = (draws: Draws, { kind }: Mix): Record<string, string> => ({
  cpu: draws.pick(kind === "volumes" ? ["4", "8", "16"] : ["2", "4", "3500m", "8", "0"]),
  memory: draws.pick(["2Gi", "4Gi", "8000000000", "16Gi"]),
  ...draws.maybe(0.9, () => ({ pods: draws.pick(["3", "10", "110"]) })),
  ...draws.maybe(0.5, () => ({ "example.com/gpu": draws.pick(["0", "2", "4"]) })),
  ...draws.maybe(0.5, () => ({ "ephemeral-storage": "10Gi" })),
  ...draws.maybe(0.3, () => ({ "hugepages-2Mi": "8Mi" })),
});

/** The size of an image, and which names go together, differ from node to node. */
const drawImages = (draws: Draws): core.ContainerImage[] =>
  draws.some(
    [
      {
        names: ["web:latest", "web@sha256:1"],
        sizeBytes: draws.pick([500_000_000, 300_000_000]),
      },
      { names: ["web:v1"], sizeBytes: 90_000_000 },
      { names: ["reg.io:5000/app:latest"], sizeBytes: 1_500_000_000 },
      { names: ["db:v2", "web:v1"], sizeBytes: 700_000_000 },
    ],
    0.5,
  );
