/**
 * GpuBestFit prefers the node with the least CPU and GPU left after the placement, both scaled by
 * the largest node. CPU-only pods go by the same rule: they prefer small or full nodes.
 *
 *   left  = 0.5 * (free CPU - request) / cpuMilliMax + 0.5 * (free GPU - request) / gpuMilliMax
 *   score = trunc(100 * (1 - left))
 *
 * Source: the BestFit baseline of Weng et al., "Beware of Fragmentation", USENIX ATC 2023. GPUs
 * are one number per node here; the choice of a device inside the node is not modelled.
 */
import { type ClusterInfo, definePlugin, type Plugin } from "../../sim/scheduler/index.ts";
import { checkArgs, refuse, type TypedArgs } from "../plugin-args.ts";

export interface GpuBestFitArgs extends TypedArgs {
  /** Extended resource that counts GPUs, in thousandths by default. */
  readonly gpuResource?: string;
  /** The largest node's CPU in milli-CPU and GPU in units of `gpuResource`: the study's values. */
  readonly cpuMilliMax?: number;
  readonly gpuMax?: number;
}

const CPU = 0;

/** The number of the GPU resource: looked up until a node or a pod has named it. */
interface GpuNumber {
  readonly cluster: ClusterInfo;
  index: number;
}

export function gpuBestFit(args: GpuBestFitArgs = {}): Plugin<undefined, GpuNumber> {
  checkArgs("GpuBestFit", args, ["gpuResource", "cpuMilliMax", "gpuMax"]);
  const {
    gpuResource = "alibabacloud.com/gpu-milli",
    cpuMilliMax = 128_000,
    gpuMax = 8_000,
  } = args;
  for (const [field, value] of Object.entries({ cpuMilliMax, gpuMax })) {
    if (!(Number.isFinite(value) && value > 0)) refuse(`GpuBestFitArgs.${field}`, value, "above 0");
  }

  return definePlugin<undefined, GpuNumber>({
    name: "GpuBestFit",
    locality: "node",
    reads: ["requests"],
    requeueOn: [], // it never rejects
    preScore: (_pod, cluster) => ({ state: { cluster, index: -1 } }),
    score(pod, node, gpu) {
      const cpuLeft = left(node.allocatable, node.requested, pod.requests, CPU);
      if (gpu.index < 0) gpu.index = gpu.cluster.resourceIndex(gpuResource);
      const gpuLeft = left(node.allocatable, node.requested, pod.requests, gpu.index);
      const share = 0.5 * (cpuLeft / cpuMilliMax) + 0.5 * (gpuLeft / gpuMax);
      return Math.trunc(100 * (1 - Math.min(share, 1)));
    },
  });
}

/** What the placement would leave; 0 when it would be overcommitted or nobody has the resource. */
function left(
  allocatable: readonly number[],
  requested: readonly number[],
  request: readonly number[],
  index: number,
): number {
  return Math.max(0, (allocatable[index] ?? 0) - (requested[index] ?? 0) - (request[index] ?? 0));
}
