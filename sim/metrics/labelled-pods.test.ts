import fc from "fast-check";
import { expect, test } from "vitest";
import { KeyRecord, type Pod, parseSelectorString, type WatchEntry } from "../api/index.ts";
import { Kernel } from "../kernel/index.ts";
import { LabelledPods } from "./labelled-pods.ts";

const LABELS = [undefined, {}, { app: "web" }, { app: "web", tier: "front" }, { tier: "back" }];
const SELECTORS = ["", "app=web", "app in (web),tier=front", "tier", "app!=web", "app=none"];

/** A store of six pods in two namespaces, whose labels change. */
class Store {
  readonly records = Array.from(
    { length: 6 },
    (_, i) => new KeyRecord<Pod>(i, "Pod", i % 2 === 0 ? "a" : "b", `p${5 - i}`),
  );
  tell: (entry: WatchEntry) => void = () => {};

  list(): KeyRecord[] {
    return this.existing().sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  find(): undefined {
    return undefined;
  }

  observe(_kind: string, listener: (entry: WatchEntry) => void): void {
    this.tell = listener;
  }

  existing(): KeyRecord<Pod>[] {
    return this.records.filter(({ stored }) => stored !== undefined);
  }

  /** Makes, changes or deletes a pod. */
  commit(id: number, labels: Readonly<Record<string, string>> | undefined, exists: boolean): void {
    const record = this.records[id] as KeyRecord<Pod>;
    const old = record.stored;
    if (!exists && old === undefined) return;
    const metadata = { namespace: record.namespace, labels };
    const object = exists ? ({ metadata } as unknown as Pod) : (old as Pod);
    record.stored = exists ? object : undefined;
    const type = !exists ? "DELETED" : old === undefined ? "ADDED" : "MODIFIED";
    this.tell({ type, revision: 1, timeUs: 0, record, object, old });
  }
}

test("finds whom looking at all pods would find, asked at any time", () => {
  const step = fc.record({ id: fc.nat(5), labels: fc.nat(4), exists: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step), fc.array(step), (before, after) => {
      const store = new Store();
      const pods = new LabelledPods(new Kernel("1"), store);
      for (const steps of [before, after]) {
        for (const { id, labels, exists } of steps) store.commit(id, LABELS[labels], exists);
        for (const namespace of ["", "a", "b", "c"]) {
          for (const text of SELECTORS) {
            const selector = parseSelectorString(text);
            if (typeof selector === "string") throw new Error(selector);
            const wanted = (store.list() as KeyRecord<Pod>[]).filter(
              (record) =>
                (namespace === "" || record.namespace === namespace) &&
                selector.matches(record.stored?.metadata.labels),
            );
            expect(pods.select(namespace, selector)).toEqual(wanted);
          }
        }
      }
    }),
    { seed: 7 },
  );
});
