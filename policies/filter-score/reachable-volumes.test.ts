import fc from "fast-check";
import { expect, test } from "vitest";
import { isVolumeOnNode, type PersistentVolume } from "../../sim/api/index.ts";
import { makeVolume } from "../../test/storage-builders.ts";
import { ReachableVolumes } from "./reachable-volumes.ts";

const hosts = ["h0", "h1", "h2"];
const zones = ["z0", "z1"];
const places = fc.record(
  {
    hosts: fc.uniqueArray(fc.constantFrom(...hosts), { minLength: 1 }),
    zones: fc.uniqueArray(fc.constantFrom(...zones), { minLength: 1 }),
  },
  { requiredKeys: [] },
);

test("finds what trying every volume in turn finds", () => {
  fc.assert(
    fc.property(
      fc.array(places, { maxLength: 8 }),
      fc.constantFrom("none", ...hosts),
      fc.constantFrom(...zones),
      fc.nat(7),
      (all, host, zone, takenRank) => {
        const volumes = all.map((place, i) => makeVolume(`v${i}`, place));
        const labels: Record<string, string> = { "topology.kubernetes.io/zone": zone };
        if (host !== "none") labels["kubernetes.io/hostname"] = host;
        const isTaken = (volume: PersistentVolume): boolean => volume === volumes[takenRank];
        const plain = volumes.find((each) => isVolumeOnNode(each, labels) && !isTaken(each));
        expect(new ReachableVolumes(volumes).first(labels, isTaken)).toBe(plain);
      },
    ),
    { seed: 5, numRuns: 300 },
  );
});
