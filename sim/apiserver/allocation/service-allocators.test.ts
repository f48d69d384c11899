import { describe, expect, test } from "vitest";
import { ControlPlane } from "../../../test/control-plane.ts";
import type { ApiObject, Manifest, Service } from "../../api/index.ts";
import { type ClusterOptions, defaultClusterOptions } from "../../options/index.ts";

const service = (name: string, spec: object = {}): Manifest => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace: "default" },
  spec: { selector: { app: "web" }, ports: [{ port: 80 }], ...spec },
});

function plane(apiserver: Partial<ClusterOptions["apiserver"]> = {}): ControlPlane {
  return new ControlPlane("1", { apiserver: { ...defaultClusterOptions.apiserver, ...apiserver } });
}

function make(control: ControlPlane, name: string, spec: object = {}): Service["spec"] {
  const { ok, message, object } = control.create(service(name, spec));
  if (!ok) throw new Error(message);
  return (object as Service).spec;
}

function change(control: ControlPlane, name: string, spec: object): Service["spec"] {
  const record = control.etcd.record("Service", "default", name);
  const old = record.stored as Service;
  const next = { ...old, spec: { ...old.spec, ...spec } } as ApiObject;
  for (const [field, value] of Object.entries(spec))
    if (value === undefined)
      delete (next as unknown as { spec: Record<string, unknown> }).spec[field];
  control.client.update(record, next, "", control.done, undefined);
  const { ok, message, object } = control.answer();
  if (!ok) throw new Error(message);
  return (object as Service).spec;
}

function remove(control: ControlPlane, name: string): void {
  const record = control.etcd.record("Service", "default", name);
  control.client.delete(record, {}, control.done, undefined);
  control.answer();
}

