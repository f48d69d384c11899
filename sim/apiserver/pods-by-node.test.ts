import fc from "fast-check";
import { expect, test } from "vitest";
import { ControlPlane } from "../../test/control-plane.ts";
import type { ApiObject, Pod } from "../api/index.ts";
import { defaultClusterOptions } from "../options/index.ts";
import { PodsByNode } from "./pods-by-node.ts";

const NODES = ["", "n1", "n2"];

function nodeOf(stored: ApiObject | undefined): string {
  return (stored as Pod | undefined)?.spec.nodeName ?? "";
}

test("it has what a search of all pods finds, after any history", () => {
  const step = fc.record({
    what: fc.constantFrom("store", "bind", "delete", "ask"),
    pod: fc.integer({ min: 0, max: 4 }),
    node: fc.integer({ min: 1, max: 2 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.constantFrom(0, 1_000), (steps, commits) => {
      const { latency, clients } = defaultClusterOptions;
      const plane = new ControlPlane("1", { latency, clients });
      const { etcd } = plane;
      const byNode = new PodsByNode(etcd, commits); // with 0 it is dropped time and again
      const find = (node: string) =>
        etcd.list("Pod").filter(({ stored }) => nodeOf(stored) === node);
      for (const { node, pod, what } of steps) {
        const metadata = { name: `p${pod}`, namespace: "default" };
        const record = etcd.find("Pod", `default/p${pod}`);
        const object = record?.stored as Pod | undefined;
        if (what === "ask") for (const name of NODES) expect(byNode.of(name)).toEqual(find(name));
        else if (what === "store" && object === undefined) {
          const containers = [{ name: "main", image: "app" }];
          plane.store({ kind: "Pod", metadata, spec: { containers } });
        } else if (record !== undefined && object !== undefined) {
          const metadata = { ...object.metadata };
          const spec = { ...object.spec, nodeName: NODES[node] ?? "" };
          const bound: Pod = { ...object, metadata, spec };
          if (what === "delete") etcd.delete(record, { ...object, metadata } as Pod);
          else if (what === "bind") etcd.update(record, bound, "");
        }
      }
      for (const name of NODES) expect(byNode.of(name)).toEqual(find(name));
    }),
    { seed: 1 },
  );
});
