/** NodeCpu: the CPUs of one node, as far as requests use them. Plain data. */
import type { Micros, SimEvent } from "../../kernel/index.ts";
import type { PodServer } from "./pod-server.ts";

export class NodeCpu {
  /** CPU units of the node (see UNITS_PER_CORE), and what its servers want together. */
  readonly capacity: number;
  demand = 0;
  /** Servers with calls that are worked on; how many of them go by their own clocks. */
  readonly busy: PodServer[] = [];
  sharedCount = 0;
  /** Calls by such clocks that keep the run alive. */
  foreground = 0;
  /** What those clocks show was true then. */
  atUs: Micros = 0;
  /** The next call by such a clock is done. */
  next: SimEvent | undefined = undefined;
  /** More changes may come in this moment: `settle` is called after them. */
  isHeld = false;

  constructor(capacity: number) {
    this.capacity = capacity;
  }
}
