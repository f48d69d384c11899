/** A made-up workload: groups of nodes, and pods, Jobs and Deployments that arrive at random. */
import type { Manifest } from "../../sim/api/index.ts";
import {
  createStream,
  Draws,
  hashString,
  type Micros,
  parseTimeDistribution,
} from "../../sim/kernel/index.ts";
import type { TimedOperation, Workload } from "../workload.ts";
import {
  deploymentManifests,
  jobManifest,
  namespaceManifests,
  nodeManifests,
  podManifest,
} from "./synthetic-objects.ts";
import type { DeploymentGroup, PodGroup, SyntheticSpec } from "./synthetic-spec.ts";

/**
 * Every group has a stream of its own for its arrivals, and each object a draw of its own for its
 * run time, so that changing one group leaves the others as they were. Arrivals at the same time
 * are sent in the order pods, jobs, deployments, and within these in the order of the groups.
 */
export function openSynthetic(spec: SyntheticSpec): Workload {
  const arriving = [...spec.pods, ...spec.jobs];
  return {
    name: "synthetic",
    initialObjects: [
      ...namespaceManifests([...arriving, ...spec.deployments]),
      ...spec.nodes.flatMap(nodeManifests),
    ],
    inputs: [],
    expectedOperations: arriving.reduce((sum, group) => sum + group.count, spec.deployments.length),
    async *operations(seed) {
      yield* mergeByTime(groupOperations(spec, seed));
    },
  };
}

/** One lazy sequence per group, each in time order. */
function groupOperations(spec: SyntheticSpec, seed: string): Iterator<TimedOperation>[] {
  const draws = new Draws(seed, "workload/synthetic/duration");
  return [
    ...spec.pods.map((group) => arrivals(group, seed, draws, podManifest)),
    ...spec.jobs.map((group) => arrivals(group, seed, draws, jobManifest)),
    ...spec.deployments.map((group) => deploymentManifests(group).map(applyAt(group)).values()),
  ];
}

function* arrivals<Group extends PodGroup>(
  group: Group,
  seed: string,
  draws: Draws,
  make: (group: Group, name: string, durationUs: Micros | undefined) => Manifest,
): Generator<TimedOperation> {
  const where = `synthetic group ${group.name}`;
  const between = parseTimeDistribution(group.arrivals, `${where}: arrivals`);
  const running =
    group.duration === undefined
      ? undefined
      : parseTimeDistribution(group.duration, `${where}: duration`);
  const stream = createStream(seed, `workload/synthetic/arrivals/${group.name}`);
  let timeUs = group.startUs;
  for (let i = 0; i < group.count; i++) {
    timeUs += between.sampleUs(stream);
    const name = `${group.name}-${i}`;
    const durationUs = running?.sampleUs(draws.source(hashString(name), 0));
    yield { timeUs, verb: "create", object: make(group, name, durationUs), source: where };
  }
}

const applyAt =
  (group: DeploymentGroup) =>
  (object: Manifest): TimedOperation => ({
    timeUs: group.startUs,
    verb: "apply",
    object,
    source: `synthetic group ${group.name}`,
  });

/** Merges sequences that are each in time order; equal times go in the order of the sequences. */
export function* mergeByTime(
  sequences: readonly Iterator<TimedOperation>[],
): Generator<TimedOperation> {
  const heads = sequences.map((sequence) => sequence.next());
  for (;;) {
    let first = -1;
    let firstUs = Number.POSITIVE_INFINITY;
    for (const [i, head] of heads.entries()) {
      if (head.done === true || head.value.timeUs >= firstUs) continue;
      first = i;
      firstUs = head.value.timeUs;
    }
    const head = heads[first];
    const sequence = sequences[first];
    if (head === undefined || head.done === true || sequence === undefined) return;
    yield head.value;
    heads[first] = sequence.next();
  }
}
