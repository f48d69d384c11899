/**
 * Replays a recorded scenario by its protocol (reference/conformance/README.md) through the plain
 * cycle and through whatever evaluators are handed in, and compares every step.
 */

import { defaultProfile, profilesFromConfiguration } from "../../policies/index.ts";
import type { Node, Pod } from "../../sim/api/index.ts";
import type { PodInfo, Profile } from "../../sim/scheduler/index.ts";
import { PlainCluster } from "../plain-cluster.ts";
import {
  asRejection,
  type CycleDetail,
  plainCycle,
  plainFilter,
  plainScores,
} from "../plain-cycle.ts";
import type { ExpectedStatus, ExpectedStep, Recording, Scenario } from "./scenario.ts";

/** What an evaluator under test says about one pod; every node is looked at, lowest name wins. */
export interface Choice {
  readonly feasibleCount: number;
  /** 0 and 1 when only one node is feasible: it is not scored. */
  readonly bestTotal: number;
  readonly bestCount: number;
  readonly chosen: string;
  /** kube-scheduler's message when nothing is feasible, else "". */
  readonly message: string;
}

/** A scheduler cache with an evaluator for each profile. */
export interface EvaluatorUnderTest {
  readonly name: string;
  addNode(node: Node): void;
  addPod(pod: Pod): void;
  choose(profile: Profile, pod: Pod): Choice;
}

export type EvaluatorFactory = (profiles: readonly Profile[]) => EvaluatorUnderTest;

/** Steps in which the replay differs from the recording, as `{ found, wanted }` per field. */
export interface Difference {
  readonly scenario: string;
  readonly pod: string;
  readonly field: string;
  readonly found: unknown;
  readonly wanted: unknown;
}

/**
 * Replays each plugin by itself, in scenarios that also use plugins which are not there: the
 * cluster follows the recorded choices and victims, verdicts are compared on every node, and
 * scores over the recorded feasible nodes.
 */
export function replayPlugins({ scenario, steps }: Recording): readonly Difference[] {
  const profiles = profilesOf(scenario);
  const cluster = new PlainCluster(scenario.nodes, scenario.boundPods);
  const differences: Difference[] = [];
  for (const [index, pod] of scenario.pendingPods.entries()) {
    const step = steps[index];
    if (step === undefined) throw new Error(`${scenario.name}: no step for ${keyOf(pod)}`);
    const profile = profileFor(pod, profiles);
    if (profile !== undefined && step.outcome !== "gated") {
      const compare = comparison(differences, scenario, pod);
      comparePlugins(profile, cluster.podInfo(pod), cluster, step, compare);
    }
    for (const victim of step.postFilter?.victims ?? []) {
      const [namespace = "", name = ""] = victim.split("/");
      cluster.removePod(namespace, name);
    }
    const chosen = step.chosen ?? step.afterPreemption?.chosen;
    if (chosen !== undefined) cluster.addPod(boundTo(pod, chosen));
  }
  return differences;
}

function comparePlugins(
  profile: Profile,
  pod: PodInfo,
  cluster: PlainCluster,
  step: ExpectedStep,
  compare: Compare,
): void {
  const names = new Set(profile.plugins.map(({ plugin }) => plugin.name));
  const detail = plainFilter(profile, pod, cluster);
  compare("excludedByPreFilter", [...detail.excluded].sort(), step.excludedByPreFilter);
  for (const { name } of cluster.nodes) {
    const wanted = step.filtered?.[name];
    const isOurs = wanted?.plugin !== undefined && names.has(wanted.plugin);
    const found = detail.filtered.get(name);
    compare(`filter of ${name}`, found ? statusOf(found) : null, isOurs ? wanted : null);
  }
  const feasible = (step.feasible ?? []).map((name) => cluster.node(name));
  for (const [plugin, scores] of plainScores(profile, pod, cluster, feasible)) {
    for (const [index, { name }] of feasible.entries()) {
      compare(`score of ${plugin} on ${name}`, scores[index], step.scores?.[name]?.[plugin] ?? 0);
    }
  }
}

export function replay(
  { scenario, steps, finalBindings }: Recording,
  factories: readonly EvaluatorFactory[],
): readonly Difference[] {
  const profiles = profilesOf(scenario);
  const cluster = new PlainCluster(scenario.nodes, scenario.boundPods);
  const evaluators = factories.map((make) => make(profiles));
  for (const evaluator of evaluators) {
    for (const node of scenario.nodes) evaluator.addNode(node);
    for (const pod of scenario.boundPods) evaluator.addPod(pod);
  }
  const differences: Difference[] = [];
  const bindings = new Map(scenario.boundPods.map((pod) => [keyOf(pod), pod.spec.nodeName ?? ""]));
  for (const [index, pod] of scenario.pendingPods.entries()) {
    const step = steps[index];
    if (step === undefined) throw new Error(`${scenario.name}: no step for ${keyOf(pod)}`);
    const compare = comparison(differences, scenario, pod);
    const chosen = replayStep(pod, step, { profiles, cluster, evaluators, compare });
    if (chosen === "") continue;
    const bound = boundTo(pod, chosen);
    cluster.addPod(bound);
    for (const evaluator of evaluators) evaluator.addPod(bound);
    bindings.set(keyOf(pod), chosen);
  }
  const found = sorted(bindings);
  if (!sameJson(found, sorted(new Map(Object.entries(finalBindings))))) {
    const wanted = finalBindings;
    differences.push({ scenario: scenario.name, pod: "", field: "finalBindings", found, wanted });
  }
  return differences;
}

type Compare = (field: string, found: unknown, wanted: unknown) => void;

