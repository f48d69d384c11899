import { expect, test } from "vitest";
import { labelValues, valueSelected } from "./label-values.ts";
import type { ObjectMeta } from "./objects.ts";
import { parseSelectorString } from "./selector-string.ts";

const metadata = (labels?: Record<string, string>): ObjectMeta =>
  ({ namespace: "shop", labels }) as unknown as ObjectMeta;

test("an object is found under each of its labels", () => {
  const labels = { app: "web", "example.org/tier": "front" };
  expect(labelValues(metadata(labels))).toEqual(["shop/app=web", "shop/example.org/tier=front"]);
  expect(labelValues(metadata())).toBeUndefined();
});

test.each<[string, string | undefined]>([
  ["app=web", "shop/app=web"],
  ["app==web,tier!=front", "shop/app=web"],
  ["app in (web)", "shop/app=web"],
  ["app in (web,api),tier=front", "shop/tier=front"],
  ["app in (web,api)", undefined],
  ["app", undefined],
  ["!app", undefined],
  ["app!=web", undefined],
  ["size>3", undefined],
  ["", undefined],
])("what %s selects is found under %s", (text, wanted) => {
  const selector = parseSelectorString(text);
  if (typeof selector === "string") throw new Error(selector);
  expect(valueSelected("shop", selector)).toBe(wanted);
});
