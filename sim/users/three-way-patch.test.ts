import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fieldSchema, kindNamed } from "../api/index.ts";
import { strategicMerge } from "../apiserver/writes/strategic-merge.ts";
import { threeWayPatch } from "./three-way-patch.ts";

type Fields = Record<string, unknown>;

const schema = fieldSchema(kindNamed("Deployment"));
const patchOf = (original: Fields, modified: Fields, current: Fields): unknown =>
  threeWayPatch({ spec: original }, { spec: modified }, { spec: current }, schema, "Deployment")[
    "spec"
  ];
const containers = (...list: Fields[]): Fields => ({ template: { spec: { containers: list } } });

describe("threeWayPatch", () => {
  test.each([
    [
      "nothing for what is there",
      { replicas: 1 },
      { replicas: 1 },
      { replicas: 1, paused: true },
      undefined,
    ],
    ["a field that differs", { replicas: 1 }, { replicas: 2 }, { replicas: 1 }, { replicas: 2 }],
    [
      "a field that another changed back",
      { replicas: 2 },
      { replicas: 2 },
      { replicas: 5 },
      { replicas: 2 },
    ],
    [
      "null for a field that left the manifest",
      { replicas: 1 },
      {},
      { replicas: 5 },
      { replicas: null },
    ],
    ["nothing for a field that was never in it", {}, {}, { replicas: 5 }, undefined],
    [
      "items by name, with their order",
      containers({ name: "a", image: "a:1" }, { name: "old", image: "x" }),
      containers({ name: "a", image: "a:2" }, { name: "b", image: "b:1" }),
      containers(
        { name: "a", image: "a:1", imagePullPolicy: "Always" },
        { name: "old", image: "x" },
        { name: "injected", image: "proxy" },
      ),
      {
        template: {
          spec: {
            $setElementOrder_containers: [{ name: "a" }, { name: "b" }],
            containers: [
              { name: "a", image: "a:2" },
              { name: "b", image: "b:1" },
              { name: "old", $patch: "delete" },
            ],
          },
        },
      },
    ],
    [
      "the fields that a union keeps",
      { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } },
      { strategy: { type: "Recreate" } },
      { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } },
      { strategy: { $retainKeys: ["type"], type: "Recreate", rollingUpdate: null } },
    ],
  ])("has %s", (_case, original, modified, current, expected) => {
    const text = JSON.stringify(expected)?.replace("$setElementOrder_", "$setElementOrder/");
    const wanted = text === undefined ? undefined : JSON.parse(text);
    expect(patchOf(original as Fields, modified as Fields, current as Fields)).toEqual(wanted);
  });

  const labels = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.constantFrom("1", "2"));
  const env = fc
    .uniqueArray(fc.constantFrom("A", "B", "C"), { maxLength: 3 })
    .chain((names) =>
      fc.tuple(
        ...names.map((name) =>
          fc.record({ name: fc.constant(name), value: fc.constantFrom("1", "2") }),
        ),
      ),
    );
  const config = fc.record({ labels, env }).map(({ labels, env }) => ({
    metadata: { labels },
    spec: containers({ name: "main", env }),
  }));
  const apply = (original: Fields, modified: Fields, current: Fields): Fields =>
    strategicMerge(
      current,
      threeWayPatch(original, modified, current, schema, "Deployment"),
      schema,
      "Deployment",
    ) as Fields;

  test("once applied, applying it again changes nothing", () => {
    fc.assert(
      fc.property(config, config, config, (original, modified, current) => {
        const next = apply(original, modified, current);
        expect(threeWayPatch(modified, modified, next, schema, "Deployment")).toEqual({});
      }),
      { seed: 4 },
    );
  });

  test("what no manifest ever named is not touched", () => {
    fc.assert(
      fc.property(config, config, config, (original, modified, current) => {
        const others = {
          metadata: { labels: { ...current.metadata.labels, other: "x" }, annotations: { o: "x" } },
          spec: { ...current.spec, replicas: 7 },
        };
        const next = apply(original, modified, others) as typeof others;
        expect(next.metadata.labels["other"]).toBe("x");
        expect(next.metadata.annotations).toEqual({ o: "x" });
        expect(next.spec.replicas).toBe(7);
      }),
      { seed: 5 },
    );
  });
});
