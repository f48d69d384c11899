import { describe, expect, test } from "vitest";
import { ControlPlane } from "../../../test/control-plane.ts";
import { KeyRecord } from "../key-record.ts";
import { createMetadata } from "../metadata.ts";
import type { ApiObject, Ingress, Manifest } from "../objects.ts";
import { kindNamed } from "../scheme.ts";
import { strictDecode } from "../strict-decoding.ts";

function make(kindName: string, spec: object, metadata: Manifest["metadata"] = {}): ApiObject {
  const kind = kindNamed(kindName);
  const namespace = kind.namespaced ? "default" : "";
  const record = new KeyRecord(1, kindName, namespace, metadata.name ?? "a");
  return kind.defaults({ spec, metadata: createMetadata(metadata, record, 1, 0) });
}

const faults = (object: ApiObject): string[] =>
  kindNamed(object.kind)
    .validate(object)
    .map(({ path, message }) => `${path}: ${message}`);

const backend = { service: { name: "web", port: { number: 80 } } };
const ofPath = (path: object): object => ({
  rules: [{ http: { paths: [{ path: "/", pathType: "Prefix", backend, ...path }] } }],
});
const ofHost = (host: string): object => ({ rules: [{ host }] });
const ofBackend = (defaultBackend: object): object => ({ defaultBackend });
const ofService = (service: object): object => ofBackend({ service: { name: "web", ...service } });
const AT = "spec.rules[0].http.paths[0]";
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const WILDCARD =
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

describe("an Ingress", () => {
  test.each<[string, object, string[]]>([
    [
      "without rules",
      {},
      [
        "spec: Invalid value: []networking.IngressRule(nil): either `defaultBackend` or `rules` must be specified",
      ],
    ],
    ["with a default backend alone", ofBackend(backend), []],
    ["with a host", ofHost("shop.example.com"), []],
    ["with a wildcard host", ofHost("*.example.com"), []],
    [
      "with an address as its host",
      ofHost("10.1.2.3"),
      ['spec.rules[0].host: Invalid value: "10.1.2.3": must be a DNS name, not an IP address'],
    ],
    [
      "with a host in capitals",
      ofHost("Shop"),
      [`spec.rules[0].host: Invalid value: "Shop": ${SUBDOMAIN}`],
    ],
    [
      "with a star inside",
      ofHost("*.*.com"),
      [`spec.rules[0].host: Invalid value: "*.*.com": ${WILDCARD}`],
    ],
    ["without paths", { rules: [{ http: {} }] }, ["spec.rules[0].http.paths: Required value"]],
    [
      "without a type of path",
      ofPath({ pathType: undefined }),
      [`${AT}.pathType: Required value: pathType must be specified`],
    ],
    [
      "with an unknown type of path",
      ofPath({ pathType: "Regex" }),
      [
        `${AT}.pathType: Unsupported value: "Regex": supported values: "Exact", "ImplementationSpecific", "Prefix"`,
      ],
    ],
    [
      "with a relative path",
      ofPath({ path: "web" }),
      [`${AT}.path: Invalid value: "web": must be an absolute path`],
    ],
    [
      "with any path that is specific",
      ofPath({ path: "/a//b%2f", pathType: "ImplementationSpecific" }),
      [],
    ],
    ["with no path that is specific", ofPath({ path: "", pathType: "ImplementationSpecific" }), []],
    [
      "with steps back",
      ofPath({ path: "/a//b/../%2F/..", pathType: "Exact" }),
      [
        "must not contain '//'",
        "must not contain '/../'",
        "must not contain '%2F'",
        "cannot end with '/..'",
      ].map((why) => `${AT}.path: Invalid value: "/a//b/../%2F/..": ${why}`),
    ],
    [
      "without a backend",
      ofPath({ backend: {} }),
      [`${AT}.backend: Invalid value: "": resource or service backend is required`],
    ],
    [
      "with two backends",
      ofBackend({ ...backend, resource: { kind: "Bucket", name: "b" } }),
      ['spec.defaultBackend: Invalid value: "": cannot set both resource and service backends'],
    ],
    [
      "with a nameless resource",
      ofBackend({ resource: { kind: "Bu/cket" } }),
      [
        `spec.defaultBackend.resource.kind: Invalid value: "Bu/cket": may not contain '/'`,
        "spec.defaultBackend.resource.name: Required value: name is required",
      ],
    ],
    [
      "with two ports",
      ofService({ port: { name: "http", number: 80 } }),
      ['spec.defaultBackend: Invalid value: "": cannot set both port name & port number'],
    ],
    [
      "without a port or a name",
      ofService({ name: "" }),
      [
        "spec.defaultBackend.service.name: Required value",
        "spec.defaultBackend: Required value: port name or number is required",
      ],
    ],
    [
      "with a port out of range",
      ofService({ port: { number: 70_000 } }),
      [
        "spec.defaultBackend.service.port.number: Invalid value: 70000: must be between 1 and 65535, inclusive",
      ],
    ],
    [
      "with faulty TLS",
      { ...ofBackend(backend), tls: [{ hosts: ["A"], secretName: "B" }] },
      [
        `spec.tls[0].hosts: Invalid value: "A": ${SUBDOMAIN}`,
        `spec.tls[0].secretName: Invalid value: "B": ${SUBDOMAIN}`,
      ],
    ],
  ])("%s", (_case, spec, wanted) => expect(faults(make("Ingress", spec))).toEqual(wanted));

  test("may name its class twice only if both are one", () => {
    const annotations = { "kubernetes.io/ingress.class": "old" };
    const object = make(
      "Ingress",
      { ...ofBackend(backend), ingressClassName: "new" },
      { annotations },
    );
    expect(faults(object)).toEqual([
      'annotations.kubernetes.io/ingress.class: Invalid value: "old": must match `ingressClassName` when both are specified',
    ]);
  });

  test("is shown as kubectl shows it", () => {
    const rules = ["a.io", "b.io", "c.io", "d.io"].map((host) => ({ host }));
    const columns = (object: ApiObject): string[] =>
      kindNamed("Ingress").printerColumns.map(({ value }) => value(object, 0));
    const plain = make("Ingress", ofBackend(backend));
    expect(columns(plain).slice(0, 4)).toEqual(["<none>", "*", "", "80"]);
    const full = make("Ingress", { rules, ingressClassName: "nginx", tls: [{}] }) as Ingress;
    const status = { loadBalancer: { ingress: [{ ip: "198.18.0.1" }] } };
    expect(columns({ ...full, status } as ApiObject).slice(0, 4)).toEqual([
      "nginx",
      "a.io,b.io,c.io + 1 more...",
      "198.18.0.1",
      "80, 443",
    ]);
  });

  test("is refused with a field that does not exist", () => {
    const manifest = { apiVersion: "networking.k8s.io/v1", kind: "Ingress", spec: { backend: {} } };
    const paths = strictDecode(kindNamed("Ingress"), manifest).map(({ message }) => message);
    expect(paths[0]).toContain('unknown field "spec.backend"');
  });
});

