/**
 * The add-on's objects: ingress-nginx as deploy/static/provider/cloud/deploy.yaml of
 * controller-v1.10.1 has it, with the class as the cluster's default one.
 */
import type { Manifest } from "../../api/index.ts";
import type { IngressOptions } from "../../options/index.ts";

/** `namespace/name` of the controller's Service, and its port for plain HTTP. */
export const INGRESS_SERVICE = "ingress-nginx/ingress-nginx-controller";
export const INGRESS_PORT = "http";
/** spec.controller of the classes that ingress-nginx serves, and the name of its own. */
export const INGRESS_CONTROLLER = "k8s.io/ingress-nginx";
export const INGRESS_CLASS = "nginx";

const NAMESPACE = "ingress-nginx";
const LABELS = {
  "app.kubernetes.io/component": "controller",
  "app.kubernetes.io/instance": "ingress-nginx",
  "app.kubernetes.io/name": "ingress-nginx",
};

/** What a cluster begins with; nothing when it has no ingress controller. */
export function ingressManifests({ mode, replicas }: IngressOptions): Manifest[] {
  if (mode === "none") return [];
  const namespace: Manifest = {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: NAMESPACE, labels: { "app.kubernetes.io/name": "ingress-nginx" } },
  };
  const ingressClass: Manifest = {
    apiVersion: "networking.k8s.io/v1",
    kind: "IngressClass",
    metadata: {
      name: INGRESS_CLASS,
      labels: LABELS,
      annotations: { "ingressclass.kubernetes.io/is-default-class": "true" },
    },
    spec: { controller: INGRESS_CONTROLLER },
  };
  return [namespace, ingressClass, service(), deployment(replicas)];
}

function service(): Manifest {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { namespace: NAMESPACE, name: "ingress-nginx-controller", labels: LABELS },
    spec: {
      type: "LoadBalancer",
      externalTrafficPolicy: "Local",
      selector: LABELS,
      ports: [
        { name: INGRESS_PORT, port: 80, protocol: "TCP", targetPort: "http" },
        { name: "https", port: 443, protocol: "TCP", targetPort: "https" },
      ],
    },
  };
}

function deployment(replicas: number): Manifest {
  const container = {
    name: "controller",
    image: "registry.k8s.io/ingress-nginx/controller:v1.10.1",
    resources: { requests: { cpu: "100m", memory: "90Mi" } },
    ports: [
      { name: "http", containerPort: 80, protocol: "TCP" },
      { name: "https", containerPort: 443, protocol: "TCP" },
    ],
  };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { namespace: NAMESPACE, name: "ingress-nginx-controller", labels: LABELS },
    spec: {
      replicas,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } },
      selector: { matchLabels: LABELS },
      template: {
        metadata: { labels: LABELS },
        spec: { terminationGracePeriodSeconds: 300, containers: [container] },
      },
    },
  };
}
