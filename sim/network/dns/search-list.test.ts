import { expect, test } from "vitest";
import { type NameForm, namesAskedFor } from "./search-list.ts";

const OWN = "web.shop.svc.cluster.local";

test.each<[string, string, NameForm, number, readonly string[]]>([
  ["the client's own namespace", "shop", "short", 5, [OWN]],
  [
    "another namespace: the first search domain is the wrong one",
    "default",
    "short",
    5,
    ["web.shop.default.svc.cluster.local", OWN],
  ],
  [
    "the whole name has four dots, fewer than five: all search domains come first",
    "default",
    "qualified",
    5,
    [`${OWN}.default.svc.cluster.local`, `${OWN}.svc.cluster.local`, `${OWN}.cluster.local`, OWN],
  ],
  ["the same with ndots 4", "default", "qualified", 4, [OWN]],
  ["a dot at the end", "default", "absolute", 5, [OWN]],
])("%s", (_case, namespace, form, ndots, expected) => {
  expect(namesAskedFor("shop/web", namespace, form, ndots)).toEqual(expected);
});