describe("a cluster IP", () => {
  test("is given out of the dynamic band, once, the same for the same name", () => {
    const control = plane();
    const ips = ["a", "b", "c"].map((name) => make(control, name).clusterIP ?? "");
    expect(new Set(ips).size).toBe(3);
    for (const ip of ips) expect(ip).toMatch(/^10\.(9[6-9]|10\d|11[01])\./);
    expect(make(plane(), "b").clusterIP).toBe(ips[1]);
    const { spec } = control.etcd.record("Service", "default", "a").stored as Service;
    expect(spec).toMatchObject({
      clusterIPs: [ips[0]],
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
    });
  });

  test("may be asked for while nobody has it", () => {
    const control = plane();
    expect(make(control, "a", { clusterIP: "10.96.0.10" }).clusterIPs).toEqual(["10.96.0.10"]);
    expect(control.create(service("b", { clusterIP: "10.96.0.10" })).message).toBe(
      'Service "b" is invalid: spec.clusterIPs: Invalid value: []string{"10.96.0.10"}: failed to allocate IP 10.96.0.10: provided IP is already allocated',
    );
    expect(control.create(service("b", { clusterIP: "10.95.0.1" })).message).toContain(
      "the provided IP (10.95.0.1) is not in the valid range. The range of valid IPs is 10.96.0.0/12",
    );
    expect(control.create(service("b", { clusterIP: "ten" })).message).toContain(
      'spec.clusterIPs[0]: Invalid value: "ten": must be a valid IP address',
    );
    remove(control, "a");
    expect(make(control, "b", { clusterIP: "10.96.0.10" }).clusterIP).toBe("10.96.0.10");
  });

  test("is nobody's when its Service could not be made", () => {
    const control = plane();
    const bad = control.create(service("a", { clusterIP: "10.96.0.10", sessionAffinity: "Ever" }));
    expect(bad.ok).toBe(false);
    expect(make(control, "b", { clusterIP: "10.96.0.10" }).clusterIP).toBe("10.96.0.10");
  });

  test("is there as long as the range is", () => {
    const control = plane({ serviceClusterIpRange: "10.0.0.0/30" });
    const ips = [make(control, "a").clusterIP, make(control, "b").clusterIP];
    expect(ips.sort()).toEqual(["10.0.0.1", "10.0.0.2"]);
    const call = control.create(service("c"));
    expect([call.code, call.reason, call.message]).toEqual([
      500,
      "InternalError",
      "Internal error occurred: failed to allocate a serviceIP: range is full",
    ]);
    remove(control, "a");
    expect(ips).toContain(make(control, "c").clusterIP);
  });

  test("is none for a headless Service and for an external name", () => {
    const control = plane();
    expect(make(control, "a", { clusterIP: "None" })).toMatchObject({
      clusterIP: "None",
      clusterIPs: ["None"],
      ipFamilies: ["IPv4"],
    });
    expect(make(control, "b", { clusterIP: "None", selector: undefined })).toMatchObject({
      ipFamilies: ["IPv4", "IPv6"],
      ipFamilyPolicy: "RequireDualStack",
    });
    const external = make(control, "c", { type: "ExternalName", externalName: "a.example" });
    expect(external.clusterIP).toBeUndefined();
    expect(external.clusterIPs).toBeUndefined();
  });

  test("comes and goes with the type, and never changes else", () => {
    const control = plane();
    const { clusterIP } = make(control, "a");
    expect(change(control, "a", { ports: [{ port: 81 }], clusterIP: undefined }).clusterIP).toBe(
      clusterIP,
    );
    expect(() => change(control, "a", { clusterIP: "10.96.0.9" })).toThrow(
      "may not change once set",
    );
    const named = change(control, "a", { type: "ExternalName", externalName: "a.example" });
    expect([named.clusterIP, named.clusterIPs, named.ipFamilies]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(make(control, "b", { clusterIP }).clusterIP).toBe(clusterIP);
    const back = change(control, "a", { type: "ClusterIP", externalName: undefined });
    expect(back.clusterIP).toMatch(/^10\./);
    expect(back.clusterIP).not.toBe(clusterIP);
  });

  test.each([
    [{ ipFamilies: ["IPv6"] }, 'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this'],
    [{ ipFamilyPolicy: "RequireDualStack" }, "this cluster is not configured for dual-stack"],
  ])("is of IPv4 only: %j", (spec, message) => {
    expect(plane().create(service("a", spec)).message).toContain(message);
  });
});

describe("node ports", () => {
  const nodePorts = ({ ports = [] }: Service["spec"]) => ports.map(({ nodePort }) => nodePort);
  const dns = [
    { name: "tcp", port: 53 },
    { name: "udp", port: 53, protocol: "UDP" },
  ];

  test("are given to types that need them, one for both protocols of a port", () => {
    const control = plane();
    const [port] = nodePorts(make(control, "a", { type: "NodePort" }));
    expect(port).toBeGreaterThanOrEqual(30_086);
    expect(port).toBeLessThanOrEqual(32_767);
    const [tcp, udp] = nodePorts(make(control, "b", { type: "LoadBalancer", ports: dns }));
    expect(tcp).toBe(udp);
    expect(tcp).not.toBe(port);
    expect(nodePorts(make(control, "c"))).toEqual([undefined]);
  });

  test("may be asked for while nobody has them", () => {
    const control = plane();
    const on = (nodePort: number) => ({ type: "NodePort", ports: [{ port: 80, nodePort }] });
    expect(nodePorts(make(control, "a", on(30_001)))).toEqual([30_001]);
    expect(control.create(service("b", on(30_001))).message).toBe(
      'Service "b" is invalid: spec.ports[0].nodePort: Invalid value: 30001: provided port is already allocated',
    );
    expect(control.create(service("b", on(29_999))).message).toContain(
      "spec.ports[0].nodePort: Invalid value: 29999: provided port is not in the valid range. The range of valid ports is 30000-32767",
    );
    remove(control, "a");
    expect(nodePorts(make(control, "b", on(30_001)))).toEqual([30_001]);
  });

  test("stay in an update that leaves them out, and come and go with the type", () => {
    const control = plane();
    make(control, "a");
    const made = nodePorts(change(control, "a", { type: "NodePort" }));
    expect(made[0]).toBeGreaterThan(30_000);
    expect(nodePorts(change(control, "a", { ports: [{ port: 80 }] }))).toEqual(made);
    expect(nodePorts(change(control, "a", { type: "ClusterIP" }))).toEqual([undefined]);
    const again = { type: "NodePort", ports: [{ port: 80, nodePort: made[0] }] };
    expect(nodePorts(make(control, "b", again))).toEqual(made);
  });

  test("are not given to a balancer that needs none", () => {
    const spec = { type: "LoadBalancer", allocateLoadBalancerNodePorts: false };
    expect(nodePorts(make(plane(), "a", spec))).toEqual([undefined]);
  });

  test("one is for the health check of a balancer whose nodes answer for themselves", () => {
    const control = plane();
    const local = { type: "LoadBalancer", externalTrafficPolicy: "Local" };
    const { healthCheckNodePort } = make(control, "a", local);
    expect(healthCheckNodePort).toBeGreaterThan(30_000);
    expect(() => change(control, "a", { healthCheckNodePort: 31_000 })).toThrow(
      "cannot change healthCheckNodePort",
    );
    const taken = control.create(service("b", { ...local, healthCheckNodePort }));
    expect(taken.message).toContain(
      `failed to allocate requested HealthCheck NodePort ${healthCheckNodePort}: provided port is already allocated`,
    );
    const { healthCheckNodePort: none } = change(control, "a", {
      externalTrafficPolicy: "Cluster",
    });
    expect(none).toBeUndefined();
  });
});

test("the field trafficDistribution is there only with its feature gate", () => {
  const spec = { trafficDistribution: "PreferClose" };
  expect(make(plane(), "a", spec).trafficDistribution).toBeUndefined();
  const control = plane({ serviceTrafficDistribution: true });
  expect(make(control, "a", spec).trafficDistribution).toBe("PreferClose");
  expect(control.create(service("b", { trafficDistribution: "Near" })).message).toContain(
    'spec.trafficDistribution: Unsupported value: "Near": supported values: "PreferClose"',
  );
});
