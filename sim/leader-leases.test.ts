import { describe, expect, test } from "vitest";
import { ControlPlane } from "../test/control-plane.ts";
import type { Lease } from "./api/index.ts";
import { LeaderLeases, leaderIdentity, leaderLease } from "./leader-leases.ts";

const SECOND = 1_000_000;
const NAME = "kube-scheduler";

class Leases {
  readonly plane = new ControlPlane();
  readonly leases: LeaderLeases;

  constructor() {
    const { plane } = this;
    const metadata = { name: "kube-system" };
    plane.store({ apiVersion: "v1", kind: "Namespace", metadata });
    plane.store(leaderLease(NAME));
    this.leases = new LeaderLeases(
      plane.clients.client("leader-election"),
      plane.etcd,
      plane.kernel,
    );
  }

  at(seconds: number, action: () => void): this {
    const { kernel } = this.plane;
    const handler = kernel.handler(`test/${seconds}`, action);
    kernel.at(Math.round(seconds * SECOND), handler, undefined, undefined);
    return this;
  }

  get spec(): Lease["spec"] | undefined {
    return (this.plane.etcd.find("Lease", `kube-system/${NAME}`)?.stored as Lease | undefined)
      ?.spec;
  }
}

describe("the lease of a new leader", () => {
  test("is written at once", () => {
    const { plane, leases } = new Leases();
    leases.taken(NAME, 1);
    plane.kernel.run(SECOND);
    expect(new Leases().spec?.holderIdentity).toBe(leaderIdentity(NAME, 0));
    const lease = plane.etcd.find("Lease", `kube-system/${NAME}`)?.stored as Lease;
    expect(lease.spec.holderIdentity).toBe(leaderIdentity(NAME, 1));
  });

  test("is written when the API server is back, after lost connections", () => {
    const world = new Leases();
    const { apiserver } = world.plane;
    apiserver.stopServer(0);
    world.at(5, () => apiserver.startServer(0)).leases.taken(NAME, 1);
    world.plane.settle();
    expect(world.spec).toMatchObject({ leaseTransitions: 1, holderIdentity: `${NAME}-1` });
  });

  test("is written when etcd has a leader again, after answers of 500", () => {
    const world = new Leases();
    world.plane.etcd.quorum.loseLeader(20 * SECOND);
    const codes: number[] = [];
    world.plane.trace.apiRequest.subscribe(({ code }) => codes.push(code));
    world.leases.taken(NAME, 1);
    world.plane.settle();
    expect(codes[0]).toBe(500);
    expect(world.spec).toMatchObject({ leaseTransitions: 1 });
  });

  test("is not written over that of a later one", () => {
    const world = new Leases();
    const { apiserver } = world.plane;
    apiserver.stopServer(0);
    world.leases.taken(NAME, 1);
    world
      .at(1, () => apiserver.startServer(0))
      .at(1.5, () => world.leases.taken(NAME, 2))
      .plane.settle();
    expect(world.spec).toMatchObject({ leaseTransitions: 2 });
  });
});
