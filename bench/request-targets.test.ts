import { describe, expect, test } from "vitest";
import type { Manifest } from "../sim/api/index.ts";
import type { Experiment } from "./experiment.ts";
import { RequestTargets } from "./request-targets.ts";

type Asking = Pick<Experiment, "traffic" | "services">;

const load = (service: string, port = "", from = "random-node"): Asking => ({
  traffic: [{ service, port, from }] as unknown as Asking["traffic"],
  services: {},
});
const calling = (to: string): Asking => ({
  traffic: [],
  services: { "shop/web": { calls: [[{ to }]] } } as unknown as Asking["services"],
});
const service = (name: string, spec: object = {}): Manifest => ({
  kind: "Service",
  metadata: { namespace: "shop", name },
  spec: { ports: [{ name: "http", port: 80 }, { port: 9000 }], ...spec },
});

const told = (asking: Asking, ...objects: Manifest[]): string[] => {
  const targets = new RequestTargets(asking);
  for (const object of objects) targets.note({ verb: "apply", object, source: "shop.yaml:3" });
  return targets.tell();
};

describe("RequestTargets", () => {
  test.each<[string, Asking, Manifest[]]>([
    ["a Service of the manifests", load("shop/web"), [service("web")]],
    ["its port by name", load("shop/web", "http"), [service("web")]],
    ["its port by number", load("shop/web", "9000"), [service("web")]],
    [
      "a port of a later version",
      load("shop/web", "81"),
      [service("web"), service("web", { ports: [{ port: 81 }] })],
    ],
    ["a call to one that is there", calling("shop/web:http"), [service("web")]],
    ["an add-on", load("kube-system/kube-dns"), []],
    [
      "a NodePort from outside",
      load("shop/web", "", "outside"),
      [service("web", { type: "NodePort" })],
    ],
    [
      "external addresses from outside",
      load("shop/web", "", "outside"),
      [service("web", { externalIPs: ["1.2.3.4"] })],
    ],
  ])("has nothing to say about %s", (_case, asking, objects) => {
    expect(told(asking, ...objects)).toEqual([]);
  });

  test("names the nearest where no manifest has the Service, once", () => {
    const twice = {
      ...load("shop/wep"),
      traffic: [...load("shop/wep").traffic, ...load("shop/wep").traffic],
    };
    expect(told(twice, service("web"))).toEqual([
      "traffic[0].service: no manifest has the Service shop/wep: its requests find no endpoints. " +
        'Did you mean "shop/web"?',
    ]);
  });

  test("tells of a model, and of a call, without a Service", () => {
    expect(told(calling("shop/db"), service("web"))).toEqual([
      'services."shop/web".calls: no manifest has the Service shop/db: its requests find no endpoints. ' +
        'Did you mean "shop/web"?',
    ]);
    expect(told(calling("shop/db"), service("db"))).toEqual([
      'services: no manifest has the Service shop/web. Did you mean "shop/db"?',
    ]);
  });

  test("tells of a way in from outside that is none", () => {
    expect(told(load("shop/web", "", "outside"), service("web"))).toEqual([
      "traffic[0].service: from outside, and the Service shop/web (shop.yaml:3) is of type " +
        "ClusterIP: its requests find no way in. Make it a NodePort or LoadBalancer",
    ]);
  });

  test("refuses a port that the Service never has, naming those that it has", () => {
    expect(() => told(load("shop/web", "grpc"), service("web"))).toThrow(
      'traffic[0].service: got "shop/web:grpc", want a port of the Service (shop.yaml:3). ' +
        "It has http (80), 9000: name one.",
    );
    expect(() => told(calling("shop/web:81"), service("web"))).toThrow('"shop/web:81"');
  });

  test("a Service that is patched may come to have any port", () => {
    const targets = new RequestTargets(load("shop/web", "grpc"));
    targets.note({ verb: "apply", object: service("web"), source: "a:1" });
    targets.note({ verb: "patch", object: service("web"), source: "b:1" });
    expect(targets.tell()).toEqual([]);
  });
});
