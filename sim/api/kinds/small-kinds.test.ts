import { describe, expect, test } from "vitest";
import { KeyRecord } from "../key-record.ts";
import { createMetadata } from "../metadata.ts";
import type { Manifest } from "../objects.ts";
import { kindNamed } from "../scheme.ts";

function faults(kindName: string, fields: object, metadata: Manifest["metadata"] = {}): string[] {
  const kind = kindNamed(kindName);
  const { name = "a", namespace = "default" } = metadata;
  const record = new KeyRecord(1, kindName, kind.namespaced ? namespace : "", name);
  const object = kind.defaults({ ...fields, metadata: createMetadata(metadata, record, 1, 0) });
  return kind.validate(object).map(({ path, message }) => `${path}: ${message}`);
}

describe("validation of an EndpointSlice", () => {
  const slice = (addressType: string, ...addresses: string[]): string[] =>
    faults("EndpointSlice", { addressType, endpoints: [{ addresses }] });
  const AT = "endpoints[0].addresses[0]";
  const LOOPBACK = "may not be in the loopback range (127.0.0.0/8, ::1/128)";
  const LINK_LOCAL = "may not be in the link-local range (169.254.0.0/16, fe80::/10)";
  const MULTICAST = "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)";

  test.each<[string, string, string[]]>([
    ["IPv4", "10.1.2.3", []],
    ["IPv4", "192.168.0.1", []],
    ["IPv4", "10.1.2.256", ["must be a valid IPv4 address", "must be a valid IP address"]],
    ["IPv4", "10.01.2.3", ["must be a valid IPv4 address", "must be a valid IP address"]],
    ["IPv4", "10.1.2", ["must be a valid IPv4 address", "must be a valid IP address"]],
    ["IPv4", "fd00::1", ["must be a valid IPv4 address"]],
    ["IPv4", "0.0.0.0", ["may not be unspecified (0.0.0.0)"]],
    ["IPv4", "127.1.2.3", [LOOPBACK]],
    ["IPv4", "169.254.169.254", [LINK_LOCAL]],
    ["IPv4", "224.0.0.1", [MULTICAST]],
    ["IPv6", "fd00::1", []],
    ["IPv6", "10.0.0.1", ["must be a valid IPv6 address"]],
    ["IPv6", "::", ["may not be unspecified (::)"]],
    ["IPv6", "::1", [LOOPBACK]],
    ["IPv6", "fe80::1", [LINK_LOCAL]],
    ["IPv6", "ff02::1", [MULTICAST]],
    ["FQDN", "a.example.com", []],
    ["FQDN", "example", ["should be a domain with at least two segments separated by dots"]],
  ])("of the %s address %s", (addressType, address, details) => {
    const expected = details.map((detail) => `${AT}: Invalid value: "${address}": ${detail}`);
    expect(slice(addressType, address)).toEqual(expected);
  });

  test.each<[string, object, string[]]>([
    ["no address type", { endpoints: [] }, ["addressType: Required value"]],
    [
      "no address",
      { addressType: "IPv4", endpoints: [{ addresses: [] }] },
      ["endpoints[0].addresses: Required value: must contain at least 1 address"],
    ],
    [
      "too many addresses",
      { addressType: "IPv4", endpoints: [{ addresses: new Array(101).fill("10.0.0.1") }] },
      ["endpoints[0].addresses: Too many: 101: must have at most 100 items"],
    ],
    [
      "too many endpoints",
      { addressType: "IPv4", endpoints: new Array(1001).fill({ addresses: ["10.0.0.1"] }) },
      ["endpoints: Too many: 1001: must have at most 1000 items"],
    ],
    [
      "one name for two ports",
      { addressType: "IPv4", ports: [{ port: 1 }, { port: 2 }] },
      ['ports[1].name: Duplicate value: ""'],
    ],
    [
      "another protocol",
      { addressType: "IPv4", ports: [{ port: 1, protocol: "ICMP" }] },
      ['ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"'],
    ],
    [
      "hints for a zone twice",
      {
        addressType: "IPv4",
        endpoints: [
          { addresses: ["10.0.0.1"], hints: { forZones: [{ name: "a" }, { name: "a" }] } },
        ],
      },
      ['endpoints[0].hints.forZones[1].name: Duplicate value: "a"'],
    ],
  ])("of %s", (_, fields, expected) => {
    expect(faults("EndpointSlice", fields)).toEqual(expected);
  });

  test("of a node's name that is none", () => {
    const endpoints = [{ addresses: ["10.0.0.1"], nodeName: "A b" }];
    expect(faults("EndpointSlice", { addressType: "IPv4", endpoints })[0]).toMatch(
      /^endpoints\[0\]\.nodeName: Invalid value: "A b": a lowercase RFC 1123 subdomain/,
    );
  });
});

