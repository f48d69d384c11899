import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ControlPlane, podManifest } from "../../test/control-plane.ts";
import type { WatchEntry } from "../api/index.ts";
import { undo } from "../etcd/index.ts";
import type { ApiCall, Selection } from "./api-call.ts";

/** Pods a, b, c, d; a and c are of the tier `web`. Answers the revision after them. */
function planeWithPods(): { plane: ControlPlane; revision: number } {
  const plane = new ControlPlane();
  for (const name of ["a", "b", "c", "d"]) {
    const manifest = podManifest(name);
    const tier = name === "a" || name === "c" ? "web" : "db";
    plane.create({ ...manifest, metadata: { ...manifest.metadata, labels: { tier } } });
  }
  return { plane, revision: plane.etcd.revision };
}

function list(plane: ControlPlane, selection: Selection): ApiCall {
  plane.client.list("Pod", selection, plane.done, undefined);
  return plane.answer();
}

const names = ({ items }: ApiCall): string => items.map(({ record }) => record.name).join("");

function remove(plane: ControlPlane, name: string): void {
  const record = plane.etcd.record("Pod", "default", name);
  plane.client.delete(record, {}, plane.done, undefined);
  plane.settle();
}

describe("what a list selects", () => {
  test.each<[Selection, string]>([
    [{}, "abcd"],
    [{ labelSelector: "tier=web" }, "ac"],
    [{ labelSelector: "tier in (db), tier" }, "bd"],
    [{ labelSelector: "!tier" }, ""],
    [{ namespace: "default", labelSelector: "tier!=web" }, "bd"],
    [{ namespace: "other" }, ""],
    [{ nodeName: "n1" }, ""],
  ])("%j: %s", (selection, wanted) => {
    expect(names(list(planeWithPods().plane, selection))).toBe(wanted);
  });
});

describe("the revision of a list", () => {
  test("is the latest without one, and with 0, and with one that is older", () => {
    const { plane, revision } = planeWithPods();
    remove(plane, "b");
    for (const selection of [
      {},
      { resourceVersion: "0" },
      { resourceVersion: String(revision) },
      { resourceVersion: String(revision), resourceVersionMatch: "NotOlderThan" } as const,
    ]) {
      const answer = list(plane, selection);
      expect([names(answer), answer.revision]).toEqual(["acd", plane.etcd.revision]);
    }
  });

  test("is the one that is asked for exactly, also when objects came, went and changed since", () => {
    const { plane, revision } = planeWithPods();
    const before = plane.etcd.record("Pod", "default", "a").stored;
    remove(plane, "b");
    plane.create(podManifest("b2"));
    const a = plane.etcd.record("Pod", "default", "a");
    plane.client.patch(a, { metadata: { labels: { x: "y" } } }, "", plane.done, undefined);
    plane.settle();
    const resourceVersion = String(revision);
    const answer = list(plane, { resourceVersion, resourceVersionMatch: "Exact" });
    expect([names(answer), answer.revision]).toEqual(["abcd", revision]);
    expect(answer.items[0]?.object).toBe(before);
  });

  test("that was compacted is expired", () => {
    const { plane, revision } = planeWithPods();
    remove(plane, "b");
    plane.etcd.compact();
    const resourceVersion = String(revision - 1);
    const answer = list(plane, { resourceVersion, resourceVersionMatch: "Exact" });
    expect([answer.code, answer.reason, answer.message]).toEqual([
      410,
      "Expired",
      "The resourceVersion for the provided list is too old.",
    ]);
  });

  test("that does not exist yet is a time-out, tried again after its Retry-After", () => {
    const { plane, revision } = planeWithPods();
    const answer = list(plane, { resourceVersion: String(revision + 50) });
    expect([answer.code, answer.reason, answer.message]).toEqual([
      504,
      "Timeout",
      `Timeout: Too large resource version: ${revision + 50}, current: ${revision}`,
    ]);
    expect(answer.attempt).toBeGreaterThan(1);
  });
});

