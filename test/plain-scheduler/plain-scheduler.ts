/** Runs a scenario by the protocol of docs/conformance.md. */
import { type Attempt, filterNode, preFilter } from "./attempt.ts";
import type { Cluster, IncomingPod } from "./incoming-pod.ts";
import { scoreNodes } from "./node-scores.ts";
import { NodeState } from "./node-state.ts";
import { type NodeStatuses, preempt } from "./preemption.ts";
import { type Profile, profileFor, profilesOf } from "./profiles.ts";
import { keyOf, type Pod, readScenario, type Scenario } from "./scenario.ts";
import { fitError, type Status, type Step, unresolvable } from "./step.ts";
import { bindVolumes } from "./volume-binding.ts";

/** What is expected of a scheduler, in the format of a conformance file. */
export interface Expected {
  readonly steps: readonly Step[];
  /** Node of each pod that is bound at the end, by namespace/name. */
  readonly finalBindings: Readonly<Record<string, string>>;
}

/** `scenario` is that of a conformance line, parsed; it is not changed. */
export function runPlainScheduler(scenario: unknown): Expected {
  return new PlainScheduler(readScenario(scenario)).run();
}

/** Pods that are bound start one second after the other from here. */
const FIRST_START_MS = Date.UTC(2024, 5, 1);

class PlainScheduler {
  readonly #scenario: Scenario;
  readonly #cluster: Cluster;
  readonly #profiles: readonly Profile[];
  #boundCount = 0;

  constructor(scenario: Scenario) {
    const nodes = scenario.nodes.map((node) => new NodeState(node));
    this.#scenario = scenario;
    this.#cluster = { nodes, nominatedPods: scenario.nominatedPods };
    this.#profiles = profilesOf(scenario.schedulerConfig);
    for (const pod of scenario.boundPods) {
      const isFinished = pod.status.phase === "Succeeded" || pod.status.phase === "Failed";
      if (!isFinished) this.#nodeNamed(pod.spec.nodeName)?.addPod(pod);
    }
  }

