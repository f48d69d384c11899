import { describe, expect, test } from "vitest";
import type { Ingress } from "../../api/index.ts";
import { findUpstream, ingressRules } from "./ingress-rules.ts";

interface Rule {
  readonly host?: string;
  readonly path?: string;
  readonly type?: string;
  readonly to: string;
  readonly annotations?: Record<string, string>;
  readonly createdAt?: number;
  /** The Ingress' defaultBackend; with an empty `to` it has no rules. */
  readonly otherwise?: string;
}

const backendOf = (name: string): object => ({ service: { name, port: { number: 80 } } });

/** One Ingress for each rule. */
function ingressOf(rule: Rule, i: number): Ingress {
  const { annotations, createdAt = 0, host, otherwise, path = "/", to, type = "Prefix" } = rule;
  const paths = [{ path, pathType: type, backend: backendOf(to) }];
  return {
    metadata: {
      name: `i${i}`,
      namespace: "shop",
      creationTimestamp: new Date(createdAt).toISOString(),
      annotations,
    },
    spec: {
      ...(to === ""
        ? {}
        : { rules: [{ ...(host === undefined ? {} : { host }), http: { paths } }] }),
      ...(otherwise === undefined ? {} : { defaultBackend: backendOf(otherwise) }),
    },
  } as unknown as Ingress;
}

function found(rules: readonly Rule[], host: string, path: string): string | undefined {
  return findUpstream(ingressRules(rules.map(ingressOf)), host, path)?.service.slice(
    "shop/".length,
  );
}

// The table of kubernetes.io/docs/concepts/services-networking/ingress, "Examples".
describe("paths", () => {
  test.each<[string, string, string, boolean]>([
    ["Prefix", "/", "/any/path", true],
    ["Exact", "/foo", "/foo", true],
    ["Exact", "/foo", "/bar", false],
    ["Exact", "/foo", "/foo/", false],
    ["Exact", "/foo/", "/foo", false],
    ["Prefix", "/foo", "/foo", true],
    ["Prefix", "/foo", "/foo/", true],
    ["Prefix", "/foo/", "/foo", true],
    ["Prefix", "/foo/", "/foo/", true],
    ["Prefix", "/aaa/bb", "/aaa/bbb", false],
    ["Prefix", "/aaa/bbb", "/aaa/bbb", true],
    ["Prefix", "/aaa/bbb/", "/aaa/bbb", true],
    ["Prefix", "/aaa/bbb", "/aaa/bbb/", true],
    ["Prefix", "/aaa/bbb", "/aaa/bbb/ccc", true],
    ["Prefix", "/aaa/bbb", "/aaa/bbbxyz", false],
    ["ImplementationSpecific", "/foo", "/foo/x", true],
    ["ImplementationSpecific", "/foo", "/foobar", false],
    ["Prefix", "/foo", "/foo?a=/b", true],
  ])("%s %s and a request for %s: %s", (type, path, asked, isFound) => {
    expect(found([{ path, type, to: "web" }], "a.io", asked)).toBe(isFound ? "web" : undefined);
  });

  test.each<[string, string]>([
    ["/aaa/ccc", "a"],
    ["/aaa/bbb/x", "b"],
    ["/ccc", "root"],
    ["/aaa/bbb", "exact"],
  ])("the longest holds, Exact before Prefix: %s to %s", (asked, wanted) => {
    const rules: Rule[] = [
      { path: "/", to: "root" },
      { path: "/aaa", to: "a" },
      { path: "/aaa/bbb", to: "b" },
      { path: "/aaa/bbb", type: "Exact", to: "exact" },
    ];
    for (const order of [rules, rules.toReversed()])
      expect(found(order, "a.io", asked)).toBe(wanted);
  });

  test("the older of two Ingresses holds, of one age the first by name", () => {
    const newer = { to: "newer", createdAt: 9_000 };
    expect(found([newer, { to: "older" }], "", "/")).toBe("older");
    expect(found([{ to: "i0" }, { to: "i1" }], "", "/")).toBe("i0");
  });
});

describe("hosts", () => {
  const rules: Rule[] = [
    { host: "bar.foo.com", path: "/own", to: "own" },
    { host: "*.foo.com", to: "wildcard" },
    { to: "any" },
  ];

  test.each<[string, string, string | undefined]>([
    ["bar.foo.com", "/own", "own"],
    ["BAR.foo.com:80", "/own", "own"],
    // Of its own rules none matches: nginx does not look at other servers.
    ["bar.foo.com", "/other", undefined],
    ["baz.foo.com", "/own", "wildcard"],
    ["baz.bar.foo.com", "/", "any"],
    ["foo.com", "/", "any"],
    ["elsewhere.io", "/", "any"],
    ["", "/", "any"],
  ])("%s%s goes to %s", (host, path, wanted) => expect(found(rules, host, path)).toBe(wanted));

  test.each<[string, string, string | undefined]>([
    ["bar.foo.com", "/own", "own"],
    ["bar.foo.com", "/other", "rest"],
    ["elsewhere.io", "/", "all"],
  ])("with default backends %s%s goes to %s", (host, path, wanted) => {
    const first = { host: "bar.foo.com", path: "/own", to: "own", otherwise: "rest" };
    expect(found([first, { to: "", otherwise: "all" }], host, path)).toBe(wanted);
  });
});

describe("canaries", () => {
  const prefix = "nginx.ingress.kubernetes.io/";
  const annotations = { [`${prefix}canary`]: "true", [`${prefix}canary-weight`]: "5" };
  const canaryOf = (rules: readonly Rule[], path = "/"): string | undefined =>
    findUpstream(ingressRules(rules.map(ingressOf)), "a.io", path)?.canary?.upstream.service;

  test("stand beside the rule with the same host, path and type", () => {
    const stable = { host: "a.io", to: "web" };
    const canary = { host: "a.io", to: "next", annotations };
    expect(canaryOf([canary, stable])).toBe("shop/next");
    expect(canaryOf([stable, { ...canary, host: "b.io" }])).toBeUndefined();
    expect(canaryOf([stable, { ...canary, path: "/x" }])).toBeUndefined();
    expect(canaryOf([stable, { ...canary, type: "Exact" }])).toBeUndefined();
  });

  test("the first holds; a Service with rules of its own is none; alone it is nothing", () => {
    const stable = { to: "web" };
    const first = { to: "first", annotations };
    const second = { to: "second", annotations, createdAt: 9_000 };
    expect(canaryOf([second, first, stable])).toBe("shop/first");
    expect(canaryOf([stable, { to: "web", annotations }])).toBeUndefined();
    expect(canaryOf([stable, { path: "/x", to: "first" }, first])).toBeUndefined();
    expect(found([first], "", "/")).toBeUndefined();
  });
});
