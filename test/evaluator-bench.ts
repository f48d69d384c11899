/**
 * EvaluatorBench: random life of a small cluster, on which the incremental evaluation is compared
 * with the full pass after every step: choice, totals, counts, start index, and the reasons why a
 * pod fits nowhere.
 */
import fc from "fast-check";
import { expect } from "vitest";
import { KeyRecord, type Node, type Pod } from "../sim/api/index.ts";
import {
  addNominatedPod,
  CPU,
  createNominatedPods,
  createPodInfo,
  deleteNominatedPod,
  type Evaluator,
  FullPass,
  IncrementalEvaluator,
  NominatedPodsView,
  type PodInfo,
  type Profile,
  planEvaluation,
  SchedulerCache,
  type TieBreak,
} from "../sim/scheduler/index.ts";
import { makeNode, makePod } from "./builders.ts";

export interface Step {
  readonly kind:
    | "pod"
    | "remove-pod"
    | "add-node"
    | "remove-node"
    | "update-node"
    | "relabel-nodes"
    | "fail"
    | "nominate"
    | "nominated-pod";
  readonly pick: number;
  readonly size: number;
  readonly flavour: number;
}

/** What happens, in order. */
function listOf(...kinds: readonly Step["kind"][]) {
  const step = fc.record<Step>({
    kind: fc.constantFrom(...kinds),
    pick: fc.nat(1000),
    size: fc.nat(4),
    flavour: fc.nat(7),
  });
  return fc.array(step, { minLength: 30, maxLength: 80 });
}

const PLAIN = [
  ...(["pod", "pod", "pod", "remove-pod", "add-node", "remove-node"] as const),
  ...(["update-node", "fail"] as const),
];

/** Pods and nodes come, change and go. */
export const steps = listOf(...PLAIN);

/** The same, with nodes that change in crowds, and pods that were promised a node. */
export const rougherSteps = listOf(...PLAIN, "pod", "relabel-nodes", "nominate", "nominated-pod");

