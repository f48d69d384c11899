/** The informer machinery against a model of ten lines, whatever happens to servers and watches. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ControlPlane, podManifest } from "../../test/control-plane.ts";
import type { Pod } from "../api/index.ts";
import { defaultClusterOptions } from "../options/index.ts";
import type { SharedInformer } from "./shared-informer.ts";

/** What handlers were told, by name: the revision that they hold. Checks each call as it comes. */
class Model {
  readonly held = new Map<string, number>();
  readonly unknown: string[] = [];

  listen(informer: SharedInformer<Pod>): void {
    informer.addEventHandler({
      onAdd: ({ name }, pod) => {
        expect(this.held.has(name)).toBe(false);
        this.held.set(name, revisionOf(pod));
      },
      onUpdate: ({ name }, old, pod) => {
        expect(this.held.get(name)).toBe(revisionOf(old));
        expect(revisionOf(pod)).toBeGreaterThanOrEqual(revisionOf(old));
        this.held.set(name, revisionOf(pod));
      },
      onDelete: ({ name }, _last, isFinalStateUnknown) => {
        expect(this.held.delete(name)).toBe(true);
        if (isFinalStateUnknown) this.unknown.push(name);
      },
    });
  }
}

const WAITS_US: ReadonlyMap<string, number> = new Map([
  ["a", 300],
  ["b", 1_000],
  ["c", 3_000],
  ["d", 700_000],
]);

const revisionOf = ({ metadata }: Pod): number => Number(metadata.resourceVersion);

class Real {
  readonly plane: ControlPlane;
  readonly informer: SharedInformer<Pod>;

  constructor(historyPerKind: number, model: Model) {
    const { apiserver, clients, etcd } = defaultClusterOptions;
    this.plane = new ControlPlane("1", {
      clients: { ...clients, watcher: { qps: 0, burst: 0 } },
      apiserver: { ...apiserver, replicas: 2 },
      etcd: { ...etcd, historyPerKind },
    });
    this.informer = this.plane.informers.create<Pod>(this.plane.clients.client("watcher"), "Pod");
    model.listen(this.informer);
    this.informer.start();
  }

  get isDone(): boolean {
    const stored = this.plane.etcd.list("Pod").map((record) => record.stored);
    const held = this.informer.indexer.keys().map((record) => this.informer.indexer.get(record));
    return stored.length === held.length && stored.every((pod, i) => pod === held[i]);
  }
}

/** One thing that happens; what it does is in `run`, and the model hears of it by the handlers. */
class Happening implements fc.Command<Model, Real> {
  readonly act: string;
  readonly name: string;

  constructor(act: string, name: string) {
    this.act = act;
    this.name = name;
  }

  check(): boolean {
    return true;
  }

  run(_model: Model, { plane, informer }: Real): void {
    const { client, apiserver, etcd, kernel, done } = plane;
    const record = etcd.find("Pod", `default/${this.name}`);
    const server = this.name < "c" ? 0 : 1;
    const { watches } = apiserver;
    const labels = { n: String(kernel.nowUs) };
    switch (this.act) {
      case "create":
        client.create("Pod", podManifest(this.name), done, undefined);
        break;
      case "patch":
        if (record !== undefined)
          client.patch(record, { metadata: { labels } }, "", done, undefined);
        break;
      case "delete":
        if (record !== undefined) client.delete(record, {}, done, undefined);
        break;
      case "drop":
      case "expire": {
        const code = this.act === "drop" ? 0 : 410;
        for (const id of watches.openWatches("Pod")) watches.close(id, code);
        break;
      }
      case "compact":
        etcd.compact();
        break;
      case "lose-leader":
        etcd.quorum.loseLeader(0);
        break;
      case "stop":
        apiserver.stopServer(server);
        break;
      case "start":
        apiserver.startServer(server);
        break;
      case "resync":
        if (informer.hasSynced) informer.resync();
        break;
      default:
        kernel.run(kernel.nowUs + (WAITS_US.get(this.name) ?? 0));
    }
  }

  toString(): string {
    return `${this.act} ${this.name}`;
  }
}

const names = fc.constantFrom("a", "b", "c", "d");
const happening = (...acts: string[]): fc.Arbitrary<Happening> =>
  fc.tuple(fc.constantFrom(...acts), names).map(([act, name]) => new Happening(act, name));

describe("an informer", () => {
  test("tells its handlers of every key's final state, in order of revisions", () => {
    let unknown = 0;
    fc.assert(
      fc.property(
        fc.commands(
          [
            happening("create", "delete", "wait"),
            happening("create", "patch", "delete", "wait"),
            happening(
              "drop",
              "expire",
              "compact",
              "lose-leader",
              "stop",
              "start",
              "resync",
              "wait",
            ),
          ],
          { maxCommands: 60, size: "max" },
        ),
        fc.constantFrom(2, 4096),
        (commands, historyPerKind) => {
          const model = new Model();
          const real = new Real(historyPerKind, model);
          fc.modelRun(() => ({ model, real }), commands);
          for (const server of [0, 1]) real.plane.apiserver.startServer(server);
          real.plane.settle();
          expect(real.isDone).toBe(true);
          const stored = real.plane.etcd.list("Pod");
          expect([...model.held].sort()).toEqual(
            stored.map(({ name, stored: pod }) => [name, revisionOf(pod as Pod)]),
          );
          unknown += model.unknown.length;
        },
      ),
      { seed: 1, numRuns: 150 },
    );
    expect(unknown).toBeGreaterThan(0);
  });

  test("whose watch ends in the middle of its initial events gets the rest from the next one", () => {
    const model = new Model();
    const { plane, informer } = new Real(4096, model);
    plane.settle();
    const { watches } = plane.apiserver;
    for (const id of watches.openWatches("Pod")) watches.close(id, 0);
    for (const name of ["a", "b", "c", "d", "e"])
      plane.client.create("Pod", podManifest(name), plane.done, undefined);
    while (model.held.size === 0) plane.kernel.run(plane.kernel.nowUs + 50);
    for (const id of watches.openWatches("Pod")) watches.close(id, 0);
    plane.settle();
    expect([...model.held.keys()].sort()).toEqual(["a", "b", "c", "d", "e"]);
    expect(informer.hasSynced).toBe(true);
  });
});
