import { describe, expect, test } from "vitest";
import { ipError } from "./ip-address.ts";
import { KeyRecord } from "./key-record.ts";
import { createMetadata } from "./metadata.ts";
import type { Manifest } from "./objects.ts";
import { kindNamed } from "./scheme.ts";

function faults(kindName: string, spec: object): string[] {
  const kind = kindNamed(kindName);
  const record = new KeyRecord(1, kindName, "default", "web");
  const metadata = createMetadata({}, record, 1, 0);
  const object = kind.defaults({ spec, metadata } as Manifest as never);
  return kind.validate(object).map(({ path, message }) => `${path}: ${message}`);
}

const inContainer = (fields: object, spec: object = {}): string[] =>
  faults("Pod", { containers: [{ name: "main", image: "a", ...fields }], ...spec });
const inPod = (fields: object): string[] => inContainer({}, fields);
const inVolume = (source: object): string[] => inPod({ volumes: [{ name: "v", ...source }] });
const inService = (fields: object): string[] =>
  faults("Service", { ports: [{ port: 80 }], ...fields });

const HOOK = "spec.containers[0].lifecycle.preStop";
const PROBE = "spec.containers[0].livenessProbe";
const ENV = "spec.containers[0].env[0].valueFrom";

describe("a container is refused", () => {
  test.each<[string, object, string]>([
    [
      "an empty source of a variable",
      { env: [{ name: "A", valueFrom: {} }] },
      `${ENV}: Invalid value: "": must specify one of: \`fieldRef\`, \`resourceFieldRef\`, \`configMapKeyRef\` or \`secretKeyRef\``,
    ],
    [
      "a value with a source",
      { env: [{ name: "A", value: "b", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }] },
      `${ENV}: Invalid value: "": may not be specified when \`value\` is not empty`,
    ],
    [
      "a field that no pod has",
      { env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "spec.foo" } } }] },
      `${ENV}.fieldRef.fieldPath: Invalid value: "spec.foo": error converting fieldPath: field label not supported: spec.foo`,
    ],
    [
      "a resource that is none",
      { env: [{ name: "A", valueFrom: { resourceFieldRef: { resource: "limits.gpu" } } }] },
      `${ENV}.resourceFieldRef.resource: Unsupported value: "limits.gpu": supported values: "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"`,
    ],
    [
      "a key without a name",
      { env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s" } } }] },
      `${ENV}.secretKeyRef.key: Required value`,
    ],
    [
      "envFrom of nothing",
      { envFrom: [{}] },
      'spec.containers[0].envFrom[0]: Invalid value: "": must specify one of: `configMapRef` or `secretRef`',
    ],
    [
      "a probe with two handlers",
      { livenessProbe: { exec: { command: ["a"] }, grpc: { port: 1 } } },
      `${PROBE}.grpc: Forbidden: may not specify more than 1 handler type`,
    ],
    [
      "a probe without one",
      { livenessProbe: {} },
      `${PROBE}: Required value: must specify a handler type`,
    ],
    [
      "a probe of no port",
      { livenessProbe: { grpc: { port: 0 } } },
      `${PROBE}.grpc.port: Invalid value: 0: must be between 1 and 65535, inclusive`,
    ],
    [
      "a header that is none",
      { livenessProbe: { httpGet: { port: 80, httpHeaders: [{ name: "a b", value: "" }] } } },
      `${PROBE}.httpGet.httpHeaders: Invalid value: "a b": a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')`,
    ],
    [
      "a grace period of a readiness probe",
      { readinessProbe: { exec: { command: ["a"] }, terminationGracePeriodSeconds: 5 } },
      "spec.containers[0].readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set for readinessProbes",
    ],
    [
      "a hook that does nothing",
      { lifecycle: { preStop: { exec: {} } } },
      `${HOOK}.exec.command: Required value`,
    ],
    [
      "a sleep beyond the grace period",
      { lifecycle: { preStop: { sleep: { seconds: 31 } } } },
      `${HOOK}.sleep: Invalid value: 31: must be greater than 0 and less than terminationGracePeriodSeconds (30)`,
    ],
    [
      "a mount of no volume",
      { volumeMounts: [{ name: "a", mountPath: "/a" }] },
      'spec.containers[0].volumeMounts[0].name: Not found: "a"',
    ],
    [
      "a device of no volume",
      { volumeDevices: [{ name: "a", devicePath: "/a" }] },
      'spec.containers[0].volumeDevices[0].name: Not found: "a"',
    ],
    [
      "rights that exclude each other",
      { securityContext: { runAsUser: -1 } },
      "spec.containers[0].securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive",
    ],
    [
      "a local profile without a path",
      { securityContext: { seccompProfile: { type: "Localhost" } } },
      "spec.containers[0].securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost ",
    ],
  ])("with %s", (_, fields, expected) => expect(inContainer(fields)).toEqual([expected]));

  test("when it mounts a volume beside its folder", () => {
    const volumeMounts = [{ name: "v", mountPath: "/a", subPath: "../b" }];
    expect(inContainer({ volumeMounts }, { volumes: [{ name: "v" }] })).toEqual([
      `spec.containers[0].volumeMounts[0].subPath: Invalid value: "../b": must not contain '..'`,
    ]);
  });
});

