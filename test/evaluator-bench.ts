/**
 * EvaluatorBench: random life of a small cluster, on which the incremental evaluation is compared
 * with the full pass after every step: choice, totals, counts, start index, and the reasons why a
 * pod fits nowhere.
 */
import fc from "fast-check";
import { expect } from "vitest";
import { KeyRecord, type Node, type Pod } from "../sim/api/index.ts";
import {
  CPU,
  createPodInfo,
  type Evaluator,
  FullPass,
  IncrementalEvaluator,
  type PodInfo,
  type Profile,
  planEvaluation,
  SchedulerCache,
  type TieBreak,
} from "../sim/scheduler/index.ts";
import { makeNode, makePod } from "./builders.ts";

export interface Step {
  readonly kind: "pod" | "remove-pod" | "add-node" | "remove-node" | "update-node" | "fail";
  readonly pick: number;
  readonly size: number;
  readonly flavour: number;
}

/** What happens, in order. */
export const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom(
      "pod",
      "pod",
      "pod",
      "remove-pod",
      "add-node",
      "remove-node",
      "update-node",
      "fail",
    ),
    pick: fc.nat(1000),
    size: fc.nat(4),
    flavour: fc.nat(7),
  }),
  { minLength: 30, maxLength: 80 },
);

function buildNode(name: string, size: number, flavour: number): Node {
  const node = makeNode(name)
    .cpu(String(1 + size))
    .zone(flavour % 3 === 0 ? "z" : "zz");
  node.label("kubernetes.io/hostname", name);
  if (flavour === 1) node.taint("a=b:NoSchedule");
  if (flavour % 4 === 2) node.taint("c=d:PreferNoSchedule");
  return node.build();
}

function buildPod(name: string, { size, flavour }: Step): Pod {
  const pod = makePod(name)
    .cpu(size === 4 ? "3" : `${100 * (1 + size)}m`) // the largest fails often, for changing reasons
    .label("app", "x".repeat(flavour % 2));
  if (flavour === 3) pod.tolerates({ operator: "Exists" });
  if (flavour === 4) pod.nodeSelector({ any: "thing" });
  if (flavour === 5) pod.annotation("nodes", "n1,n3,n5,nobody");
  if (flavour === 6) pod.priority(1);
  if (flavour === 7) pod.annotation("nodes", size === 0 ? "" : "n2");
  return pod.build();
}

/** One cluster, and the two evaluators to compare on it. */
export class EvaluatorBench {
  readonly cache = new SchedulerCache();
  readonly #full: Evaluator;
  #incremental: Evaluator;
  readonly #plan;
  readonly #records: KeyRecord<Pod>[] = [];
  #podCount = 0;
  #nodeCount = 0;

  constructor(plugins: Profile["plugins"], percentage: number, nodes: number) {
    this.#plan = planEvaluation({
      schedulerName: "s",
      plugins,
      percentageOfNodesToScore: percentage,
    });
    this.#full = new FullPass(this.#plan, this.cache);
    this.#incremental = new IncrementalEvaluator(this.#plan, this.cache, 20_000);
    for (let i = 0; i < nodes; i++) this.#addNode(i % 5, i % 8);
  }

  run(step: Step): void {
    const { cache } = this;
    const names = cache.orderedNodes().map(({ name }) => name);
    const name = names[step.pick % Math.max(names.length, 1)] ?? "";
    if (step.kind === "add-node") this.#addNode(step.size, step.flavour);
    else if (step.kind === "remove-node") cache.removeNode(name);
    else if (step.kind === "update-node") cache.addNode(buildNode(name, step.size, step.flavour));
    else if (step.kind === "remove-pod") {
      const record = this.#records[step.pick % Math.max(this.#records.length, 1)];
      if (record !== undefined) cache.removePod(record);
    } else this.#schedule(step);
  }

  /** The caches of the incremental evaluator are cold again, as after a restored state. */
  restore(): void {
    this.cache.state = { ...this.cache.state };
    if (this.#podCount % 2 === 0)
      this.#incremental = new IncrementalEvaluator(this.#plan, this.cache);
  }

  #addNode(size: number, flavour: number): void {
    this.cache.addNode(buildNode(`n${this.#nodeCount++}`, size, flavour));
  }

  #schedule(step: Step): void {
    const { cache } = this;
    const name = `p${this.#podCount++}`;
    const record = new KeyRecord<Pod>(this.#podCount, "Pod", "default", name);
    const pod = buildPod(name, step);
    const info: PodInfo = createPodInfo(record, pod, cache.state.resources);
    const tie: TieBreak = step.pick % 3 === 0 ? undefined : (count) => step.pick % count;
    const expected = { ...this.#full.evaluate(info, tie) };
    expect({ ...this.#incremental.evaluate(info, tie) }).toEqual(expected);
    cache.state.nextStartIndex = expected.nextStartIndex;
    if (expected.chosenSlot < 0) {
      expect(this.#incremental.diagnose(info)).toEqual(this.#full.diagnose(info));
    } else if (step.kind === "pod") {
      cache.assumePod(info, cache.nodeAt(expected.chosenSlot).name);
      if (step.pick % 2 === 0) cache.addPod(info, cache.nodeAt(expected.chosenSlot).name);
      this.#records.push(record);
      this.#checkRoom();
    }
  }

  #checkRoom(): void {
    for (const node of this.cache.orderedNodes()) {
      const sum = node.pods.reduce((total, pod) => total + (pod.requests[CPU] ?? 0), 0);
      expect(node.requested[CPU] ?? 0).toBe(sum);
    }
  }
}
