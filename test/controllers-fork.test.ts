import { describe, expect, test } from "vitest";
import { balancerByName } from "../policies/balance/index.ts";
import { profileByName } from "../policies/index.ts";
import type { Manifest } from "../sim/api/index.ts";
import { Cluster, defaultClusterOptions } from "../sim/index.ts";
import { deployment, job, template } from "./controllers-fixture.ts";
import { digestOfWrites } from "./digest-of-writes.ts";

const SECOND = 1_000_000;

function node(name: string): Manifest {
  const allocatable = { cpu: "4", memory: "16Gi", pods: "40" };
  return { apiVersion: "v1", kind: "Node", metadata: { name }, status: { allocatable } };
}

const service: Manifest = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "web", namespace: "default" },
  spec: { selector: { app: "web" }, ports: [{ port: 80, targetPort: "http" }] },
};

/** A rollout, a Job whose pods fail at times, and a Service, all under way for a minute. */
function busyCluster(): Cluster {
  const cluster = new Cluster(defaultClusterOptions, {
    profiles: [profileByName("default")],
    balancer: balancerByName("round-robin"),
  });
  cluster.bootstrap([node("a"), node("b"), node("c")]);
  const annotations = { "stowage.dev/duration": "4s", "stowage.dev/exit-code": "1" };
  const container = { name: "main", image: "batch:1" };
  const failing = {
    metadata: { annotations },
    spec: { restartPolicy: "Never", containers: [container] },
  };
  const operations: [number, "create" | "apply", Manifest][] = [
    [1, "create", deployment("web", 12)],
    [2, "create", service],
    [
      3,
      "create",
      job("fails", { template: failing, backoffLimit: 2, parallelism: 2, completions: 4 }),
    ],
    [20, "apply", deployment("web", 9, { template: template("web", "web:2") })],
  ];
  for (const [second, verb, object] of operations) {
    cluster.operations.append(second * SECOND, { verb, object, source: `at ${second} s` });
  }
  cluster.operations.close();
  cluster.start();
  return cluster;
}

describe("controllers in a fork", () => {
  test.each([1.0123, 3.5, 12, 21.777])(
    "from %s s on go on exactly as in the original",
    (seconds) => {
      const original = busyCluster();
      original.run(seconds * SECOND);
      const copy = original.fork();
      const digests = [original, copy].map((cluster) => {
        const digest = digestOfWrites(cluster);
        expect(cluster.run(3600 * SECOND)).toBe("idle");
        return digest.hex;
      });
      expect(digests[1]).toBe(digests[0]);
      const pods = copy
        .list("Pod")
        .filter(({ stored }) => stored?.metadata.labels?.["app"] === "web");
      expect(pods).toHaveLength(9);
    },
  );
});
