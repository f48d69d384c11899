/** SyncRecorder: how long kube-proxies' syncs take, and network programming, since a moment. */
import { SampleSeries } from "../../reports/index.ts";
import type { Trace } from "../../sim/api/index.ts";
import type { Micros } from "../../sim/kernel/index.ts";

export class SyncRecorder {
  /** The longest sync that ended since then; and of full ones. */
  longestUs: Micros = 0;
  longestFullUs: Micros = 0;
  /** From what happened to a pod until the node routes by it: kubeproxy_network_programming_duration. */
  readonly programming = new SampleSeries();

  attach(trace: Trace, fromUs: Micros): void {
    trace.proxySync.subscribe(({ durationUs, isFull, programmingUs, timeUs }) => {
      if (timeUs < fromUs) return;
      this.longestUs = Math.max(this.longestUs, durationUs);
      if (isFull) this.longestFullUs = Math.max(this.longestFullUs, durationUs);
      for (const us of programmingUs) this.programming.add(us);
    });
  }
}