describe("an IngressClass", () => {
  const parameters = { kind: "Config", name: "c" };
  test.each<[string, object, string[]]>([
    ["as it is", { controller: "k8s.io/ingress-nginx" }, []],
    ["without a controller", {}, ["spec.controller: Required value"]],
    [
      "without a domain",
      { controller: "nginx" },
      [
        'spec.controller: Invalid value: "nginx": must be a domain-prefixed path (such as "acme.io/foo")',
      ],
    ],
    [
      "whose controller is too long",
      { controller: `a.io/${"x".repeat(250)}` },
      ["spec.controller: Too long: must have at most 250 bytes"],
    ],
    [
      "whose parameters are in a namespace",
      { controller: "a.io/b", parameters: { ...parameters, namespace: "x" } },
      ["spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'"],
    ],
    [
      "whose parameters should be",
      { controller: "a.io/b", parameters: { ...parameters, scope: "Namespace" } },
      ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"],
    ],
  ])("%s", (_case, spec, wanted) => expect(faults(make("IngressClass", spec))).toEqual(wanted));

  test("keeps its controller", () => {
    const old = make("IngressClass", { controller: "a.io/b" });
    const now = make("IngressClass", { controller: "a.io/c" });
    expect(kindNamed("IngressClass").validateUpdate(now, old)).toEqual([
      { path: "spec.controller", message: 'Invalid value: "a.io/c": field is immutable' },
    ]);
  });
});

describe("the default class", () => {
  const classNamed = (name: string, creationTimestamp: string, isDefault: boolean): Manifest => ({
    kind: "IngressClass",
    metadata: {
      name,
      creationTimestamp,
      annotations: { "ingressclass.kubernetes.io/is-default-class": String(isDefault) },
    },
    spec: { controller: "a.io/b" },
  });

  test.each<[string, object, Record<string, string>, string | undefined]>([
    ["goes to an Ingress without one", {}, {}, "newer"],
    ["leaves alone one that names its own", { ingressClassName: "x" }, {}, "x"],
    ["and the old annotation", {}, { "kubernetes.io/ingress.class": "y" }, undefined],
  ])("%s", (_case, spec, annotations, wanted) => {
    const plane = new ControlPlane();
    plane.store(classNamed("old", "1970-01-01T00:00:00Z", true));
    plane.store(classNamed("newer", "1970-01-01T00:01:00Z", true));
    plane.store(classNamed("none", "1970-01-01T00:02:00Z", false));
    plane.create({
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: { name: "a", namespace: "default", annotations },
      spec: { ...ofBackend(backend), ...spec },
    });
    const stored = plane.etcd.find("Ingress", "default/a")?.stored as Ingress;
    expect(stored.spec.ingressClassName).toBe(wanted);
  });
});
