import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeNode, makePod } from "../../test/builders.ts";
import { rejections, scores } from "../../test/one-plugin.ts";
import { brokenLinear, type ShapePoint } from "../score/broken-linear.ts";
import { type NodeResourcesFitArgs, nodeResourcesFit } from "./node-resources-fit.ts";

const GPU = "example.com/gpu";

describe("NodeResourcesFit, filter", () => {
  const node = makeNode("n").cpu("2").memory("4Gi").pods(2).resource(GPU, "1");
  const bound = makePod("b").onNode("n").cpu("1").memory("1Gi");

  test.each([
    ["nothing asked", makePod("p"), []],
    ["exactly what is left", makePod("p").cpu("1").memory("3Gi").request(GPU, "1"), []],
    ["one milli-CPU more", makePod("p").cpu("1001m"), ["n: Insufficient cpu"]],
    [
      "several resources, each named",
      makePod("p").cpu("2").memory("4Gi").request(GPU, "2"),
      [`n: Insufficient cpu, Insufficient memory, Insufficient ${GPU}`],
    ],
    [
      "a resource that the node lacks",
      makePod("p").request("x.io/y", "1"),
      ["n: Insufficient x.io/y"],
    ],
    ["none of a resource that the node lacks", makePod("p").request("x.io/y", "0"), []],
    ["a name that is no resource is not looked at", makePod("p").request("gadgets", "1"), []],
    [
      "the larger of init containers and containers",
      makePod("p").cpu("1").initContainer({ cpu: "2" }),
      ["n: Insufficient cpu"],
    ],
    ["sidecars add up", makePod("p").cpu("600m").sidecar({ cpu: "500m" }), ["n: Insufficient cpu"]],
    [
      "overhead counts",
      makePod("p").cpu("900m").overhead({ cpu: "101m" }),
      ["n: Insufficient cpu"],
    ],
  ])("%s", (_case, pod, wanted) => {
    expect(rejections(nodeResourcesFit(), pod, { nodes: [node], bound: [bound] })).toEqual(wanted);
  });

  test("a node that is full of pods, together with another reason", () => {
    const full = [bound, makePod("c").onNode("n")];
    const pod = makePod("p").cpu("2");
    expect(rejections(nodeResourcesFit(), pod, { nodes: [node], bound: full })).toEqual([
      "n: Too many pods, Insufficient cpu",
    ]);
  });

  test.each<[string, NodeResourcesFitArgs]>([
    ["by name", { ignoredResources: [GPU] }],
    ["by group", { ignoredResourceGroups: ["example.com"] }],
  ])("ignores extended resources %s, but no others", (_case, args) => {
    const pod = makePod("p").cpu("2").request(GPU, "9");
    const ignoring = { ...args, ignoredResources: [...(args.ignoredResources ?? []), "cpu"] };
    expect(rejections(nodeResourcesFit(ignoring), pod, { nodes: [node], bound: [bound] })).toEqual([
      "n: Insufficient cpu",
    ]);
  });

  test("what fits still fits when the node grows", () => {
    const size = fc.integer({ min: 0, max: 4000 });
    fc.assert(
      fc.property(size, size, size, (request, free, more) => {
        const pod = makePod("p").cpu(`${request}m`);
        const fits = (cpu: number): boolean =>
          rejections(nodeResourcesFit(), pod, { nodes: [makeNode("n").cpu(`${cpu}m`)] }).length ===
          0;
        expect(fits(free)).toBe(request <= free);
        expect(!fits(free) || fits(free + more)).toBe(true);
      }),
      { seed: 1 },
    );
  });
});

describe("NodeResourcesFit, score", () => {
  const nodes = [makeNode("n").cpu("4").memory("8Gi").resource(GPU, "4")];
  const bound = [makePod("b").onNode("n").cpu("1").memory("2Gi")];
  const shape = [
    { utilization: 0, score: 0 },
    { utilization: 100, score: 10 },
  ];
  const gpuOnly = [{ name: GPU, weight: 3 }];
  const least = { type: "LeastAllocated" } as const;
  const ratio = { type: "RequestedToCapacityRatio", requestedToCapacityRatio: { shape } } as const;

  test("the division is exact where the product is beyond 2^53", () => {
    // In floating point 100 * 3255454563319544 / 5167388195745308 is 63.
    const huge = makeNode("n").memory("5167388195745308");
    const scoringStrategy = { type: "MostAllocated", resources: [{ name: "memory" }] } as const;
    const pod = makePod("p").memory("3255454563319544");
    expect(scores(nodeResourcesFit({ scoringStrategy }), pod, { nodes: [huge] })).toEqual([62]);
  });

  test.each<[string, NodeResourcesFitArgs["scoringStrategy"], ReturnType<typeof makePod>, number]>([
    ["least, the default: (50 + 62) / 2", undefined, makePod("p").cpu("1").memory("1Gi"), 56],
    ["most: (50 + 37) / 2", { type: "MostAllocated" }, makePod("p").cpu("1").memory("1Gi"), 43],
    ["no request counts 100 milli-CPU and 200 MiB", undefined, makePod("p"), 72],
    ["an explicit 0 stays 0", undefined, makePod("p").cpu("0").memory("0"), 75],
    ["least gives 0 beyond capacity", undefined, makePod("p").cpu("9").memory("9Gi"), 0],
    [
      "most gives 100 beyond capacity",
      { type: "MostAllocated" },
      makePod("p").cpu("9").memory("9Gi"),
      100,
    ],
    [
      "an extended resource counts when asked for: (1 * 50 + 3 * 75) / 4",
      { ...least, resources: [{ name: "cpu" }, ...gpuOnly] },
      makePod("p").cpu("1").request(GPU, "1"),
      68,
    ],
    [
      "and not otherwise",
      { ...least, resources: [{ name: "cpu" }, ...gpuOnly] },
      makePod("p").cpu("1"),
      50,
    ],
    ["nothing to look at", { ...least, resources: gpuOnly }, makePod("p").cpu("1"), 0],
    ["ratio is rounded: (50 + 37) / 2", ratio, makePod("p").cpu("1").memory("1Gi"), 44],
    [
      "ratio leaves out resources that score 0",
      { ...ratio, resources: [{ name: "cpu" }, { name: "ephemeral-storage", weight: 9 }] },
      makePod("p").cpu("1"),
      50,
    ],
  ])("%s", (_case, scoringStrategy, pod, wanted) => {
    const plugin = nodeResourcesFit(scoringStrategy === undefined ? {} : { scoringStrategy });
    expect(scores(plugin, pod, { nodes, bound })).toEqual([wanted]);
  });
});

