import { expect, test } from "vitest";
import type { Ingress } from "../../api/index.ts";
import { canaryVerdict } from "./canary-verdict.ts";
import { annotationsOf, type CanaryRule } from "./ingress-annotations.ts";

const PREFIX = "nginx.ingress.kubernetes.io/";

function ruleOf(given: Record<string, string>): CanaryRule | undefined {
  const named = Object.entries(given).map(([name, value]) => [PREFIX + name, value]);
  const annotations = { [`${PREFIX}canary`]: "true", ...Object.fromEntries(named) };
  return annotationsOf({ metadata: { annotations } } as unknown as Ingress).canary;
}

type Texts = Record<string, string>;
const header = { "canary-by-header": "X-Next" };
const cookie = { "canary-by-cookie": "next" };
const value = { ...header, "canary-by-header-value": "beta" };
const pattern = { ...header, "canary-by-header-pattern": "^b.ta$" };

test.each<[string, Texts, Texts, Texts, string]>([
  ["header always", header, { "X-Next": "always" }, {}, "canary"],
  ["in any case", header, { "x-next": "always" }, {}, "canary"],
  [
    "header never, before the cookie",
    { ...header, ...cookie },
    { "X-Next": "never" },
    { next: "always" },
    "stable",
  ],
  [
    "header of no meaning: the cookie",
    { ...header, ...cookie },
    { "X-Next": "x" },
    { next: "always" },
    "canary",
  ],
  ["no header: the cookie", { ...header, ...cookie }, {}, { next: "never" }, "stable"],
  ["cookie of no meaning: the weight", cookie, {}, { next: "1" }, "weight"],
  ["header's value", value, { "X-Next": "beta" }, {}, "canary"],
  ["with a value `always` is another one", value, { "X-Next": "always" }, {}, "weight"],
  [
    "with a value `never` is another one",
    { ...value, ...cookie },
    { "X-Next": "never" },
    { next: "always" },
    "canary",
  ],
  ["header's pattern", pattern, { "X-Next": "beta" }, {}, "canary"],
  ["another header's", pattern, { "X-Other": "beta" }, {}, "weight"],
  ["value before pattern", { ...value, ...pattern }, { "X-Next": "bxta" }, {}, "weight"],
  [
    "a pattern that cannot be read",
    { ...header, "canary-by-header-pattern": "(" },
    { "X-Next": "b" },
    {},
    "stable",
  ],
  [
    "a value without a header",
    { "canary-by-header-value": "beta" },
    { "X-Next": "beta" },
    {},
    "weight",
  ],
])("%s", (_case, annotations, headers, cookies, wanted) => {
  const request = { host: "a.io", path: "/", headers, cookies, ingressClass: "" };
  const rule = ruleOf(annotations);
  expect(rule && canaryVerdict(rule, request)).toBe(wanted);
});

test.each<[Texts, number, number]>([
  [{}, 0, 100],
  [{ "canary-weight": "5" }, 5, 100],
  [{ "canary-weight": "-5" }, 0, 100],
  [{ "canary-weight": "five" }, 0, 100],
  [{ "canary-weight": "150" }, 150, 100],
  [{ "canary-weight": "5", "canary-weight-total": "1000" }, 5, 1000],
  [{ "canary-weight": "5", "canary-weight-total": "10" }, 5, 100],
  [{ "canary-weight": "5", "canary-weight-total": "0" }, 5, 100],
])("weights %o", (annotations, weight, weightTotal) => {
  expect(ruleOf(annotations)).toMatchObject({ weight, weightTotal });
});

test("canary: only what Go takes for true", () => {
  const given = ["true", "1", "T", "yes", "false", ""];
  expect(given.map((canary) => ruleOf({ canary }) !== undefined)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});
