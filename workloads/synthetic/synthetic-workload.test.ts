import { describe, expect, test } from "vitest";
import type { TimedOperation } from "../workload.ts";
import {
  defaultDeploymentGroup,
  defaultJobGroup,
  defaultNodeGroup,
  defaultPodGroup,
  type SyntheticSpec,
} from "./synthetic-spec.ts";
import { mergeByTime, openSynthetic } from "./synthetic-workload.ts";

const empty: SyntheticSpec = { type: "synthetic", nodes: [], pods: [], jobs: [], deployments: [] };

async function operations(spec: Partial<SyntheticSpec>, seed = "1"): Promise<TimedOperation[]> {
  const all: TimedOperation[] = [];
  for await (const operation of openSynthetic({ ...empty, ...spec }).operations(seed))
    all.push(operation);
  return all;
}

const steady = { ...defaultPodGroup, arrivals: "1s" };
const brief = ({ timeUs, verb, object }: TimedOperation): string =>
  `${timeUs / 1e6} ${verb} ${object.kind}/${object.metadata?.name}`;

describe("the synthetic workload", () => {
  test("starts with its nodes, and the namespaces that a cluster does not have", () => {
    const workload = openSynthetic({
      ...empty,
      nodes: [
        { ...defaultNodeGroup, name: "big", count: 2, cpu: "64", resources: { "x.y/gpu": "8" } },
      ],
      pods: [
        { ...steady, namespace: "batch" },
        { ...steady, name: "other" },
      ],
    });
    expect(workload.initialObjects.map((x) => `${x.kind}/${x.metadata?.name}`)).toEqual([
      "Namespace/batch",
      "Node/big-0",
      "Node/big-1",
    ]);
    expect(workload.initialObjects[1]?.status).toEqual({
      capacity: { cpu: "64", memory: "32Gi", pods: "110", "x.y/gpu": "8" },
      allocatable: { cpu: "64", memory: "32Gi", pods: "110", "x.y/gpu": "8" },
    });
  });

  test("merges its groups in time order; equal times go by kind, then by group", async () => {
    const all = await operations({
      pods: [
        { ...steady, name: "a", count: 2 },
        { ...steady, name: "b", count: 2, startUs: 500_000, arrivals: "500ms" },
      ],
      jobs: [{ ...defaultJobGroup, name: "j", count: 1, arrivals: "1s" }],
      deployments: [{ ...defaultDeploymentGroup, name: "web", port: 80, startUs: 1_000_000 }],
    });
    expect(all.map(brief)).toEqual([
      "1 create Pod/a-0",
      "1 create Pod/b-0",
      "1 create Job/j-0",
      "1 apply Deployment/web",
      "1 apply Service/web",
      "1.5 create Pod/b-1",
      "2 create Pod/a-1",
    ]);
  });

  test("gives pods the run time that their name draws, whatever other groups there are", async () => {
    const group = { ...defaultPodGroup, name: "a", count: 5, duration: "exponential(mean=10s)" };
    const durations = (all: TimedOperation[]) =>
      all
        .filter((x) => x.object.metadata?.name?.startsWith("a-"))
        .map((x) => `${x.timeUs} ${x.object.metadata?.annotations?.["stowage.dev/duration"]}`);
    const alone = durations(await operations({ pods: [group] }));
    const together = durations(await operations({ pods: [{ ...group, name: "b" }, group] }));
    expect(together).toEqual(alone);
    expect(new Set(alone).size).toBe(5);
    expect(durations(await operations({ pods: [group] }, "2"))).not.toEqual(alone);
  });

  test("puts a Job's run time on its pod template", async () => {
    const [job] = await operations({
      jobs: [{ ...defaultJobGroup, arrivals: "0s", completions: 3 }],
    });
    expect(job?.object.spec).toMatchObject({
      completions: 3,
      template: { metadata: { annotations: { "stowage.dev/duration": "1m" } } },
    });
  });

  test("makes pods only as they are asked for", () => {
    let made = 0;
    function* endless(): Generator<TimedOperation> {
      for (;;) yield { timeUs: made++, verb: "create", object: {}, source: "" };
    }
    const merged = mergeByTime([endless()]);
    for (let i = 0; i < 10; i++) merged.next();
    expect(made).toBe(10);
  });
});
