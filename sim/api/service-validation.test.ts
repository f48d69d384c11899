import { describe, expect, test } from "vitest";
import type { FieldError } from "./kind.ts";
import type { core } from "./objects.ts";
import { validateServiceSpec } from "./service-validation.ts";

function faults(spec: core.ServiceSpec): string[] {
  const errors: FieldError[] = [];
  const base = { type: "ClusterIP", sessionAffinity: "None", ports: [{ port: 80 }] };
  validateServiceSpec({ ...base, ...spec }, errors);
  return errors.map(({ path, message }) => `${path}: ${message}`);
}

const local = { type: "LoadBalancer", externalTrafficPolicy: "Local" };
const none: core.ServicePort[] = [];

describe("a Service", () => {
  test.each<[string, core.ServiceSpec, string[]]>([
    ["plain", {}, []],
    ["without ports", { ports: none }, ["spec.ports: Required value"]],
    ["headless without ports", { ports: none, clusterIP: "None" }, []],
    [
      "with node ports that are equal",
      {
        type: "NodePort",
        ports: [80, 81].map((port) => ({ name: `p${port}`, port, nodePort: 30_000 })),
      },
      ["spec.ports[1].nodePort: Duplicate value: 30000"],
    ],
    [
      "with one node port for two protocols",
      {
        type: "NodePort",
        ports: ["TCP", "UDP"].map((protocol) => ({
          name: protocol.toLowerCase(),
          port: 80,
          protocol,
          nodePort: 30_000,
        })),
      },
      [],
    ],
    [
      "that would show the kubelet",
      { type: "LoadBalancer", ports: [{ port: 10_250 }] },
      [
        "spec.ports[0]: Invalid value: 10250: may not expose port 10250 externally since it is used by kubelet",
      ],
    ],
    [
      "of an external name",
      { type: "ExternalName", externalName: "db.example.com.", ports: none },
      [],
    ],
    [
      "of an external name with a cluster's fields",
      { type: "ExternalName", externalName: "a.b", clusterIP: "10.96.0.1", ipFamilies: ["IPv4"] },
      [
        "spec.clusterIPs: Forbidden: may not be set for ExternalName services",
        "spec.ipFamilies: Forbidden: may not be set for ExternalName services",
      ],
    ],
    ["of no external name", { type: "ExternalName" }, ["spec.externalName: Required value"]],
    [
      "whose first address is another",
      { clusterIP: "10.96.0.1", clusterIPs: ["10.96.0.2"] },
      ['spec.clusterIPs: Invalid value: []string{"10.96.0.2"}: first value must match `clusterIP`'],
    ],
    [
      "with a health check that nobody asks for",
      { type: "NodePort", healthCheckNodePort: 30_000 },
      [
        "spec.healthCheckNodePort: Invalid value: 30000: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
      ],
    ],
    ["with a health check", { ...local, healthCheckNodePort: 30_000 }, []],
    [
      "with a balancer's fields and none",
      { allocateLoadBalancerNodePorts: true, loadBalancerSourceRanges: ["10.0.0.0/8"] },
      ["loadBalancerSourceRanges", "allocateLoadBalancerNodePorts"].map(
        (field) => `spec.${field}: Forbidden: may only be used when \`type\` is 'LoadBalancer'`,
      ),
    ],
    [
      "reached by external addresses, with a policy for them",
      { externalIPs: ["192.0.2.1"], externalTrafficPolicy: "Local" },
      [],
    ],
    [
      "with policies that are none",
      { internalTrafficPolicy: "Near", trafficDistribution: "Near" },
      [
        'spec.internalTrafficPolicy: Unsupported value: "Near": supported values: "Cluster", "Local"',
        'spec.trafficDistribution: Unsupported value: "Near": supported values: "PreferClose"',
      ],
    ],
    [
      "with an affinity of no time",
      { sessionAffinity: "ClientIP", sessionAffinityConfig: { clientIP: { timeoutSeconds: 0 } } },
      [
        "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 0: must be greater than 0 and less than 86400",
      ],
    ],
    [
      "with an affinity's time and no affinity",
      { sessionAffinityConfig: { clientIP: { timeoutSeconds: 1 } } },
      ["spec.sessionAffinityConfig: Forbidden: must not be set when session affinity is None"],
    ],
  ])("%s", (_, spec, expected) => expect(faults(spec)).toEqual(expected));
});
