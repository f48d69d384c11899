/**
 * The add-on's objects: Service kube-dns and Deployment coredns, as
 * cluster/addons/dns/coredns/coredns.yaml.base of v1.30 has them.
 */
import type { Manifest } from "../../api/index.ts";
import type { DnsOptions } from "../../options/index.ts";

export const DNS_SERVICE = "kube-system/kube-dns";
/** Name of the Service's port for queries. */
export const DNS_PORT = "dns";

const LABELS = { "k8s-app": "kube-dns" };

/** What a cluster begins with; nothing when there is no DNS. */
export function dnsManifests({ mode, replicas }: DnsOptions): Manifest[] {
  if (mode === "none") return [];
  const metadata = { namespace: "kube-system", labels: LABELS };
  const service = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { ...metadata, name: "kube-dns" },
    spec: {
      clusterIP: "10.96.0.10",
      selector: LABELS,
      ports: [
        { name: DNS_PORT, port: 53, protocol: "UDP" },
        { name: "dns-tcp", port: 53, protocol: "TCP" },
      ],
    },
  };
  const resources = { limits: { memory: "170Mi" }, requests: { cpu: "100m", memory: "70Mi" } };
  const ports = [
    { name: "dns", containerPort: 53, protocol: "UDP" },
    { name: "dns-tcp", containerPort: 53, protocol: "TCP" },
  ];
  const deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { ...metadata, name: "coredns" },
    spec: {
      replicas,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } },
      selector: { matchLabels: LABELS },
      template: {
        metadata: { labels: LABELS },
        spec: {
          priorityClassName: "system-cluster-critical",
          tolerations: [{ key: "CriticalAddonsOnly", operator: "Exists" }],
          containers: [
            { name: "coredns", image: "registry.k8s.io/coredns/coredns:v1.11.1", resources, ports },
          ],
        },
      },
    },
  };
  return [service, deployment];
}
