/** The openb reader: opens the lists and yields the arrivals of their tasks. */
import { join } from "node:path";
import { createStream, InputError } from "../../sim/kernel/index.ts";
import { dataDirectory } from "../data-directory.ts";
import { InputText, type TextFile } from "../text-file.ts";
import type { TimedOperation, Workload, WorkloadContext } from "../workload.ts";
import { arrivalOrder, canReach, type InflationTarget } from "./inflation.ts";
import { holdTasks, readNodes, scanTimes, streamTasks } from "./openb-lists.ts";
import { namespaceManifest, nodeManifest, podManifest } from "./openb-objects.ts";
import { nodeColumns, type OpenbNode, type OpenbTask, taskColumns } from "./openb-rows.ts";
import type { OpenbSpec } from "./openb-spec.ts";

/** Reads both lists through, so that every bad row is said before anything runs. */
export async function openOpenb(spec: OpenbSpec, context: WorkloadContext): Promise<Workload> {
  refuseManifest(spec.nodes, "node");
  refuseManifest(spec.pods, "task");
  const nodeFile = await listFile(spec.nodes, "openb_node_list_gpu_node.csv", context);
  const podFile = await listFile(spec.pods, "openb_pod_list_default.csv", context);
  const nodes = await readNodes(nodeFile);
  const parts = { spec, nodes, podFile };
  const arrivals =
    spec.timeScale === undefined ? await shuffledTasks(parts) : await timedTasks(parts);
  return {
    name: "openb",
    initialObjects: [namespaceManifest, ...nodes.map(nodeManifest)],
    inputs: [nodeFile.inputFile, podFile.inputFile],
    expectedOperations: arrivals.expected,
    operations: arrivals.operations,
  };
}

function refuseManifest(path: string | undefined, list: "node" | "task"): void {
  if (path === undefined || !/\.(ya?ml|json)(\.gz)?$/i.test(path)) return;
  const columns = list === "node" ? nodeColumns : taskColumns;
  throw new InputError(
    `${path}: is a manifest by its name, want the trace's ${list} list: ` +
      `CSV with the columns ${columns.join(", ")}. ` +
      "Leave it out for the list that comes with stowage; manifests go with --manifests.",
  );
}

interface Parts {
  readonly spec: OpenbSpec;
  readonly nodes: readonly OpenbNode[];
  readonly podFile: TextFile;
}

interface Arrivals {
  readonly expected: number;
  readonly operations: (seed: string) => AsyncIterable<TimedOperation>;
}

function listFile(
  path: string | undefined,
  bundled: string,
  context: WorkloadContext,
): Promise<InputText> {
  if (path !== undefined) return InputText.open(path, context.baseDirectory);
  return InputText.open(join("openb", bundled), dataDirectory(), bundled);
}

/** The study's arrivals. Holds the tasks (about 250 bytes each), since a shuffle needs them all. */
async function shuffledTasks({ spec, nodes, podFile }: Parts): Promise<Arrivals> {
  const tasks = await holdTasks(podFile);
  const target = {
    load: spec.load,
    capacityMilli: 1000 * nodes.reduce((n, x) => n + x.gpuCount, 0),
  };
  if (!canReach(tasks, target))
    throw new InputError(
      `${podFile.name}: no load of ${spec.load} can be reached: ` +
        "want at least one task and one node with GPUs. Choose other lists, or set load: as-is.",
    );
  return {
    expected: expectedArrivals(tasks, target),
    operations: (seed) => shuffledArrivals(tasks, target, spec, seed),
  };
}

async function* shuffledArrivals(
  tasks: readonly OpenbTask[],
  target: InflationTarget,
  spec: OpenbSpec,
  seed: string,
): AsyncIterable<TimedOperation> {
  const stream = createStream(seed, "workload/openb/shuffle");
  const copies = new Uint32Array(tasks.length);
  let arrived = 0;
  for (const index of arrivalOrder(tasks, target, stream)) {
    const task = tasks[index];
    if (task === undefined) throw new Error(`task ${index} of ${tasks.length} does not exist`);
    const copy = (copies[index] ?? 0) + 1;
    copies[index] = copy;
    yield {
      timeUs: Math.round((arrived++ * 1e6) / spec.rate),
      verb: "create",
      object: podManifest(task, copy === 1 ? task.name : `${task.name}-x${copy}`, undefined, spec),
      source: task.source,
    };
  }
}

/** Streams the list if it is sorted by creation_time, as the production list is; else holds it. */
async function timedTasks({ spec, podFile }: Parts): Promise<Arrivals> {
  const scale = spec.timeScale ?? 1;
  const { count, isSorted } = await scanTimes(podFile);
  const held = isSorted ? undefined : await holdTasks(podFile);
  held?.sort((a, b) => a.creationS - b.creationS || a.line - b.line);
  return {
    expected: count,
    operations: () => timedArrivals(held ?? streamTasks(podFile), scale, spec),
  };
}

async function* timedArrivals(
  tasks: AsyncIterable<OpenbTask> | readonly OpenbTask[],
  scale: number,
  spec: OpenbSpec,
): AsyncIterable<TimedOperation> {
  for await (const task of tasks) {
    // A task that never got a node has no run time of its own: its life in the trace stands in.
    const startS = Number.isNaN(task.scheduledS) ? task.creationS : task.scheduledS;
    const durationUs = Math.round(((task.deletionS - startS) * 1e6) / scale);
    yield {
      timeUs: Math.round((task.creationS * 1e6) / scale),
      verb: "create",
      object: podManifest(task, task.name, durationUs, spec),
      source: task.source,
    };
  }
}

function expectedArrivals(tasks: readonly OpenbTask[], target: InflationTarget): number {
  if (target.load === "as-is") return tasks.length;
  const totalMilli = tasks.reduce((sum, task) => sum + task.gpuCount * task.gpuMilli, 0);
  return Math.round((tasks.length * target.load * target.capacityMilli) / totalMilli);
}