describe("a pod is refused", () => {
  test.each<[string, object, string]>([
    [
      "a host alias of no address",
      { hostAliases: [{ ip: "1.2.3" }] },
      'spec.hostAliases[0].ip: Invalid value: "1.2.3": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
    [
      "no DNS at all",
      { dnsPolicy: "None" },
      "spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None",
    ],
    [
      "no nameserver",
      { dnsPolicy: "None", dnsConfig: {} },
      "spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None",
    ],
    [
      "a sysctl that is none",
      { securityContext: { sysctls: [{ name: "A", value: "" }] } },
      'spec.securityContext.sysctls[0].name: Invalid value: "A": must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$',
    ],
    [
      "an unknown system",
      { os: { name: "plan9" } },
      'spec.os.name: Unsupported value: "plan9": supported values: "linux", "windows"',
    ],
    [
      "two ways to share processes",
      { hostPID: true, shareProcessNamespace: true },
      "spec.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled",
    ],
    [
      "ephemeral containers",
      { ephemeralContainers: [{ name: "e", image: "e" }] },
      "spec.ephemeralContainers: Forbidden: cannot be set on create",
    ],
    [
      "a readiness gate without a name",
      { readinessGates: [{ conditionType: "" }] },
      'spec.readinessGates[0].conditionType: Invalid value: "": name part must be non-empty',
    ],
  ])("with %s", (_, fields, expected) => expect(inPod(fields)).toEqual([expected]));

  test("when a port is not the node's own in the node's network", () => {
    const ports = [{ containerPort: 80, hostPort: 81 }];
    expect(inContainer({ ports }, { hostNetwork: true })).toEqual([
      "spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true",
    ]);
  });

  test.each<[string, object, string]>([
    [
      "hostPath",
      { hostPath: { path: "/a", type: "Dir" } },
      '.type: Unsupported value: "Dir": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"',
    ],
    [
      "hostPath",
      { hostPath: { path: "/a/../b" } },
      ".path: Invalid value: \"/a/../b\": must not contain '..'",
    ],
    [
      "nfs",
      { nfs: { server: "a", path: "b" } },
      '.path: Invalid value: "b": must be an absolute path',
    ],
    ["nfs", { nfs: { path: "/b" } }, ".server: Required value"],
    ["configMap", { configMap: {} }, ".name: Required value"],
    [
      "secret",
      { secret: { secretName: "a", defaultMode: 512 } },
      ".defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive",
    ],
    [
      "secret",
      { secret: { secretName: "a", items: [{ key: "k", path: "/p" }] } },
      '.items[0].path: Invalid value: "/p": must be a relative path',
    ],
    [
      "emptyDir",
      { emptyDir: { sizeLimit: "-1" } },
      ".sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity",
    ],
    [
      "projected",
      { projected: { sources: [{ serviceAccountToken: { path: "t", expirationSeconds: 5 } }] } },
      ".sources[0].serviceAccountToken.expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minutes",
    ],
  ])("with a volume %s %j", (name, source, expected) => {
    expect(inVolume(source)).toEqual([`spec.volumes[0].${name}${expected}`]);
  });
});

describe("a Service is refused", () => {
  test.each<[string, object, string]>([
    [
      "a node port inside",
      { ports: [{ port: 80, nodePort: 30_080 }] },
      "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
    ],
    [
      "no address outside",
      { type: "NodePort", clusterIP: "None" },
      "spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services",
    ],
    [
      "too long an affinity",
      {
        sessionAffinity: "ClientIP",
        sessionAffinityConfig: { clientIP: { timeoutSeconds: 86_401 } },
      },
      "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400",
    ],
    [
      "a policy of traffic that does not come",
      { externalTrafficPolicy: "Local" },
      'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
    ],
    [
      "a class of balancer without one",
      { loadBalancerClass: "a/b" },
      "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
    ],
  ])("with %s", (_, fields, expected) => expect(inService(fields)).toEqual([expected]));
});

test.each<[string, boolean]>([
  ["10.9.8.7", true],
  ["010.9.8.7", false],
  ["256.0.0.1", false],
  ["2001:db8::ffff", true],
  ["::", true],
  ["::ffff:10.0.0.1", true],
  ["1:2:3:4:5:6:7", false],
  ["1::2::3", false],
  ["", false],
])("the address %j is well formed: %s", (text, isAddress) => {
  expect(ipError(text) === "").toBe(isAddress);
});
