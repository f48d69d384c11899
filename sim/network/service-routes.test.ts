import { describe, expect, test } from "vitest";
import { sliceManifest } from "../../test/network-fixture.ts";
import type { EndpointSlice, Service } from "../api/index.ts";
import { ServiceRoutes } from "./service-routes.ts";

interface Given {
  readonly ip: string;
  readonly node?: string;
  readonly ready?: boolean;
  readonly serving?: boolean;
  readonly terminating?: boolean;
}

function slice(name: string, given: readonly Given[], addressType = "IPv4"): EndpointSlice {
  const endpoints = given.map(({ ip, node = "n1", ...conditions }) => ({
    addresses: [ip],
    nodeName: node,
    conditions,
  }));
  return { ...sliceManifest(name, endpoints), addressType } as unknown as EndpointSlice;
}

function addresses(spec: object, slices: readonly EndpointSlice[], node = "n1"): string[] {
  const service = { spec } as unknown as Service;
  const routes = new ServiceRoutes("default/web", service, slices);
  return routes.endpointsFor(node).map(({ address }) => address);
}

const leaving = { ready: false, serving: true, terminating: true };
const unready = { ready: false, serving: false };

describe("ServiceRoutes", () => {
  test.each<[string, object, Given[], string[]]>([
    ["conditions that are not stated count as ready", {}, [{ ip: "1" }], ["1"]],
    [
      "only the ready ones",
      {},
      [
        { ip: "1", ready: true },
        { ip: "2", ...unready },
      ],
      ["1"],
    ],
    [
      "terminating ones are left out while others are ready",
      {},
      [{ ip: "1", ...leaving }, { ip: "2" }],
      ["2"],
    ],
    [
      "none ready: those that serve while they terminate",
      {},
      [
        { ip: "1", ...leaving },
        { ip: "2", ...unready },
      ],
      ["1"],
    ],
    [
      "none ready: terminating without serving is no help",
      {},
      [{ ip: "1", ...unready, terminating: true }],
      [],
    ],
    [
      "headless: clients are told of ready ones only",
      { clusterIP: "None" },
      [{ ip: "1", ...leaving }],
      [],
    ],
    ["ordered by address", {}, [{ ip: "3" }, { ip: "1" }, { ip: "2" }], ["1", "2", "3"]],
    [
      "Local: those on the node",
      { internalTrafficPolicy: "Local" },
      [{ ip: "1" }, { ip: "2", node: "n2" }],
      ["1"],
    ],
    ["Local: none there", { internalTrafficPolicy: "Local" }, [{ ip: "2", node: "n2" }], []],
    [
      "Local: leaving ones there before ready ones elsewhere",
      { internalTrafficPolicy: "Local" },
      [
        { ip: "1", ...leaving },
        { ip: "2", node: "n2" },
      ],
      ["1"],
    ],
    ["ExternalName has no endpoints", { type: "ExternalName" }, [{ ip: "1" }], []],
  ])("%s", (_case, spec, given, expected) => {
    expect(addresses(spec, [slice("a", given)])).toEqual(expected);
  });

  test("an address in two slices is one endpoint: the later slice's", () => {
    const moved = [slice("a", [{ ip: "1", ...unready }]), slice("b", [{ ip: "1" }, { ip: "2" }])];
    expect(addresses({}, moved)).toEqual(["1", "2"]);
  });

  test("only the slices of the Service's first address family", () => {
    const both = [slice("a", [{ ip: "1" }]), slice("b", [{ ip: "fd00::1" }], "IPv6")];
    expect(addresses({}, both)).toEqual(["1"]);
    expect(addresses({ ipFamilies: ["IPv6", "IPv4"] }, both)).toEqual(["fd00::1"]);
  });
});
