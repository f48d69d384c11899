import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ApiObject } from "../../sim/api/index.ts";
import { copyGraph } from "../../sim/kernel/copy-graph.ts";
import { type ObjectLister, SchedulerCache } from "../../sim/scheduler/index.ts";
import { makePod } from "../../test/builders.ts";
import { ServiceIndex } from "./service-index.ts";

type LabelSet = Record<string, string>;

function service(namespace: string, name: string, selector: LabelSet | undefined): ApiObject {
  const { metadata } = makePod(name).namespace(namespace).build();
  const spec = selector === undefined ? {} : { selector };
  return { apiVersion: "v1", kind: "Service", metadata, spec } as ApiObject;
}

const labels = fc.record(
  { app: fc.constantFrom("a", "b"), tier: fc.constantFrom("x", "y"), v: fc.constantFrom("1", "2") },
  { requiredKeys: [] },
) as fc.Arbitrary<LabelSet>;

const steps = fc.array(
  fc.record({
    act: fc.constantFrom("set", "set", "set", "delete", "restore", "ask", "ask"),
    name: fc.integer({ min: 0, max: 5 }),
    namespace: fc.constantFrom("default", "other"),
    selector: fc.option(labels, { nil: undefined }),
    podLabels: labels,
  }),
  { minLength: 1, maxLength: 40 },
);

/** By a look at every Service. */
function plainLabels(services: readonly ApiObject[], podLabels: LabelSet): LabelSet {
  const found: LabelSet = {};
  for (const service of services) {
    const { selector = {} } = (service as { spec?: { selector?: LabelSet } }).spec ?? {};
    const entries = Object.entries(selector);
    if (!entries.every(([key, value]) => podLabels[key] === value)) continue;
    for (const [key, value] of entries) found[key] = value;
  }
  return found;
}

describe("ServiceIndex", () => {
  test("finds what a look at every Service finds, while Services come, change and go", () => {
    fc.assert(
      fc.property(steps, (list) => {
        const index = new ServiceIndex();
        const cache = new SchedulerCache();
        const services = cache.cluster.objects("Service");
        for (const { act, name, namespace, selector, podLabels } of list) {
          if (act === "set") cache.objects.set(service(namespace, `s${name}`, selector));
          if (act === "delete") cache.objects.delete("Service", namespace, `s${name}`);
          if (act === "restore") cache.state = copyGraph(cache.state, () => false);
          if (act !== "ask") continue;
          const wanted = plainLabels(services.list(namespace), podLabels);
          expect(index.labelsSelecting(namespace, podLabels, services)).toEqual(wanted);
        }
      }),
      { seed: 20240601, numRuns: 300 },
    );
  });

  test("follows another lister than before", () => {
    const index = new ServiceIndex();
    const web = { app: "web" };
    const [full, empty] = [new SchedulerCache(), new SchedulerCache()];
    full.objects.set(service("default", "s", web));
    const found = (cache: SchedulerCache) =>
      index.labelsSelecting("default", web, cache.cluster.objects("Service"));
    expect([found(full), found(empty), found(full)]).toEqual([web, {}, web]);
  });

  test("looks at all Services once, then at those that change", () => {
    const cache = new SchedulerCache();
    for (let i = 0; i < 2_000; i++)
      cache.objects.set(service("default", `s${i}`, { app: `a${i}` }));
    const { lister, listed } = counting(cache);
    const index = new ServiceIndex();
    for (let i = 0; i < 10; i++) {
      const own = { app: `a${i}`, tier: "x" };
      cache.objects.set(service("default", `new${i}`, own));
      expect(index.labelsSelecting("default", own, lister)).toEqual(own);
    }
    expect(listed()).toBe(1);
  });

  test("looks at all Services again when too many have changed meanwhile", () => {
    const cache = new SchedulerCache();
    const services = cache.cluster.objects("Service");
    const index = new ServiceIndex();
    const web = { app: "web" };
    cache.objects.set(service("default", "s", web));
    expect(index.labelsSelecting("default", web, services)).toEqual(web);
    cache.objects.delete("Service", "default", "s");
    for (let i = 0; i < 5_000; i++) cache.objects.set(service("default", `s${i}`, undefined));
    expect(index.labelsSelecting("default", web, services)).toEqual({});
  });
});

/** The cache's lister of Services, and how often all were listed. */
function counting(cache: SchedulerCache): { lister: ObjectLister; listed: () => number } {
  const services = cache.cluster.objects("Service");
  let count = 0;
  const lister: ObjectLister = {
    get version() {
      return services.version;
    },
    get: (namespace, name) => services.get(namespace, name),
    changedSince: (version) => services.changedSince(version),
    list: (namespace) => {
      count++;
      return services.list(namespace);
    },
  };
  return { lister, listed: () => count };
}
