import { describe, expect, test } from "vitest";
import { KeyRecord, type Pod } from "../../sim/api/index.ts";
import {
  type AffinityTerm,
  type ClusterInfo,
  SchedulerCache,
  type TermCounts,
} from "../../sim/scheduler/index.ts";
import { makeNode, makePod } from "../../test/builders.ts";
import { PlainCluster } from "../../test/plain-cluster.ts";
import { MatchingTerms } from "./matching-terms.ts";

const GROUP = "requiredAntiAffinity";

/** Terms that note that they were asked. */
class Terms {
  readonly asked: string[] = [];
  epoch = 1;
  list: TermCounts[] = [];

  term(name: string, doesMatch: boolean): TermCounts {
    const term: AffinityTerm = {
      topologyKey: name,
      weight: 0,
      readsNamespaceLabels: false,
      matches: () => {
        this.asked.push(name);
        return doesMatch;
      },
    };
    const pods = { slots: [0], counts: [1], total: 1, at: () => 1, onKind: () => 1 };
    return { term, pods };
  }

  /** A cluster that has nothing but these terms. */
  cluster(): ClusterInfo {
    const { epoch, list } = this;
    return Object.create(new PlainCluster(), {
      affinityTerms: {
        value: {
          epoch,
          of: () => list,
          mayMatch: (_: unknown, __: unknown, ___: unknown, since: number) => list.slice(since),
          podCount: () => list.length,
        },
      },
      objects: { value: () => ({ version: 0, get: () => undefined, list: () => [] }) },
    }) as ClusterInfo;
  }
}

describe("MatchingTerms", () => {
  const pod = new PlainCluster().podInfo(makePod("p").build());
  const found = (matching: MatchingTerms, terms: Terms): readonly string[] =>
    matching.of(pod, GROUP, terms.cluster()).map(({ term }) => term.topologyKey);

  test("asks each term once while the list grows", () => {
    const terms = new Terms();
    const matching = new MatchingTerms();
    terms.list = [terms.term("a", true), terms.term("b", false)];
    expect(found(matching, terms)).toEqual(["a"]);
    terms.list.push(terms.term("c", true));
    expect(found(matching, terms)).toEqual(["a", "c"]);
    expect(terms.asked).toEqual(["a", "b", "c"]);
  });

  test("starts anew with the epoch", () => {
    const terms = new Terms();
    const matching = new MatchingTerms();
    const last = terms.term("b", true);
    terms.list = [terms.term("a", true), last];
    expect(found(matching, terms)).toEqual(["a", "b"]);
    terms.epoch = 2;
    terms.list = [terms.term("c", true), last];
    expect(found(matching, terms)).toEqual(["c", "b"]);
  });

  test("finds later terms, and all anew when the labels of the namespace change", () => {
    const matching = new MatchingTerms();
    const cache = new SchedulerCache();
    cache.addNode(makeNode("n1").build());
    const place = (name: string, namespaceSelector: object, app = "web"): void => {
      const required = { topologyKey: name, labelSelector: { matchLabels: { app } } };
      const pod = makePod(name)
        .apartFrom({ ...required, namespaceSelector })
        .build();
      const info = new PlainCluster().podInfo(pod);
      cache.addPod({ ...info, record: new KeyRecord<Pod>(ids++, "Pod", "default", name) }, "n1");
    };
    let ids = 0;
    const setNamespace = (team: string): void => {
      const { metadata } = makePod("default").namespace("").label("team", team).build();
      cache.objects.set({ apiVersion: "v1", kind: "Namespace", metadata });
    };
    const web = new PlainCluster().podInfo(makePod("p").label("app", "web").build());
    const keys = (): readonly string[] =>
      matching
        .of(web, GROUP, cache.cluster)
        .map(({ term }) => term.topologyKey)
        .sort();
    setNamespace("red");
    place("a", {});
    place("b", {}, "db");
    expect(keys()).toEqual(["a"]);
    place("c", { matchLabels: { team: "red" } });
    place("d", { matchLabels: { team: "blue" } });
    expect(keys()).toEqual(["a", "c"]);
    setNamespace("blue");
    expect(keys()).toEqual(["a", "d"]);
  });
});
