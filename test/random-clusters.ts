/**
 * Random nodes and pods for plugins that look at the whole cluster: labels, taints, images, affinity
 * terms, spread constraints, two namespaces and a Service.
 */
import fc from "fast-check";
import type { ApiObject, core, LabelSelector, Pod } from "../sim/api/index.ts";
import { makeNode, makePod, type NodeBuilder, type PodBuilder } from "./builders.ts";
import { PlainCluster } from "./plain-cluster.ts";

const KEYS = ["topology.kubernetes.io/zone", "kubernetes.io/hostname", "rack"];

const app = fc.constantFrom("web", "db");
const selector: fc.Arbitrary<LabelSelector> = fc.oneof(
  app.map((name) => ({ matchLabels: { app: name } })),
  fc.constantFrom<LabelSelector>(
    { matchExpressions: [{ key: "app", operator: "Exists" }] },
    { matchExpressions: [{ key: "app", operator: "NotIn", values: ["db"] }] },
    {},
  ),
);
const namespaces = fc.constantFrom<Partial<core.PodAffinityTerm>>(
  {},
  {},
  { namespaces: ["default"] },
  { namespaces: ["default", "other"] },
  { namespaceSelector: {} },
  { namespaceSelector: { matchLabels: { team: "x" } } },
  { namespaces: ["other"], namespaceSelector: { matchLabels: { team: "x" } } },
);
const term: fc.Arbitrary<core.PodAffinityTerm> = fc
  .tuple(fc.constantFrom(...KEYS), selector, namespaces)
  .map(([topologyKey, labelSelector, where]) => ({ topologyKey, labelSelector, ...where }));
const constraint: fc.Arbitrary<core.TopologySpreadConstraint> = fc.record({
  maxSkew: fc.integer({ min: 1, max: 3 }),
  topologyKey: fc.constantFrom(...KEYS),
  whenUnsatisfiable: fc.constantFrom<"DoNotSchedule" | "ScheduleAnyway">(
    "DoNotSchedule",
    "ScheduleAnyway",
  ),
  labelSelector: selector,
  minDomains: fc.integer({ min: 1, max: 3 }),
  nodeAffinityPolicy: fc.constantFrom<"Honor" | "Ignore">("Honor", "Ignore"),
  nodeTaintsPolicy: fc.constantFrom<"Honor" | "Ignore">("Honor", "Ignore"),
});
const constraints = fc.uniqueArray(constraint, {
  maxLength: 3,
  selector: (one) => `${one.topologyKey} ${one.whenUnsatisfiable}`,
});
const terms = fc.array(term, { maxLength: 2 });
const weighted = fc.array(fc.tuple(fc.integer({ min: 1, max: 100 }), term), { maxLength: 2 });

export const podShape = fc.record({
  namespace: fc.constantFrom("default", "default", "other"),
  app,
  near: fc.array(term, { maxLength: 1 }),
  apart: terms,
  likes: weighted,
  dislikes: weighted,
  constraints,
  disk: fc.constantFrom(undefined, undefined, "ssd"),
  image: fc.constantFrom("web:v1", "db:v1"),
});
export type PodShape = typeof podShape extends fc.Arbitrary<infer T> ? T : never;

export const nodeShape = fc.record({
  zone: fc.constantFrom(undefined, "a", "b", "c"),
  rack: fc.constantFrom(undefined, "1", "2"),
  disk: fc.constantFrom("ssd", "hdd"),
  isTainted: fc.boolean(),
  hasImage: fc.boolean(),
});
export const clusterShape = fc.record({
  nodes: fc.array(nodeShape, { minLength: 2, maxLength: 7 }),
  bound: fc.array(fc.record({ shape: podShape, node: fc.nat(), isTerminating: fc.boolean() }), {
    maxLength: 8,
  }),
});
export type ClusterShape = typeof clusterShape extends fc.Arbitrary<infer T> ? T : never;

export function buildPod(name: string, shape: PodShape): PodBuilder {
  const pod = makePod(name).namespace(shape.namespace).label("app", shape.app).image(shape.image);
  for (const one of shape.near) pod.near(one);
  for (const one of shape.apart) pod.apartFrom(one);
  for (const [weight, one] of shape.likes) pod.prefersNear(weight, one);
  for (const [weight, one] of shape.dislikes) pod.prefersApartFrom(weight, one);
  for (const one of shape.constraints) pod.spreads(one);
  if (shape.disk !== undefined) pod.nodeSelector({ disk: shape.disk });
  return pod;
}

export function buildNode(shape: ClusterShape["nodes"][number], index: number): NodeBuilder {
  const node = makeNode(`n${index}`).label("disk", shape.disk);
  if (shape.zone !== undefined) node.zone(shape.zone);
  if (shape.rack !== undefined) node.label("rack", shape.rack);
  if (shape.isTainted) node.taint("k:NoSchedule");
  if (shape.hasImage) node.image(500_000_000, "web:v1");
  return node;
}

export function boundPods({ nodes, bound }: ClusterShape): Pod[] {
  return bound.map(({ shape, node, isTerminating }, i) => {
    const pod = buildPod(`b${i}`, shape).onNode(`n${node % nodes.length}`);
    return (isTerminating ? pod.terminating() : pod).build();
  });
}

export const SERVICE = {
  apiVersion: "v1",
  kind: "Service",
  metadata: makePod("web").build().metadata,
  spec: { selector: { app: "web" } },
} as ApiObject;

export function buildCluster(shape: ClusterShape, pods = boundPods(shape)): PlainCluster {
  const nodes = shape.nodes.map((node, index) => buildNode(node, index).build());
  const cluster = new PlainCluster(nodes, pods);
  cluster.addObject(SERVICE);
  return cluster;
}

/** A namespace; `isLabelled` with the label that some terms select. */
export function buildNamespace(name: string, isLabelled: boolean): ApiObject {
  const { metadata } = makePod(name).namespace("").build();
  const labels = isLabelled ? { labels: { team: "x" } } : {};
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { ...metadata, ...labels },
  } as ApiObject;
}
