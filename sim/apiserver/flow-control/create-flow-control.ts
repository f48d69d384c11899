/** createFlowControl: the flow control that an API server's options ask for. */
import type { Etcd } from "../../etcd/index.ts";
import type { Kernel } from "../../kernel/index.ts";
import type { FlowControl, FlowControlHost } from "./flow-control.ts";
import { InFlightLimit } from "./in-flight-limit.ts";
import { PriorityAndFairness, type PriorityAndFairnessSettings } from "./priority-and-fairness.ts";

export interface FlowControlSettings extends PriorityAndFairnessSettings {
  /** API Priority and Fairness; else only limits on the requests in flight. */
  readonly priorityAndFairness: boolean;
}

/** `name` is unique in the cluster. */
export function createFlowControl(
  kernel: Kernel,
  name: string,
  etcd: Etcd,
  settings: FlowControlSettings,
  host: FlowControlHost,
): FlowControl {
  if (settings.priorityAndFairness)
    return new PriorityAndFairness(kernel, `${name}/priority-and-fairness`, etcd, settings, host);
  return new InFlightLimit(kernel, `${name}/in-flight`, settings, host);
}
