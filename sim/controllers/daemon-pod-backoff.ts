/**
 * How long a failed daemon pod is left before it is deleted: twice as long with each one on the
 * same node, so that a controller does not race with a kubelet that rejects its pods.
 *
 * Source: flowcontrol.Backoff as daemon_controller.go of v1.30 uses it.
 */
import type { Micros } from "../kernel/index.ts";

/** cmd/kube-controller-manager/app/apps.go: flowcontrol.NewBackOff(1*time.Second, 15*time.Minute). */
const INITIAL_US = 1_000_000;
const MAX_US = 900_000_000;

interface Entry {
  backoffUs: Micros;
  lastUs: Micros;
}

/** Plain data: a part of the controller's state. */
export class DaemonPodBackoff {
  /** By DaemonSet, its generation and the node. */
  readonly entries = new Map<string, Entry>();

  /** 0: a failed pod may be deleted now, and the next one waits longer; else how long to wait. */
  next(key: string, nowUs: Micros): Micros {
    const entry = this.entries.get(key);
    if (entry === undefined || nowUs - entry.lastUs > 2 * MAX_US) {
      this.entries.set(key, { backoffUs: INITIAL_US, lastUs: nowUs });
      return 0;
    }
    if (nowUs - entry.lastUs < entry.backoffUs) return entry.backoffUs;
    entry.backoffUs = Math.min(2 * entry.backoffUs, MAX_US);
    entry.lastUs = nowUs;
    return 0;
  }

  /** The DaemonSet is gone. */
  forget(prefix: string): void {
    for (const key of this.entries.keys()) if (key.startsWith(prefix)) this.entries.delete(key);
  }
}
