import { expect, test } from "vitest";
import { KeyRecord } from "../api/index.ts";
import { ControllerExpectations, UidExpectations } from "./expectations.ts";

const key = new KeyRecord(1, "ReplicaSet", "default", "web");
const MINUTE = 60_000_000;

test("a controller waits until it has seen all it made", () => {
  const expectations = new ControllerExpectations();
  expect(expectations.isSatisfied(key, 0)).toBe(true);
  expectations.expectCreations(key, 2, 0);
  expect(expectations.isSatisfied(key, 0)).toBe(false);
  expectations.creationObserved(key);
  expect(expectations.isSatisfied(key, 0)).toBe(false);
  expectations.creationObserved(key);
  expect(expectations.isSatisfied(key, 0)).toBe(true);
});

test("it waits for five minutes at most", () => {
  const expectations = new ControllerExpectations();
  expectations.expectDeletions(key, 1, MINUTE);
  expect(expectations.isSatisfied(key, 6 * MINUTE)).toBe(false);
  expect(expectations.isSatisfied(key, 6 * MINUTE + 1)).toBe(true);
});

test("a uid is observed once, and only when it was expected", () => {
  const expectations = new UidExpectations();
  expectations.expect(key, ["a", "b"]);
  expect(expectations.observed(key, "c")).toBe(false);
  expect(expectations.observed(key, "a")).toBe(true);
  expect(expectations.observed(key, "a")).toBe(false);
  expect(expectations.isExpected(key, "b")).toBe(true);
  expect(expectations.observed(key, "b")).toBe(true);
  expect(expectations.byKey.size).toBe(0);
});
