/** The flags of commands that run an experiment, as bench knows them. */
import type { ExperimentFlags } from "../bench/index.ts";
import type { ExperimentOptions } from "./experiment-options.ts";

/** What was given, nothing added: what is not given stays undefined, and the file decides. */
export function experimentFlags(options: ExperimentOptions): ExperimentFlags {
  const { trace, nodes, manifests, policy, seed, seeds, load, rate, horizon, out } = options;
  const { evaluation, balancer, events, latency, set } = options;
  return {
    trace,
    nodes: nodes === undefined ? undefined : [nodes],
    manifests: manifests?.map(String),
    policy: policy?.map(String),
    seeds,
    seed,
    load,
    rate,
    timeScale: options["time-scale"],
    horizon,
    out,
    evaluation,
    balancer,
    events,
    latency: latency?.map(String),
    utilizationInterval: options["utilization-interval"],
    set: set?.map(String),
  };
}