describe("options that make no sense", () => {
  test.each<[Selection, number, string]>([
    [
      { resourceVersionMatch: "Exact" },
      422,
      "resourceVersionMatch is forbidden unless resourceVersion is provided",
    ],
    [
      { resourceVersion: "0", resourceVersionMatch: "Exact" },
      422,
      'resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    ],
    [{ resourceVersion: "x" }, 400, 'resourceVersion: Invalid value: "x"'],
    [{ labelSelector: "a in" }, 400, "unable to parse requirement"],
    [{ continueToken: "x" }, 400, "continue key is not valid"],
    [
      { continueToken: "x", resourceVersion: "5" },
      400,
      "specifying resource version is not allowed when using continue",
    ],
    [
      { continueToken: "x", resourceVersion: "5", resourceVersionMatch: "Exact" },
      422,
      "resourceVersionMatch is forbidden when continue is provided",
    ],
  ])("%j", (selection, code, message) => {
    const answer = list(planeWithPods().plane, selection);
    expect(answer.code).toBe(code);
    expect(answer.message).toContain(message);
  });
});

describe("a list in pages", () => {
  test("shows on every page the state of the first", () => {
    const { plane, revision } = planeWithPods();
    const one = list(plane, { limit: 2 });
    expect([names(one), one.page?.remainingItemCount]).toEqual(["ab", 2]);
    remove(plane, "c");
    plane.create(podManifest("bb"));
    const two = list(plane, { limit: 1, continueToken: one.page?.continueToken ?? "" });
    expect([names(two), two.revision, two.page?.remainingItemCount]).toEqual(["c", revision, 1]);
    const three = list(plane, { limit: 1, continueToken: two.page?.continueToken ?? "" });
    expect([names(three), three.page]).toEqual(["d", undefined]);
  });

  test("does not say what remains where a selector hides it", () => {
    const { plane } = planeWithPods();
    const { page, items } = list(plane, { limit: 1, labelSelector: "tier=db" });
    expect([items.length, page?.remainingItemCount]).toEqual([1, undefined]);
    expect(page?.continueToken).not.toBe("");
  });

  test("expires with its revision, and may go on with the latest state", () => {
    const { plane } = planeWithPods();
    const one = list(plane, { limit: 2 });
    remove(plane, "c");
    plane.etcd.compact();
    remove(plane, "b");
    const two = list(plane, { limit: 2, continueToken: one.page?.continueToken ?? "" });
    expect([two.code, two.reason]).toEqual([410, "Expired"]);
    expect(two.message).toContain("The provided continue parameter is too old");
    const rest = list(plane, { limit: 2, continueToken: two.page?.continueToken ?? "" });
    expect([rest.code, names(rest), rest.revision]).toEqual([200, "d", plane.etcd.revision]);
  });
});

test("an older state is what was there, after any history", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(4), fc.boolean()), { maxLength: 30 }),
      fc.nat(30),
      (steps, back) => {
        const plane = new ControlPlane();
        const states: { revision: number; keys: string }[] = [];
        for (const [index, isCreated] of steps) {
          if (isCreated) plane.create(podManifest(`p${index}`));
          else remove(plane, `p${index}`);
          const keys = plane.etcd.list("Pod").map(({ key }) => key);
          states.push({ revision: plane.etcd.revision, keys: keys.join() });
        }
        const state = states.at(-1 - (back % Math.max(states.length, 1)));
        if (state === undefined) return;
        const changes = plane.etcd.changesSince("Pod", state.revision) as WatchEntry[];
        const items = undo(plane.etcd.list("Pod"), changes);
        expect(items.map(({ record }) => record.key).join()).toBe(state.keys);
      },
    ),
    { seed: 5, numRuns: 40 },
  );
});

test("a watch that was lost resumes from its last bookmark, though nothing of its kind changed", () => {
  const plane = new ControlPlane();
  const leases = plane.informers.create(plane.client, "Lease");
  const requests: string[] = [];
  plane.trace.apiRequest.subscribe(({ verb, kind, code }) => {
    if (kind === "Lease") requests.push(`${verb} ${code}`);
  });
  leases.start();
  plane.settle();
  plane.create(podManifest("a")); // another kind: the lease watcher hears nothing
  const tick = plane.kernel.handler("test/tick", () => {});
  plane.kernel.at(plane.kernel.nowUs + 61_000_000, tick, undefined, undefined);
  plane.settle();
  plane.etcd.compact();
  for (const id of plane.apiserver.watches.openWatches("Lease"))
    plane.apiserver.watches.close(id, 0);
  plane.settle();
  expect(requests).toEqual(["list 200", "watch 200", "watch 200"]);
});
