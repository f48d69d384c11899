import { expect, test } from "vitest";
import type { Call } from "../call/index.ts";
import { Behaviours } from "./behaviours.ts";
import type { ServiceBehaviour } from "./call-engine.ts";

const speaksFor = (service: string): ServiceBehaviour => ({
  serves: (asked) => asked === service,
  workUs: () => 1,
  worked: () => false,
});

const callTo = (service: string): Call =>
  ({ target: { number: 0, service, port: "", hash: 0 } }) as unknown as Call;

test("of those that speak for a Service the first holds; nobody is a fault", () => {
  const behaviours = new Behaviours();
  const all = [speaksFor("d/a"), speaksFor("d/b"), speaksFor("d/a")];
  for (const each of all) behaviours.add(each);
  expect(behaviours.of(callTo("d/a"), {})).toBe(all[0]);
  expect(() => behaviours.of(callTo("d/c"), {})).toThrow("nothing says how d/c is served");
});

test("a number means another Service in the state that was restored", () => {
  const behaviours = new Behaviours();
  const [a, b] = [speaksFor("d/a"), speaksFor("d/b")];
  behaviours.add(a);
  behaviours.add(b);
  const state = {};
  expect(behaviours.of(callTo("d/a"), state)).toBe(a);
  expect(behaviours.of(callTo("d/a"), state)).toBe(a);
  expect(behaviours.of(callTo("d/b"), { restored: true })).toBe(b);
});
