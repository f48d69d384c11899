import { describe, expect, test } from "vitest";
import { makeNode, makePod } from "../../test/scheduler-fixture.ts";
import { KeyRecord, type Node, type Pod } from "../api/index.ts";
import { createPodInfo, SchedulerCache } from "./framework/index.ts";
import { preCheckForNode } from "./node-precheck.ts";

const port = (hostPort: number, hostIP?: string): object => ({
  containers: [{ name: "web", ports: [{ containerPort: 80, hostPort, hostIP }] }],
});
const inZone = (zone: string): object => {
  const matchExpressions = [{ key: "zone", operator: "In", values: [zone] }];
  const nodeSelectorTerms = [{ matchExpressions }];
  return {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
  };
};
const tainted = (effect: string): object => ({ taints: [{ key: "gpu", effect }] });
const tolerations = [{ key: "gpu", operator: "Exists" }];

/** The node has 4 cpus, one pod of 1 cpu with host port 8080 on 10.0.0.1, and label zone=a. */
function accepts(podSpec: object, nodeSpec: object): boolean {
  const cache = new SchedulerCache();
  const { resources } = cache.state;
  const node = makeNode("n1", "4", { zone: "a" });
  cache.addNode({ ...node, spec: nodeSpec } as Node);
  const infoOf = (id: number, spec: object) => {
    const pod = makePod(`p${id}`, { cpu: "1" });
    const merged = { ...pod, spec: { ...pod.spec, ...spec } } as Pod;
    return createPodInfo(new KeyRecord<Pod>(id, "Pod", "default", `p${id}`), merged, resources);
  };
  cache.addPod(infoOf(0, port(8080, "10.0.0.1")), "n1");
  cache.addPod(infoOf(1, {}), "n1");
  const cached = cache.node("n1") ?? expect.fail("the node is not in the cache");
  return preCheckForNode(cached)(infoOf(2, podSpec));
}

const cpu = (amount: string): object => ({
  containers: [{ name: "main", resources: { requests: { cpu: amount } } }],
});

describe("a node that came or changed is worth a try for a pod that", () => {
  test.each([
    ["fits what is left", cpu("3"), {}, true],
    ["asks for more", cpu("3001m"), {}, false],
    ["names it", { nodeName: "n1" }, {}, true],
    ["names another", { nodeName: "n2" }, {}, false],
    ["selects its label", { nodeSelector: { zone: "a" } }, {}, true],
    ["selects another label", { nodeSelector: { zone: "b" } }, {}, false],
    ["requires its zone", { affinity: inZone("a") }, {}, true],
    ["requires another zone", { affinity: inZone("b") }, {}, false],
    ["wants a free host port", port(8081), {}, true],
    ["wants the port on another address", port(8080, "10.0.0.2"), {}, true],
    ["wants the port on every address", port(8080), {}, false],
    ["does not tolerate it", {}, tainted("NoSchedule"), false],
    ["tolerates it", { tolerations }, tainted("NoSchedule"), true],
    ["would only not stay there", {}, tainted("NoExecute"), true],
  ])("%s", (_name, podSpec, nodeSpec, expected) => {
    expect(accepts(podSpec, nodeSpec)).toBe(expected);
  });
});
