import { describe, expect, test } from "vitest";
import { Tracepoint } from "./tracepoint.ts";

describe("Tracepoint", () => {
  test("is off until somebody subscribes, then tells all observers in their order", () => {
    const bound = new Tracepoint<{ node: string }>("pod.bound");
    const log: string[] = [];
    expect(bound.on).toBe(false);
    bound.emit({ node: "nobody hears" });
    bound.subscribe((fact) => log.push(`first ${fact.node}`));
    bound.subscribe((fact) => log.push(`second ${fact.node}`));
    expect(bound.on).toBe(true);
    bound.emit({ node: "n1" });
    expect(log).toEqual(["first n1", "second n1"]);
  });
});
