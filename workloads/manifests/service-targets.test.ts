import { expect, test } from "vitest";
import type { Manifest } from "../../sim/api/index.ts";
import { ServiceTargets } from "./service-targets.ts";

const service = (spec: object): Manifest => ({
  kind: "Service",
  metadata: { name: "web" },
  spec: { selector: { app: "web" }, ports: [{ port: 80, targetPort: "http" }], ...spec },
});
const template = (name: string, app = "web") => ({
  metadata: { labels: { app, tier: "front" } },
  spec: { containers: [{ name: "main", ports: [{ name, containerPort: 8080 }] }] },
});
const deployment = (name: string, app?: string, namespace = "default"): Manifest => ({
  kind: "Deployment",
  metadata: { name: "d", namespace },
  spec: { template: template(name, app) },
});
const cronJob: Manifest = {
  kind: "CronJob",
  spec: { jobTemplate: { spec: { template: template("http") } } },
};
const pod = { kind: "Pod", ...template("http") } as unknown as Manifest;

const NO_PODS =
  'a.yaml:3: Service "web": spec.selector app=web matches no pod template of the manifests in namespace "default": it may have no endpoints';
const NO_PORT =
  'a.yaml:3: Service "web": spec.ports[0].targetPort "http" is the name of no container port of the pods that it selects: the port leads nowhere';

const weighing = (weight: string): Manifest => {
  const { metadata, spec } = template("http");
  const annotations = { "stowage.dev/weight": weight };
  return {
    kind: "Deployment",
    spec: { template: { metadata: { ...metadata, annotations }, spec } },
  };
};
const NO_WEIGHT =
  'a.yaml:3: Service "web": all pods that it selects have stowage.dev/weight: "0": a balancer that goes by weights refuses every connection';

test.each<[string, object, Manifest[], string[]]>([
  ["a Deployment with the port", {}, [deployment("http")], []],
  ["a pod", {}, [pod], []],
  ["the pods of a CronJob", {}, [cronJob], []],
  ["one of two that has the port", {}, [deployment("grpc"), deployment("http")], []],
  ["no other object", {}, [], [NO_PODS]],
  ["pods of another label", {}, [deployment("http", "api")], [NO_PODS]],
  ["pods of another namespace", {}, [deployment("http", "web", "other")], [NO_PODS]],
  ["a port of another name", {}, [deployment("grpc")], [NO_PORT]],
  ["a port by number", { ports: [{ port: 80, targetPort: 81 }] }, [deployment("grpc")], []],
  ["pods of weight 0", {}, [weighing("0"), weighing("0.0")], [NO_WEIGHT]],
  ["pods some of which weigh something", {}, [weighing("0"), weighing("0.5")], []],
  ["no selector", { selector: undefined }, [], []],
  ["an external name", { type: "ExternalName" }, [], []],
])("a Service and %s", (_, spec, others, lines) => {
  const targets = new ServiceTargets();
  targets.note(service(spec), "a.yaml:3");
  for (const other of others) targets.note(other, "a.yaml:9");
  expect(targets.tell()).toEqual(lines);
});

test("a field that needs a feature gate is told of", () => {
  const targets = new ServiceTargets();
  targets.note(service({ selector: undefined, trafficDistribution: "PreferClose" }), "a.yaml:3");
  expect(targets.tell()).toEqual([
    'a.yaml:3: Service "web": spec.trafficDistribution is heeded only with apiserver.serviceTrafficDistribution: true',
  ]);
});