describe("the broken line of RequestedToCapacityRatio", () => {
  const rows: readonly { shape: ShapePoint[]; values: Record<string, number> }[] = JSON.parse(
    readFileSync(
      new URL("../../test/reference/tables/broken-linear.json", import.meta.url),
      "utf8",
    ),
  );
  test("equals the recorded table", () => {
    expect(rows.length).toBeGreaterThan(10);
    for (const { shape, values } of rows) {
      const line = brokenLinear(shape);
      const found = Object.keys(values).map((utilization) => [
        utilization,
        line(Number(utilization)),
      ]);
      expect([shape, found]).toEqual([shape, Object.entries(values)]);
    }
  });
});

describe("NodeResourcesFitArgs", () => {
  const ratio = (shape: unknown) => ({
    scoringStrategy: { type: "RequestedToCapacityRatio", requestedToCapacityRatio: { shape } },
  });
  test.each<[string, object, string]>([
    [
      "an unknown field",
      { ignoredResource: [] },
      'strict decoding error: unknown field "NodeResourcesFitArgs.ignoredResource"; did you mean "ignoredResources"?',
    ],
    [
      "names that are no list",
      { ignoredResources: "cpu" },
      'NodeResourcesFitArgs.ignoredResources: Invalid value: "cpu": must be of type array',
    ],
    [
      "another kind of arguments",
      { kind: "NodeAffinityArgs" },
      "args for plugin NodeResourcesFit were not of type NodeResourcesFitArgs.kubescheduler.config.k8s.io, got NodeAffinityArgs of kubescheduler.config.k8s.io/v1",
    ],
    [
      "all faults at once",
      {
        ignoredResourceGroups: ["a.io/b"],
        scoringStrategy: { type: "Best", resources: [{ name: "cpu", weight: 101 }] },
      },
      `NodeResourcesFitArgs.ignoredResourceGroups[0]: Invalid value: "a.io/b": resource group name can't contain '/'
NodeResourcesFitArgs.scoringStrategy.type: Unsupported value: "Best": supported values: "LeastAllocated", "MostAllocated", "RequestedToCapacityRatio"
NodeResourcesFitArgs.scoringStrategy.resources[0].weight: Invalid value: 101: resource weight of cpu not in valid range (0, 100]`,
    ],
    [
      "a ratio without shape",
      { scoringStrategy: { type: "RequestedToCapacityRatio" } },
      "NodeResourcesFitArgs.scoringStrategy.requestedToCapacityRatio: Required value: must be specified when type is RequestedToCapacityRatio",
    ],
    [
      "no points",
      ratio([]),
      "scoringStrategy.shape: Required value: at least one point must be specified",
    ],
    [
      "a utilisation above 100",
      ratio([{ utilization: 101, score: 1 }]),
      "shape[0].utilization: Invalid value: 101: not in valid range [0, 100]",
    ],
    [
      "a score above 10",
      ratio([{ utilization: 1, score: 11 }]),
      "shape[0].score: Invalid value: 11: not in valid range [0, 10]",
    ],
    [
      "points that do not rise",
      ratio([
        { utilization: 5, score: 1 },
        { utilization: 5, score: 2 },
      ]),
      "shape[1].utilization: Invalid value: 5: values must be sorted in increasing order",
    ],
  ])("refuses %s", (_case, args, message) => {
    expect(() => nodeResourcesFit(args)).toThrow(message);
  });

  test("a null is as if it were not there, a weight of 0 is 1", () => {
    const resources = [{ name: "cpu", weight: 0 }];
    const scoringStrategy = { type: "LeastAllocated", resources, requestedToCapacityRatio: null };
    const args = Object.freeze({ ignoredResources: null, scoringStrategy }) as object;
    const nodes = [makeNode("n").cpu("4").memory("8Gi")];
    expect(scores(nodeResourcesFit(args), makePod("p").cpu("1"), { nodes })).toEqual([75]);
  });
});