describe("validation of an Event", () => {
  const source = {
    eventTime: "2024-01-01T00:00:00Z",
    reportingComponent: "default-scheduler",
    reportingInstance: "default-scheduler-0",
    action: "Binding",
    reason: "Scheduled",
  };
  const about = { involvedObject: { kind: "Pod", name: "a", namespace: "default" } };
  const elsewhere = { involvedObject: { kind: "Pod", name: "a", namespace: "other" } };

  test.each<[string, object, string[]]>([
    ["of the old style", about, []],
    [
      "about an object of another namespace",
      elsewhere,
      ['involvedObject.namespace: Invalid value: "other": does not match event.namespace'],
    ],
    ["of the new style", { ...about, ...source }, []],
    [
      "without a source",
      { ...about, eventTime: source.eventTime },
      [
        "reportingComponent: Required value",
        'reportingComponent: Invalid value: "": name part must be non-empty',
        "reportingInstance: Required value",
        "action: Required value",
        "reason: Required value",
      ],
    ],
    [
      "with texts that are too long",
      { ...about, ...source, action: "x".repeat(129), message: "x".repeat(1025) },
      [
        'action: Invalid value: "": can have at most 128 characters',
        'message: Invalid value: "": can have at most 1024 characters',
      ],
    ],
  ])("%s", (_, fields, expected) => {
    expect(faults("Event", fields)).toEqual(expected);
  });
});

describe("validation of", () => {
  const reserved =
    "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: ";

  test.each<[string, string, string, object, string[]]>([
    ["a namespace", "Namespace", "a", {}, []],
    [
      "a namespace's finalizers",
      "Namespace",
      "a",
      { spec: { finalizers: ["mine"] } },
      [
        'spec.finalizers: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
      ],
    ],
    [
      "a lease",
      "Lease",
      "a",
      { spec: { leaseDurationSeconds: 0, leaseTransitions: -1 } },
      [
        "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0",
        "spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0",
      ],
    ],
    [
      "a system priority class of another name",
      "PriorityClass",
      "system-mine",
      { value: 1 },
      [`${reserved}system-mine is not a known system priority class`],
    ],
    [
      "a system priority class of another value",
      "PriorityClass",
      "system-node-critical",
      { value: 1 },
      [`${reserved}value of system-node-critical PriorityClass must be 2000001000`],
    ],
    [
      "a system priority class",
      "PriorityClass",
      "system-cluster-critical",
      { value: 2_000_000_000 },
      [],
    ],
    ["a service account", "ServiceAccount", "a", { secrets: [{ name: "s" }] }, []],
    [
      "a controller revision",
      "ControllerRevision",
      "a",
      { revision: -1 },
      [
        "data: Required value: data is mandatory",
        "revision: Invalid value: -1: must be greater than or equal to 0",
      ],
    ],
  ])("%s", (_, kind, name, fields, expected) => {
    expect(faults(kind, fields, { name })).toEqual(expected);
  });

  test("a workload without a selector, which selects nothing", () => {
    const template = {
      metadata: { labels: { app: "a" } },
      spec: { containers: [{ name: "main", image: "a:1" }] },
    };
    for (const kind of ["Deployment", "ReplicaSet", "DaemonSet", "StatefulSet"]) {
      expect(faults(kind, { spec: { template } })).toEqual([
        "spec.selector: Required value",
        'spec.template.metadata.labels: Invalid value: map[string]string{"app":"a"}: `selector` does not match template `labels`',
      ]);
    }
  });

  test("annotations, which are 256 KiB at most, counted in bytes", () => {
    const annotated = (text: string): string[] =>
      faults("Namespace", {}, { annotations: { a: text } });
    expect(annotated("x".repeat(262_143))).toEqual([]);
    const tooLong = ["metadata.annotations: Too long: must have at most 262144 bytes"];
    expect(annotated("x".repeat(262_144))).toEqual(tooLong);
    expect(annotated("€".repeat(87_382))).toEqual(tooLong);
  });

  test("a namespace's own label, which is always its name", () => {
    const kind = kindNamed("Namespace");
    const record = new KeyRecord(1, "Namespace", "", "a");
    const labels = { "kubernetes.io/metadata.name": "b" };
    const metadata = createMetadata({ name: "a", labels }, record, 1, 0);
    expect(kind.defaults({ metadata }).metadata.labels).toEqual({
      "kubernetes.io/metadata.name": "a",
    });
  });
});