  run(): Expected {
    const steps = this.#scenario.pendingPods.map((pod) => this.#step(pod));
    const bindings = this.#cluster.nodes.flatMap(({ name, pods }) =>
      pods.map((pod) => [keyOf(pod), name] as const),
    );
    return { steps, finalBindings: Object.fromEntries(bindings) };
  }

  #nodeNamed(name: string | undefined): NodeState | undefined {
    return this.#cluster.nodes.find((node) => node.name === name);
  }

  #step(pod: Pod): Step {
    const profile = profileFor(this.#profiles, pod);
    if (profile === undefined) return { pod: keyOf(pod), outcome: "ignored", feasible: [] };
    const gates = (pod.spec.schedulingGates ?? []).map(({ name }) => name);
    if (gates.length > 0) {
      const reason = `waiting for scheduling gates: [${gates.join(" ")}]`;
      const preEnqueue = unresolvable("SchedulingGates", reason);
      return { pod: keyOf(pod), outcome: "gated", preEnqueue, feasible: [] };
    }
    const incoming = { pod, profile, cluster: this.#cluster, scenario: this.#scenario };
    const { step, attempt, statuses } = this.#cycle(incoming);
    if (step.outcome === "unschedulable" && profile.weight("DefaultPreemption", "postFilter") > 0) {
      this.#postFilter(step, { incoming, attempt, statuses });
    }
    return step;
  }

  /** Evicts the victims and tries once more, this time without preemption. */
  #postFilter(step: Step, { incoming, attempt, statuses }: Rejected): void {
    const preemption = preempt(incoming, attempt, statuses);
    step.postFilter = preemption.step;
    if (preemption.chosen === undefined) return;
    const { node, victims } = preemption.chosen;
    for (const victim of victims) node.removePod(victim);
    const status = { ...incoming.pod.status, nominatedNodeName: node.name };
    const nominated = { ...incoming, pod: { ...incoming.pod, status } };
    step.afterPreemption = this.#cycle(nominated).step;
  }

  /** One scheduling cycle without PostFilter; a pod that fits is bound. */
  #cycle(incoming: IncomingPod): Cycle {
    const { pod, profile, cluster } = incoming;
    const { schedulerName } = profile;
    const step: Step = {
      pod: keyOf(pod),
      ...(schedulerName !== "default-scheduler" && { profile: schedulerName }),
      outcome: "unschedulable",
      feasible: [],
    };
    const nodeCount = cluster.nodes.length;
    const attempt = preFilter(incoming);
    if ("code" in attempt) {
      step.preFilter = attempt;
      step.fitError = `${fitError(nodeCount, [])} ${attempt.reasons.join(", ")}.`;
      const statuses = new Map(cluster.nodes.map((node) => [node, attempt]));
      return { step, attempt: undefined, statuses };
    }
    const { feasible, statuses } = this.#findFeasible(attempt, step);
    step.feasible = feasible.map(({ name }) => name).sort();
    if (statuses.size > 0) step.filtered = namedStatuses(statuses);
    if (feasible.length === 0) step.fitError = fitError(nodeCount, statuses.values());
    else this.#schedule(attempt, feasible, step);
    return { step, attempt, statuses };
  }

  /** findNodesThatFitPod: the pod's nominated node first, and alone if it fits. */
  #findFeasible(attempt: Attempt, step: Step): Filtered {
    const nominated = this.#nodeNamed(attempt.pod.status.nominatedNodeName);
    if (nominated !== undefined && filterNode(attempt, nominated) === undefined) {
      // On an only node there is no telling.
      if (this.#cluster.nodes.length > 1) step.nominatedNodeOnly = true;
      return { feasible: [nominated], statuses: new Map() };
    }
    const feasible: NodeState[] = [];
    const statuses = new Map<NodeState, Status>();
    const excluded: string[] = [];
    for (const node of this.#cluster.nodes) {
      if (attempt.nodeNames?.has(node.name) === false) {
        excluded.push(node.name);
        continue;
      }
      const status = filterNode(attempt, node);
      if (status === undefined) feasible.push(node);
      else statuses.set(node, status);
    }
    if (excluded.length > 0) step.excludedByPreFilter = excluded.sort();
    return { feasible, statuses };
  }

  #schedule(attempt: Attempt, feasible: readonly NodeState[], step: Step): void {
    const scores = scoreNodes(attempt, feasible);
    const totals = scores.map((ofNode) => Object.values(ofNode).reduce((sum, one) => sum + one, 0));
    const highest = Math.max(...totals);
    const best = feasible.filter((_, index) => totals[index] === highest);
    step.outcome = "scheduled";
    step.scores = Object.fromEntries(
      feasible.map(({ name }, index) => [name, scores[index] ?? {}]),
    );
    step.totals = Object.fromEntries(feasible.map(({ name }, index) => [name, totals[index] ?? 0]));
    step.best = best.map(({ name }) => name).sort();
    const chosen = this.#nodeNamed(step.best[0]);
    if (chosen === undefined) throw new Error("no node is the best");
    step.chosen = chosen.name;
    this.#bind(attempt, chosen, step);
  }

  #bind({ pod, claims, scenario }: Attempt, node: NodeState, step: Step): void {
    const volumes = claims && bindVolumes(claims, node, scenario);
    if (volumes !== undefined) step.volumes = volumes;
    const { nominatedNodeName: _, ...status } = pod.status;
    const startTime = new Date(FIRST_START_MS + ++this.#boundCount * 1000).toISOString();
    node.addPod({
      ...pod,
      spec: { ...pod.spec, nodeName: node.name },
      status: { ...status, phase: "Running", startTime },
    });
  }
}

interface Cycle {
  readonly step: Step;
  /** Undefined: PreFilter rejected the pod. */
  readonly attempt: Attempt | undefined;
  readonly statuses: NodeStatuses;
}

interface Rejected extends Omit<Cycle, "step"> {
  readonly incoming: IncomingPod;
}

interface Filtered {
  readonly feasible: readonly NodeState[];
  readonly statuses: NodeStatuses;
}

const namedStatuses = (statuses: NodeStatuses): Record<string, Status> =>
  Object.fromEntries([...statuses].map(([{ name }, status]) => [name, status]));