function comparison(differences: Difference[], scenario: Scenario, pod: Pod): Compare {
  return (field, found, wanted) => {
    if (wanted === undefined || sameJson(found, wanted)) return;
    differences.push({ scenario: scenario.name, pod: keyOf(pod), field, found, wanted });
  };
}

function profileFor(pod: Pod, profiles: readonly Profile[]): Profile | undefined {
  const name = pod.spec.schedulerName || "default-scheduler";
  return profiles.find(({ schedulerName }) => schedulerName === name);
}

function boundTo(pod: Pod, nodeName: string): Pod {
  return { ...pod, spec: { ...pod.spec, nodeName } };
}

interface Run {
  readonly profiles: readonly Profile[];
  readonly cluster: PlainCluster;
  readonly evaluators: readonly EvaluatorUnderTest[];
  readonly compare: Compare;
}

/** Runs one pod; gives the chosen node, or "". */
function replayStep(pod: Pod, step: ExpectedStep, run: Run): string {
  const { cluster, compare } = run;
  compare("pod", keyOf(pod), step.pod);
  const profile = profileFor(pod, run.profiles);
  if (profile === undefined) {
    compare("outcome", "ignored", step.outcome);
    return "";
  }
  const info = cluster.podInfo(pod);
  const gate = preEnqueue(profile, info);
  if (gate !== undefined) {
    compare("outcome", "gated", step.outcome);
    compare("preEnqueue", gate, step.preEnqueue);
    return "";
  }
  const detail = plainCycle(profile, info, cluster);
  compareDetail(detail, step, compare);
  const best = bestOf(detail);
  for (const evaluator of run.evaluators) {
    const choice = evaluator.choose(profile, pod);
    const only = detail.feasible.length === 1;
    compare(`${evaluator.name}: feasibleCount`, choice.feasibleCount, detail.feasible.length);
    compare(`${evaluator.name}: bestTotal`, choice.bestTotal, only ? 0 : best.total);
    compare(`${evaluator.name}: bestCount`, choice.bestCount, only ? 1 : best.names.length);
    compare(`${evaluator.name}: chosen`, choice.chosen, step.chosen ?? "");
    compare(`${evaluator.name}: message`, choice.message, step.fitError ?? undefined);
  }
  return best.names[0] ?? "";
}

function compareDetail(detail: CycleDetail, step: ExpectedStep, compare: Compare): void {
  const { feasible, filtered, excluded, preFilter } = detail;
  const best = bestOf(detail);
  compare("outcome", feasible.length > 0 ? "scheduled" : "unschedulable", step.outcome);
  compare("preFilter", preFilter && statusOf(preFilter), step.preFilter);
  compare("excludedByPreFilter", [...excluded].sort(), step.excludedByPreFilter);
  compare("feasible", feasible.map((node) => node.name).sort(), step.feasible);
  compare("feasibleCount", feasible.length, step.feasibleCount);
  compare("bestTotal", best.total, step.bestTotal);
  compare("bestCount", best.names.length, step.bestCount);
  compare("best", best.names, step.best);
  compare("chosen", best.names[0] ?? "", step.chosen);
  const statuses = [...filtered].map(([node, status]) => [node, statusOf(status)] as const);
  compare("filtered", sorted(new Map(statuses)), step.filtered && sortedRecord(step.filtered));
  compareScores(detail, step, compare);
}

function compareScores(detail: CycleDetail, step: ExpectedStep, compare: Compare): void {
  if (step.scores === undefined) return;
  for (const [index, { name }] of detail.feasible.entries()) {
    const wanted = step.scores[name] ?? {};
    const plugins = new Set([...detail.scores.keys(), ...Object.keys(wanted)]);
    for (const plugin of plugins) {
      // A skipped plugin is missing on either side and counts as 0.
      const found = detail.scores.get(plugin)?.[index] ?? 0;
      compare(`scores of ${plugin} on ${name}`, found, wanted[plugin] ?? 0);
    }
    compare(`total of ${name}`, detail.totals[index], step.totals?.[name]);
  }
}

function bestOf({ feasible, totals }: CycleDetail): { total: number; names: readonly string[] } {
  const total = feasible.length === 0 ? 0 : Math.max(...totals);
  const names = feasible.filter((_, index) => totals[index] === total).map((node) => node.name);
  return { total, names: names.sort() };
}

function preEnqueue(profile: Profile, pod: PodInfo): ExpectedStatus | undefined {
  for (const { plugin } of profile.plugins) {
    const rejection = asRejection(plugin.preEnqueue?.(pod));
    if (rejection !== undefined) return statusOf({ plugin: plugin.name, ...rejection });
  }
  return undefined;
}

function statusOf({ plugin, code, reasons }: Required<ExpectedStatus>): ExpectedStatus {
  return { plugin, code, reasons: [...reasons].sort() };
}

function profilesOf({ schedulerConfig }: Scenario): readonly Profile[] {
  if (schedulerConfig === undefined) return [defaultProfile({ percentageOfNodesToScore: 100 })];
  const profiles = profilesFromConfiguration(schedulerConfig);
  return profiles.map((profile) => ({ ...profile, percentageOfNodesToScore: 100 }));
}

function keyOf({ metadata }: Pod): string {
  return `${metadata.namespace}/${metadata.name}`;
}

function sortedRecord<T>(record: Readonly<Record<string, T>>): readonly (readonly [string, T])[] {
  return sorted(new Map(Object.entries(record)));
}

function sorted<T>(map: ReadonlyMap<string, T>): readonly (readonly [string, T])[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Equal as JSON, whatever the order of fields. */
function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a, fieldsSorted) === JSON.stringify(b, fieldsSorted);
}

function fieldsSorted(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
