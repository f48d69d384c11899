/** The Leases in kube-system that say who leads: written when the leader changes. */
import { EPOCH_MS, type Lease, type Manifest } from "./api/index.ts";
import type { ApiClient, CallbackId } from "./client/index.ts";
import type { Etcd } from "./etcd/index.ts";
import type { HandlerId, Kernel } from "./kernel/index.ts";

/** --leader-elect-resource-namespace. */
const NAMESPACE = "kube-system";
/** LeaderElectionConfiguration retryPeriod (2 s). */
const RETRY_US = 2_000_000;

/** Which leader a lease says: plain data, the context of its request. */
interface Taken {
  readonly name: string;
  readonly leaseTransitions: number;
}

/** The holderIdentity of a component's leader after so many changes of leader. */
export function leaderIdentity(name: string, transitions: number): string {
  return `${name}-${transitions}`;
}

/** The lease of a component whose first leader has had it since before the run. */
export function leaderLease(name: string): Manifest {
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name, namespace: NAMESPACE },
    spec: {
      holderIdentity: leaderIdentity(name, 0),
      leaseDurationSeconds: 15,
      leaseTransitions: 0,
    },
  };
}

export class LeaderLeases {
  readonly #client: ApiClient;
  readonly #etcd: Etcd;
  readonly #kernel: Kernel;
  readonly #done: CallbackId<Taken>;
  readonly #again: HandlerId<Taken>;

  constructor(client: ApiClient, etcd: Etcd, kernel: Kernel) {
    this.#client = client;
    this.#etcd = etcd;
    this.#kernel = kernel;
    this.#done = client.callback((call, taken) => {
      if (call.isTransient) kernel.after(RETRY_US, this.#again, taken, undefined);
    });
    this.#again = kernel.handler("leader-leases/again", (taken) => this.#write(taken));
  }

  /** Another replica leads: its first write is the lease. */
  taken(name: string, leaseTransitions: number): void {
    this.#write({ name, leaseTransitions });
  }

  #write(taken: Taken): void {
    const { name, leaseTransitions } = taken;
    const lease = this.#etcd.find("Lease", `${NAMESPACE}/${name}`)?.stored as Lease | undefined;
    if ((lease?.spec?.leaseTransitions ?? 0) > leaseTransitions) return; // there is a later leader
    const acquireTime = microTime(this.#kernel.nowUs);
    const holderIdentity = leaderIdentity(name, leaseTransitions);
    const spec = { holderIdentity, leaseTransitions, acquireTime, renewTime: acquireTime };
    const record = this.#etcd.record("Lease", NAMESPACE, name);
    this.#client.patch(record, { spec }, "", this.#done, taken);
  }
}

/** metav1.MicroTime. */
function microTime(us: number): string {
  const text = new Date(EPOCH_MS + Math.floor(us / 1000)).toISOString();
  return `${text.slice(0, -1)}${String(us % 1000).padStart(3, "0")}Z`;
}
