import { describe, expect, test } from "vitest";
import { FlowControlWorld, type Request, schemaManifest } from "./flow-control-fixture.ts";

function classified(request: Request, world = new FlowControlWorld()): [string, string] {
  const call = world.send(0, request);
  world.settle(0);
  return [call.flowSchema, call.priorityLevel];
}

const status = {
  verb: "patch",
  kind: "Node",
  subresource: "status",
  clientName: "kubelet",
} as const;
const record = (kind: string, namespace: string): Request["record"] =>
  new FlowControlWorld().etcd.record(kind, namespace, "x");

test("a client that asks for many things finds the flow of each again", () => {
  const world = new FlowControlWorld();
  const kinds = ["Pod", "Lease", "Event", "Service"];
  const ask = (): [string, string][] =>
    kinds.flatMap((kind) =>
      ["a", "b", "kube-system", "default"].map((namespace) => {
        const own = world.etcd.record(kind, namespace, "x");
        return classified({ clientName: "kube-scheduler", kind, record: own }, world);
      }),
    );
  const first = ask();
  expect(new Set(first.map(String)).size).toBeGreaterThan(1);
  expect(ask()).toEqual(first);
});

describe("a request of the default configuration", () => {
  test.each<[string, Request, [string, string]]>([
    ["a user's", {}, ["global-default", "global-default"]],
    ["the API server's own", { clientName: "apiserver" }, ["exempt", "exempt"]],
    ["a kubelet's pod status", { ...status, kind: "Pod" }, ["system-nodes", "system"]],
    ["a kubelet's node status", status, ["system-node-high", "node-high"]],
    [
      "a kubelet's lease",
      { verb: "update", kind: "Lease", clientName: "kubelet", record: record("Lease", "l") },
      ["system-node-high", "node-high"],
    ],
    ["a kubelet's event", { clientName: "kubelet-events" }, ["system-nodes", "system"]],
    ["the scheduler's", { clientName: "kube-scheduler" }, ["kube-scheduler", "workload-high"]],
    ["its events", { clientName: "kube-scheduler-events" }, ["kube-scheduler", "workload-high"]],
    [
      "its lease",
      { clientName: "kube-scheduler", verb: "update", kind: "Lease", record: record("Lease", "k") },
      ["system-leader-election", "leader-election"],
    ],
    [
      "the leases of all namespaces, which no election needs",
      { clientName: "kube-scheduler", verb: "list", kind: "Lease" },
      ["kube-scheduler", "workload-high"],
    ],
    [
      "the controller manager's informers",
      { clientName: "kube-controller-manager", verb: "list" },
      ["kube-controller-manager", "workload-high"],
    ],
    [
      "a controller's",
      { clientName: "deployment-controller" },
      ["kube-system-service-accounts", "workload-high"],
    ],
    [
      "the garbage collector's",
      { clientName: "generic-garbage-collector" },
      ["kube-system-service-accounts", "workload-high"],
    ],
    [
      "a kube-proxy's",
      { clientName: "kube-proxy", verb: "watch", kind: "EndpointSlice" },
      ["kube-system-service-accounts", "workload-high"],
    ],
    [
      "a list of metrics",
      { clientName: "horizontal-pod-autoscaler", verb: "list", kind: "PodMetrics" },
      ["kube-system-service-accounts", "workload-high"],
    ],
  ])("%s", (_, request, expected) => {
    expect(classified(request)).toEqual(expected);
  });
});

describe("a FlowSchema in the store", () => {
  test("takes the requests of its users, by precedence", () => {
    const world = new FlowControlWorld();
    world.store(schemaManifest("late", "workload-low", 2000, ["tenant"]));
    world.store(schemaManifest("early", "workload-high", 1999, ["tenant", "somebody"]));
    expect(classified({}, world)).toEqual(["early", "workload-high"]);
    expect(classified({ clientName: "other" })).toEqual(["global-default", "global-default"]);
  });

  test("counts as soon as it is there, and no longer when it is gone", () => {
    const world = new FlowControlWorld();
    expect(classified({}, world)[0]).toBe("global-default");
    world.store(schemaManifest("mine", "workload-low", 2000, ["tenant"]));
    expect(classified({}, world)[0]).toBe("mine");
    const stored = world.etcd.find("FlowSchema", "mine");
    const object = stored?.stored;
    if (stored === undefined || object === undefined) throw new Error("not stored");
    world.etcd.delete(stored, { ...object, metadata: { ...object.metadata } });
    expect(classified({}, world)[0]).toBe("global-default");
  });

  test("is left out when its priority level does not exist, and says so", () => {
    const world = new FlowControlWorld();
    world.store(schemaManifest("lost", "nowhere", 2000, ["tenant"]));
    expect(classified({}, world)[0]).toBe("global-default");
    world.settle();
    expect(world.etcd.find("FlowSchema", "lost")?.stored).toMatchObject({
      status: { conditions: [{ type: "Dangling", status: "True", reason: "NotFound" }] },
    });
  });
});
