/** The resolver's queries: whether they keep the run alive goes by the call that waits for them. */
import { expect, test } from "vitest";
import { FakeCalls } from "../../../test/fake-calls.ts";
import { createTrace } from "../../api/index.ts";
import { Kernel } from "../../kernel/index.ts";
import { defaultClusterOptions } from "../../options/index.ts";
import type { Edge } from "../call/index.ts";
import { defaultClient } from "../services/index.ts";
import { NetworkNodes } from "../topology/index.ts";
import { Dns } from "./dns.ts";

function world() {
  const kernel = new Kernel("1");
  const engine = new FakeCalls(kernel);
  const nodes = new NetworkNodes(kernel);
  nodes.add("n1", "", 4);
  const options = { ...defaultClusterOptions.dns, mode: "cluster" as const };
  const { routing } = engine;
  const dns = new Dns({ kernel, trace: createTrace(), engine, routing, nodes, options });
  const caller = engine.addCaller({ ended: () => {} });
  const edge = (isBackground: boolean): Edge =>
    engine.edge({
      name: "shoppers",
      caller,
      target: routing.target("shop/web", ""),
      policy: { ...defaultClient, isDatagram: false },
      drawName: `shoppers ${isBackground}`,
      isBackground,
      isExternal: false,
    });
  /** Of the queries that a call over this edge has led to. */
  const queriesOf = (asking: Edge): Edge[] => {
    const client = { node: 0, clientHash: 1, keyHash: 0, parent: undefined, note: undefined };
    const call = engine.begin(asking, client);
    engine.state.calls = [];
    expect(dns.resolve(call)).toBe(false);
    return engine.state.calls.map((query) => query.edge);
  };
  return { edge, queriesOf };
}

test.each([[[true, false]], [[false, true]]])(
  "queries keep the run alive as the calls do that wait for them: %j",
  (order) => {
    const { edge, queriesOf } = world();
    for (const isBackground of order) {
      const edges = queriesOf(edge(isBackground));
      expect(edges.map((each) => each.isBackground)).toEqual([isBackground, isBackground]);
    }
  },
);
