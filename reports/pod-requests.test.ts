import { describe, expect, test } from "vitest";
import { makePod } from "../test/builders.ts";
import { reportedRequests } from "./pod-requests.ts";

describe("reportedRequests", () => {
  test.each([
    ["no requests", makePod("a"), {}],
    [
      "containers add up",
      makePod("a").cpu("250m").memory("1Ki").container({ cpu: "1" }),
      { cpu: 1250, memory: 1024 },
    ],
    [
      "an extended resource keeps its unit",
      makePod("a").request("x.io/gpu", "2"),
      { "x.io/gpu": 2 },
    ],
    ["a zero is no request", makePod("a").cpu("0"), {}],
    [
      "the largest init container counts where it needs more",
      makePod("a").cpu("1").initContainer({ cpu: "3" }).initContainer({ cpu: "2" }),
      { cpu: 3000 },
    ],
    [
      "a small init container does not count",
      makePod("a").cpu("1").initContainer({ cpu: "500m" }),
      { cpu: 1000 },
    ],
    [
      "a sidecar stays, and is there when later init containers run",
      makePod("a").cpu("1").sidecar({ cpu: "2" }).initContainer({ cpu: "3" }),
      { cpu: 5000 },
    ],
    ["overhead comes on top", makePod("a").cpu("1").overhead({ cpu: "100m" }), { cpu: 1100 }],
  ])("%s", (_, builder, expected) => {
    expect(Object.fromEntries(reportedRequests(builder.build()))).toEqual(expected);
  });
});