function buildNode(name: string, size: number, flavour: number, rack = ""): Node {
  const node = makeNode(name)
    .cpu(String(1 + size))
    .zone(flavour % 3 === 0 ? "z" : "zz");
  node.label("kubernetes.io/hostname", name);
  if (flavour === 1) node.taint("a=b:NoSchedule");
  if (flavour % 4 === 2) node.taint("c=d:PreferNoSchedule");
  if (rack !== "") node.label("rack", rack);
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
  readonly #racks: number;
  readonly #nominated = createNominatedPods();
  readonly #nominator = new NominatedPodsView({ state: { nominatedPods: this.#nominated } });
  readonly #promised: PodInfo[] = [];
  readonly #records: KeyRecord<Pod>[] = [];
  #podCount = 0;
  #nodeCount = 0;

  /** `racks`: labels that are dealt out to the nodes; 0: none. */
  constructor(plugins: Profile["plugins"], percentage: number, nodes: number, racks = 0) {
    this.#racks = racks;
    this.#plan = planEvaluation({
      schedulerName: "s",
      plugins,
      percentageOfNodesToScore: percentage,
    });
    this.#full = new FullPass(this.#plan, this.cache, this.#nominator);
    this.#incremental = this.#newIncremental(20_000);
    for (let i = 0; i < nodes; i++) this.#addNode(i % 5, i % 8);
  }

  run(step: Step): void {
    const { cache } = this;
    const names = cache.orderedNodes().map(({ name }) => name);
    const name = names[step.pick % Math.max(names.length, 1)] ?? "";
    if (step.kind === "add-node") this.#addNode(step.size, step.flavour);
    else if (step.kind === "remove-node") cache.removeNode(name);
    else if (step.kind === "update-node") this.#changeNode(name, step, step.pick);
    else if (step.kind === "relabel-nodes") {
      const every = 1 + (step.pick % 4);
      for (const [i, other] of names.entries())
        if (i % every === 0) this.#changeNode(other, step, 0);
    } else if (step.kind === "nominate") this.#nominate(step, name);
    else if (step.kind === "nominated-pod") this.#scheduleNominated(step);
    else if (step.kind === "remove-pod") {
      const record = this.#records[step.pick % Math.max(this.#records.length, 1)];
      if (record !== undefined) cache.removePod(record);
    } else this.#schedule(step);
  }

  /** The caches of the incremental evaluator are cold again, as after a restored state. */
  restore(): void {
    this.cache.state = { ...this.cache.state };
    if (this.#podCount % 2 === 0) this.#incremental = this.#newIncremental();
  }

  #newIncremental(indexBytesMax?: number): Evaluator {
    const nominator = this.#nominator;
    const limit = indexBytesMax === undefined ? {} : { indexBytesMax };
    return new IncrementalEvaluator(this.#plan, this.cache, { nominator, ...limit });
  }

  #addNode(size: number, flavour: number): void {
    const number = this.#nodeCount++;
    this.#changeNode(`n${number}`, { size, flavour }, number);
  }

  #changeNode(name: string, { size, flavour }: Pick<Step, "size" | "flavour">, rack: number): void {
    const label = this.#racks === 0 ? "" : `r${rack % this.#racks}`;
    this.cache.addNode(buildNode(name, size, flavour, label));
  }

  #newPod(step: Step, nominatedNodeName?: string): PodInfo {
    const name = `p${this.#podCount++}`;
    const record = new KeyRecord<Pod>(this.#podCount, "Pod", "default", name);
    const pod = buildPod(name, step);
    const status = nominatedNodeName === undefined ? {} : { nominatedNodeName };
    const stored: Pod = { ...pod, status: { ...pod.status, ...status } };
    return createPodInfo(record, stored, this.cache.state.resources);
  }

  /** Promises a new pod a node, or takes an old promise back. */
  #nominate(step: Step, nodeName: string): void {
    const old = this.#promised[step.pick % (2 + this.#promised.length)];
    if (old !== undefined) deleteNominatedPod(this.#nominated, old.record);
    else {
      const info = this.#newPod(step, step.size % 2 === 0 ? nodeName : undefined);
      this.#promised.push(info);
      addNominatedPod(this.#nominated, info, nodeName);
    }
  }

  #scheduleNominated(step: Step): void {
    const info = this.#promised[step.pick % Math.max(this.#promised.length, 1)];
    if (info !== undefined) this.#compare(step, info);
  }

  #schedule(step: Step): void {
    const { cache } = this;
    const info = this.#newPod(step);
    const chosen = this.#compare(step, info);
    if (chosen < 0 || step.kind !== "pod") return;
    cache.assumePod(info, cache.nodeAt(chosen).name);
    if (step.pick % 2 === 0) cache.addPod(info, cache.nodeAt(chosen).name);
    this.#records.push(info.record);
    this.#checkRoom();
  }

  /** The slot that both evaluators choose, or a negative number. */
  #compare(step: Step, info: PodInfo): number {
    const tie: TieBreak = step.pick % 3 === 0 ? undefined : (count) => step.pick % count;
    const expected = evaluation(this.#full, info, tie);
    expect(evaluation(this.#incremental, info, tie)).toEqual(expected);
    if ("error" in expected) return -1;
    this.cache.state.nextStartIndex = expected.nextStartIndex;
    if (expected.chosenSlot < 0) {
      expect(this.#reasons(this.#incremental, info)).toEqual(this.#reasons(this.#full, info));
    }
    return expected.chosenSlot;
  }

  /** Why the pod fits nowhere, node by node. */
  #reasons(evaluator: Evaluator, info: PodInfo) {
    const { rejectionAt, unschedulableSlots, ...diagnosis } = evaluator.diagnose(info);
    const rejections = this.cache.slots().map((slot) => rejectionAt(slot));
    return { ...diagnosis, rejections, unschedulable: unschedulableSlots() };
  }

  #checkRoom(): void {
    for (const node of this.cache.orderedNodes()) {
      const sum = node.pods.reduce((total, pod) => total + (pod.requests[CPU] ?? 0), 0);
      expect(node.requested[CPU] ?? 0).toBe(sum);
    }
  }
}

/** What a cycle gives, or the message with which a plugin ended it. */
function evaluation(evaluator: Evaluator, info: PodInfo, tie: TieBreak) {
  try {
    return { ...evaluator.evaluate(info, tie) };
  } catch (error) {
    return { error: (error as Error).message };
  }
}
