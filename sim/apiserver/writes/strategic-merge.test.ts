import { describe, expect, test } from "vitest";
import { fieldSchema, kindNamed } from "../../api/index.ts";
import type { JsonObject } from "./json.ts";
import { PatchFault, strategicMerge } from "./strategic-merge.ts";

const merged = (kind: string, target: JsonObject, patch: JsonObject): JsonObject =>
  strategicMerge(target, patch, fieldSchema(kindNamed(kind)), kind);
const podSpec = (target: JsonObject, patch: JsonObject): unknown =>
  merged("Pod", { spec: target }, { spec: patch })["spec"];
const meta = (target: JsonObject, patch: JsonObject): unknown =>
  merged("Pod", { metadata: target }, { metadata: patch })["metadata"];

describe("strategicMerge", () => {
  // "Update API Objects in Place Using kubectl patch" and the developer guide of strategic merge.
  test.each([
    [
      "a container of a new name is added",
      { containers: [{ name: "nginx", image: "nginx" }] },
      { containers: [{ name: "redis", image: "redis" }] },
      {
        containers: [
          { name: "nginx", image: "nginx" },
          { name: "redis", image: "redis" },
        ],
      },
    ],
    [
      "a container of the same name is merged",
      { containers: [{ name: "nginx", image: "nginx:1", env: [{ name: "A", value: "1" }] }] },
      { containers: [{ name: "nginx", image: "nginx:2", env: [{ name: "B", value: "2" }] }] },
      {
        containers: [
          {
            name: "nginx",
            image: "nginx:2",
            env: [
              { name: "A", value: "1" },
              { name: "B", value: "2" },
            ],
          },
        ],
      },
    ],
    [
      "tolerations have no merge key: the list is replaced",
      { tolerations: [{ key: "a" }] },
      { tolerations: [{ key: "b" }] },
      { tolerations: [{ key: "b" }] },
    ],
    [
      "$patch: delete takes an item out",
      { containers: [{ name: "a" }, { name: "b" }] },
      { containers: [{ name: "a", $patch: "delete" }] },
      { containers: [{ name: "b" }] },
    ],
    [
      "$patch: replace in a list replaces it",
      { containers: [{ name: "a" }, { name: "b" }] },
      { containers: [{ name: "c" }, { $patch: "replace" }] },
      { containers: [{ name: "c" }] },
    ],
    [
      "$patch: replace in a map replaces it",
      { securityContext: { runAsUser: 1, fsGroup: 2 } },
      { securityContext: { $patch: "replace", runAsUser: 3 } },
      { securityContext: { runAsUser: 3 } },
    ],
    [
      "$patch: delete in a map empties it",
      { nodeSelector: { a: "1" } },
      { nodeSelector: { $patch: "delete" } },
      { nodeSelector: {} },
    ],
    [
      "$retainKeys keeps only these",
      { volumes: [{ name: "v", emptyDir: {} }] },
      { volumes: [{ $retainKeys: ["name", "hostPath"], name: "v", hostPath: { path: "/x" } }] },
      { volumes: [{ name: "v", hostPath: { path: "/x" } }] },
    ],
    [
      "ports are told apart by containerPort",
      { containers: [{ name: "a", ports: [{ containerPort: 80, name: "http" }] }] },
      {
        containers: [
          { name: "a", ports: [{ containerPort: 80, name: "web" }, { containerPort: 81 }] },
        ],
      },
      {
        containers: [
          { name: "a", ports: [{ containerPort: 80, name: "web" }, { containerPort: 81 }] },
        ],
      },
    ],
    [
      "topologySpreadConstraints by topologyKey, volumeMounts by mountPath, hostAliases by ip",
      {
        topologySpreadConstraints: [{ topologyKey: "zone", maxSkew: 1 }],
        containers: [{ name: "a", volumeMounts: [{ mountPath: "/x", name: "v" }] }],
        hostAliases: [{ ip: "1.1.1.1", hostnames: ["a"] }],
      },
      {
        topologySpreadConstraints: [{ topologyKey: "zone", maxSkew: 2 }],
        containers: [{ name: "a", volumeMounts: [{ mountPath: "/x", name: "w" }] }],
        hostAliases: [{ ip: "2.2.2.2", hostnames: ["b"] }],
      },
      {
        topologySpreadConstraints: [{ topologyKey: "zone", maxSkew: 2 }],
        containers: [{ name: "a", volumeMounts: [{ mountPath: "/x", name: "w" }] }],
        hostAliases: [
          { ip: "1.1.1.1", hostnames: ["a"] },
          { ip: "2.2.2.2", hostnames: ["b"] },
        ],
      },
    ],
    [
      "null takes a field out",
      { nodeName: "n", hostname: "h" },
      { nodeName: null },
      { hostname: "h" },
    ],
    [
      "directives and nulls of what is new are not stored",
      {},
      { affinity: { $patch: "merge", nodeAffinity: null } },
      { affinity: {} },
    ],
    [
      "$setElementOrder orders what it names; what only the server has stays before what followed it",
      { containers: [{ name: "a" }, { name: "server" }, { name: "b" }] },
      {
        "$setElementOrder/containers": [{ name: "b" }, { name: "c" }, { name: "a" }],
        containers: [{ name: "c" }],
      },
      { containers: [{ name: "server" }, { name: "b" }, { name: "c" }, { name: "a" }] },
    ],
    [
      "$setElementOrder alone orders the list",
      { containers: [{ name: "a" }, { name: "b" }] },
      { "$setElementOrder/containers": [{ name: "b" }, { name: "a" }] },
      { containers: [{ name: "b" }, { name: "a" }] },
    ],
  ])("%s", (_case, target, patch, expected) => {
    expect(podSpec(target, patch)).toEqual(expected);
  });

  test.each([
    [
      "finalizers are merged as a set",
      { finalizers: ["a"] },
      { finalizers: ["b", "a"] },
      ["a", "b"],
    ],
    [
      "$deleteFromPrimitiveList takes texts out",
      { finalizers: ["a", "b"] },
      { "$deleteFromPrimitiveList/finalizers": ["a"] },
      ["b"],
    ],
    [
      "both at once, in the wanted order",
      { finalizers: ["a", "b"] },
      {
        "$deleteFromPrimitiveList/finalizers": ["a"],
        "$setElementOrder/finalizers": ["c", "b"],
        finalizers: ["c"],
      },
      ["c", "b"],
    ],
  ])("%s", (_case, target, patch, expected) => {
    expect(meta(target, patch)).toEqual({ finalizers: expected });
  });

  test("ownerReferences are told apart by uid", () => {
    const references = [{ uid: "1" }, { uid: "2" }];
    const patch = { ownerReferences: [{ $patch: "delete", uid: "1" }, { uid: "3" }] };
    expect(meta({ ownerReferences: references }, patch)).toEqual({
      ownerReferences: [{ uid: "2" }, { uid: "3" }],
    });
  });

  test("service ports by port, conditions and addresses by type", () => {
    const ports = [{ port: 80, name: "http" }];
    expect(
      merged("Service", { spec: { ports } }, { spec: { ports: [{ port: 443 }] } })["spec"],
    ).toEqual({ ports: [{ port: 80, name: "http" }, { port: 443 }] });
    const status = { conditions: [{ type: "Ready", status: "True", reason: "x" }] };
    const patch = {
      conditions: [{ type: "Ready", status: "False" }],
      addresses: [{ type: "InternalIP", address: "10.0.0.1" }],
    };
    expect(merged("Node", { status }, { status: patch })["status"]).toEqual({
      conditions: [{ type: "Ready", status: "False", reason: "x" }],
      addresses: [{ type: "InternalIP", address: "10.0.0.1" }],
    });
  });

  test.each([
    [
      { containers: [{ image: "a" }] },
      'map: {"image":"a"} does not contain declared merge key: name',
    ],
    [{ $patch: "move" }, "Unknown patch type found: move"],
    [
      { volumes: [{ name: "v", $retainKeys: ["name"], hostPath: {} }] },
      "patch content doesn't match retainKeys list",
    ],
  ])("refuses %j", (patch, message) => {
    expect(() => podSpec({}, patch)).toThrow(new PatchFault(message));
  });

  test("shares what the patch does not name, and changes neither argument", () => {
    const target = Object.freeze({ spec: Object.freeze({ containers: Object.freeze([]) }) });
    const next = merged("Pod", target, Object.freeze({ metadata: { labels: { a: "1" } } }));
    expect(next["spec"]).toBe(target.spec);
  });
});
