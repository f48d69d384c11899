/**
 * StatusManager: tells the API how pods are (pkg/kubelet/status). One update of a pod at a time:
 * a later one must not be overtaken by an earlier one.
 */
import type { Pod } from "../api/index.ts";
import type { ApiCall, CallbackId, ClientHub } from "../client/index.ts";
import type { HandlerId, Kernel } from "../kernel/index.ts";
import type { NodeFleet } from "./node-fleet.ts";
import { podStatus } from "./pod-status.ts";
import type { PodWorker } from "./pod-worker.ts";

/** status_manager.go syncPeriod: what could not be sent is sent again. */
const SYNC_PERIOD_US = 10_000_000;

export class StatusManager {
  readonly #kernel: Kernel;
  readonly #fleet: NodeFleet;
  readonly #sent: CallbackId<PodWorker>;
  readonly #removed: CallbackId<PodWorker>;
  readonly #resend: HandlerId<PodWorker>;
  readonly #removeAgain: HandlerId<PodWorker>;
  readonly #onFinal: (worker: PodWorker) => void;

  /** `onFinal` is told when the API knows how a pod ended. */
  constructor(
    kernel: Kernel,
    clients: ClientHub,
    fleet: NodeFleet,
    onFinal: (worker: PodWorker) => void,
  ) {
    this.#kernel = kernel;
    this.#fleet = fleet;
    this.#onFinal = onFinal;
    this.#sent = clients.callback((call, worker) => this.#onSent(call, worker));
    this.#removed = clients.callback((call, worker) => {
      if (call.code === 429) this.remove(worker);
      else if (call.isTransient) kernel.after(SYNC_PERIOD_US, this.#removeAgain, worker, undefined);
    });
    this.#resend = kernel.handler("kubelet/status-resend", (worker) => this.#onResend(worker));
    this.#removeAgain = kernel.handler("kubelet/remove-again", (worker) => this.remove(worker));
  }

  /** Sends the pod's status as it is now, as soon as no other update of it is on its way. */
  send(worker: PodWorker): void {
    if (!this.#fleet.reachesApi(worker.node)) {
      worker.isHeldBack = true; // it goes out when the node is back
      return;
    }
    worker.isStatusStale = worker.isSendingStatus;
    if (worker.isSendingStatus) return;
    worker.isSendingStatus = true;
    worker.isStatusUnsent = false;
    const { hostIP } = this.#fleet.node(worker.node);
    const status = podStatus(worker, hostIP, this.#kernel.nowUs);
    const patch = { metadata: { uid: worker.pod.metadata.uid }, status };
    this.#fleet.client(worker.node).patch(worker.record, patch, "status", this.#sent, worker);
  }

  /** Removes the object of a pod whose containers have ended: the last step of its deletion. */
  remove(worker: PodWorker): void {
    if (!this.#fleet.reachesApi(worker.node)) return; // the resync finds it
    const options = { gracePeriodSeconds: 0, uid: worker.pod.metadata.uid };
    this.#fleet.client(worker.node).delete(worker.record, options, this.#removed, worker);
  }

  #onSent(call: ApiCall, worker: PodWorker): void {
    worker.isSendingStatus = false;
    if (call.ok) worker.see(call.object as Pod);
    // A busy server is asked again; a pod that is gone (404, or 409: another uid) is not.
    if (call.code === 429 || (call.ok && worker.isStatusStale)) return this.send(worker);
    if (call.isTransient) {
      worker.isStatusUnsent = true;
      this.#kernel.after(SYNC_PERIOD_US, this.#resend, worker, undefined);
    } else if (worker.phase === "done") this.#onFinal(worker);
  }

  /** Unless a later status went out meanwhile, or the kubelet is done with the pod. */
  #onResend(worker: PodWorker): void {
    const isKnown = this.#fleet.node(worker.node).workers.has(worker);
    if (isKnown && worker.isStatusUnsent) this.send(worker);
  }
}
