import { describe, expect, test } from "vitest";
import type { Service } from "../../api/index.ts";
import { followName, serviceNamed } from "./external-name.ts";

/** Services by name in namespace d: the external name, or undefined for one with endpoints. */
function services(names: Record<string, string | undefined>) {
  return (key: string): Service | undefined => {
    const name = key.slice("d/".length);
    if (!(name in names)) return undefined;
    const externalName = names[name];
    const spec = externalName === undefined ? {} : { type: "ExternalName", externalName };
    return { spec } as unknown as Service;
  };
}

const inside = (name: string): string => `${name}.d.svc.cluster.local`;
const nowhere = { service: "", host: "" };

/** Aliases 0, 1, ... each leading to the next; the last one leads to `end`. */
function chain(length: number, end: string): Record<string, string | undefined> {
  const names = Array.from({ length }, (_, i) => [
    `${i}`,
    i + 1 < length ? inside(`${i + 1}`) : end,
  ]);
  return { ...Object.fromEntries(names), web: undefined };
}

describe("followName", () => {
  test.each([
    ["a Service is itself", { a: undefined }, { service: "d/a", host: "" }],
    ["no Service of the name", {}, nowhere],
    ["a host outside", { a: "db.example.com" }, { service: "", host: "db.example.com" }],
    ["with the dot at the end", { a: "DB.example.com." }, { service: "", host: "db.example.com" }],
    ["a Service", { a: inside("web"), web: undefined }, { service: "d/web", host: "" }],
    ["a Service that is not there", { a: inside("web") }, nowhere],
    ["another name of the cluster", { a: "web.d.pod.cluster.local" }, nowhere],
    ["a short name means a host outside", { a: "web.d.svc" }, { service: "", host: "web.d.svc" }],
    ["itself", { a: inside("a") }, nowhere],
    ["a loop of two", { a: inside("b"), b: inside("a") }, nowhere],
  ])("%s", (_case, names: Record<string, string | undefined>, expected) => {
    expect(followName("d/a", services(names))).toEqual(expected);
  });

  test.each([
    [8, inside("web"), { service: "d/web", host: "" }],
    [9, inside("web"), nowhere],
    [8, "db.example.com", { service: "", host: "db.example.com" }],
    [9, "db.example.com", nowhere],
  ])("a chain of %i CNAMEs to %s", (length, end, expected) => {
    expect(followName("d/0", services(chain(length, end)))).toEqual(expected);
  });
});

test.each([
  ["web.shop.svc.cluster.local", "shop/web"],
  ["a.web.shop.svc.cluster.local", undefined],
  ["web.shop.svc.cluster.local.shop.svc.cluster.local", undefined],
  ["example.com", undefined],
])("%s means Service %s", (name, expected) => expect(serviceNamed(name)).toBe(expected));
