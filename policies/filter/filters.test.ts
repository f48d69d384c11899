import { describe, expect, test } from "vitest";
import { makeNode, makePod, type PodBuilder } from "../../test/builders.ts";
import { rejections } from "../../test/one-plugin.ts";
import { nodeName } from "./node-name.ts";
import { nodePorts } from "./node-ports.ts";
import { nodeUnschedulable } from "./node-unschedulable.ts";

describe("NodeName", () => {
  const nodes = [makeNode("a"), makeNode("b")];
  const OTHER = "node(s) didn't match the requested node name (unresolvable)";

  test.each([
    ["a pod that names no node may go anywhere", makePod("p"), []],
    ["a pod that names a node goes there only", makePod("p").onNode("b"), [`a: ${OTHER}`]],
    ["a node that is not there", makePod("p").onNode("c"), [`a: ${OTHER}`, `b: ${OTHER}`]],
  ])("%s", (_case, pod, wanted) => {
    expect(rejections(nodeName(), pod, { nodes })).toEqual(wanted);
  });
});

describe("NodeUnschedulable", () => {
  const nodes = [makeNode("open"), makeNode("cordoned").unschedulable()];
  const key = "node.kubernetes.io/unschedulable";
  const rejected = ["cordoned: node(s) were unschedulable (unresolvable)"];

  test.each([
    ["rejects a cordoned node", makePod("p"), rejected],
    ["is tolerated by key", makePod("p").tolerates({ key, operator: "Exists" }), []],
    ["is tolerated by everything", makePod("p").tolerates({ operator: "Exists" }), []],
    [
      "is not tolerated for another effect",
      makePod("p").tolerates({ key, operator: "Exists", effect: "NoExecute" }),
      rejected,
    ],
  ])("%s", (_case, pod, wanted) => {
    expect(rejections(nodeUnschedulable(), pod, { nodes })).toEqual(wanted);
  });
});

describe("NodePorts", () => {
  const taken = ["n: node(s) didn't have free ports for the requested pod ports"];
  const using = (...ports: Parameters<PodBuilder["hostPort"]>): PodBuilder =>
    makePod("bound")
      .onNode("n")
      .hostPort(...ports);

  test.each([
    ["a pod without host ports", using(80), makePod("p"), []],
    ["another port", using(80), makePod("p").hostPort(81), []],
    ["the same port", using(80), makePod("p").hostPort(80), taken],
    ["another protocol", using(80, "UDP"), makePod("p").hostPort(80), []],
    [
      "two addresses",
      using(80, "TCP", "10.0.0.1"),
      makePod("p").hostPort(80, "TCP", "10.0.0.2"),
      [],
    ],
    [
      "one address",
      using(80, "TCP", "10.0.0.1"),
      makePod("p").hostPort(80, "TCP", "10.0.0.1"),
      taken,
    ],
    ["every address against one", using(80), makePod("p").hostPort(80, "TCP", "10.0.0.1"), taken],
    ["one against every address", using(80, "TCP", "10.0.0.1"), makePod("p").hostPort(80), taken],
    ["the second of two ports", using(81), makePod("p").hostPort(80).hostPort(81), taken],
    [
      "a port of an init container does not count",
      using(80),
      makePod("p").spec({
        initContainers: [
          { name: "i", image: "x", ports: [{ containerPort: 80, hostPort: 80, protocol: "TCP" }] },
        ],
      }),
      [],
    ],
  ])("%s", (_case, bound, pod, wanted) => {
    expect(rejections(nodePorts(), pod, { nodes: [makeNode("n")], bound: [bound] })).toEqual(
      wanted,
    );
  });
});
