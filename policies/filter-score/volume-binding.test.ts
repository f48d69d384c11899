import { describe, expect, test } from "vitest";
import type { ApiObject, Manifest } from "../../sim/api/index.ts";
import { type CycleContext, type ObjectKey, SKIP } from "../../sim/scheduler/index.ts";
import { makeNode, makePod, type PodBuilder } from "../../test/builders.ts";
import { clusterOf, rejections } from "../../test/one-plugin.ts";
import type { PlainCluster } from "../../test/plain-cluster.ts";
import {
  claimVolume,
  makeCapacity,
  makeClaim,
  makeClass,
  makeCsiNode,
  makeVolume,
} from "../../test/storage-builders.ts";
import { volumeBinding } from "./volume-binding.ts";
import { reservedVolumes } from "./volume-binding-reserved.ts";

const using = (...claims: string[]): PodBuilder =>
  makePod("p").spec({ volumes: claims.map(claimVolume) });
const nodes = [makeNode("a").zone("za"), makeNode("b").zone("zb")];

const NO_VOLUME = "node(s) didn't find available persistent volumes to bind (unresolvable)";
const CONFLICT = "node(s) had volume node affinity conflict (unresolvable)";
const NO_SPACE = "node(s) did not have enough free storage (unresolvable)";
const NOWHERE = [`a: ${NO_VOLUME}`, `b: ${NO_VOLUME}`];
const LOCAL = { provisioner: "kubernetes.io/no-provisioner" };
const driver = (storageCapacity: boolean): ApiObject =>
  ({
    apiVersion: "storage.k8s.io/v1",
    kind: "CSIDriver",
    metadata: { ...makeVolume("csi.example.com").metadata },
    spec: { storageCapacity },
  }) as ApiObject;

test("skips pods without claims", () => {
  const cluster = clusterOf({ nodes });
  const plugin = volumeBinding();
  for (const pod of [makePod("p"), makePod("p").spec({ volumes: [{ name: "v", emptyDir: {} }] })]) {
    expect(plugin.preFilter?.(cluster.podInfo(pod.build()), cluster)).toBe(SKIP);
  }
});

describe("what rejects the pod as a whole", () => {
  const ephemeral = makePod("p").spec({
    volumes: [{ name: "v", ephemeral: { volumeClaimTemplate: { spec: {} } } }],
  });
  test.each<[string, PodBuilder, ApiObject[], string]>([
    ["a claim that is missing", using("c"), [], 'persistentvolumeclaim "c" not found'],
    [
      "an ephemeral claim that is not made yet",
      ephemeral,
      [],
      'waiting for ephemeral volume controller to create the persistentvolumeclaim "p-v"',
    ],
    [
      "an ephemeral claim of somebody else",
      ephemeral,
      [makeClaim("p-v", { owner: "other" })],
      "PVC default/p-v was not created for pod default/p (pod is not owner)",
    ],
    [
      "a claim that has lost its volume",
      using("c"),
      [makeClaim("c", { boundTo: "v", phase: "Lost" })],
      'persistentvolumeclaim "c" bound to non-existent persistentvolume "v"',
    ],
    [
      "a claim that is being deleted",
      using("c"),
      [makeClaim("c", { deletionTimestamp: "2024-06-01T00:00:00Z" })],
      'persistentvolumeclaim "c" is being deleted',
    ],
    [
      "an immediate claim that is not bound",
      using("c"),
      [makeClaim("c"), makeClass("manual", { volumeBindingMode: "Immediate" })],
      "pod has unbound immediate PersistentVolumeClaims",
    ],
    [
      "an unbound claim without a class",
      using("c"),
      [makeClaim("c", { className: "" })],
      "pod has unbound immediate PersistentVolumeClaims",
    ],
    [
      "a claim that names its volume and is not bound to it",
      using("c"),
      [makeClaim("c", { spec: { volumeName: "v" } }), makeClass("manual")],
      "pod has unbound immediate PersistentVolumeClaims",
    ],
  ])("%s", (_case, pod, objects, reason) => {
    expect(rejections(volumeBinding(), pod, { nodes, objects })).toEqual([
      `preFilter: ${reason} (unresolvable)`,
    ]);
  });
});

describe("bound claims", () => {
  test.each<[string, ApiObject[], string[]]>([
    ["a volume that all nodes reach", [makeVolume("v")], []],
    ["a volume of one zone", [makeVolume("v", { zones: ["zb"] })], [`a: ${CONFLICT}`]],
    [
      "a local volume leaves out the other nodes",
      [makeVolume("v", { hosts: ["b"] })],
      ["a: left out"],
    ],
    [
      "a volume that is missing",
      [],
      ["a", "b"].map(
        (name) =>
          `${name}: node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s) (unresolvable)`,
      ),
    ],
  ])("%s", (_case, volumes, wanted) => {
    const objects = [makeClaim("c", { boundTo: "v" }), ...volumes];
    expect(rejections(volumeBinding(), using("c"), { nodes, objects })).toEqual(wanted);
  });

  test("two local volumes on different nodes leave no node", () => {
    const objects = [
      makeClaim("c", { boundTo: "v" }),
      makeClaim("d", { boundTo: "w" }),
      makeVolume("v", { hosts: ["a"] }),
      makeVolume("w", { hosts: ["b"] }),
    ];
    expect(rejections(volumeBinding(), using("c", "d"), { nodes, objects })).toEqual([
      "a: left out",
      "b: left out",
    ]);
  });

  test("a migrated in-tree disk is reached by the driver's own zone key", () => {
    const labels = { "topology.kubernetes.io/zone": "za" };
    const disk = makeVolume("v", { labels });
    const { csi, ...spec } = disk.spec;
    const volume = { ...disk, spec: { ...spec, awsElasticBlockStore: { volumeID: "vol-1" } } };
    const plugins = { "storage.alpha.kubernetes.io/migrated-plugins": "kubernetes.io/aws-ebs" };
    const objects = [makeClaim("c", { boundTo: "v" }), volume];
    const migrated = [
      ...objects,
      makeCsiNode("a", undefined, plugins),
      makeCsiNode("b", undefined, plugins),
    ];
    const zoneKey = "topology.ebs.csi.aws.com/zone";
    const known = [makeNode("a").zone("za").label(zoneKey, "za"), makeNode("b").zone("zb")];
    expect(rejections(volumeBinding(), using("c"), { nodes: known, objects })).toEqual([]);
    expect(rejections(volumeBinding(), using("c"), { nodes: known, objects: migrated })).toEqual([
      `b: ${CONFLICT}`,
    ]);
  });
});

describe("claims that wait for their first consumer, from volumes", () => {
  const local = makeClass("manual", LOCAL);
  const claim = makeClaim("c", { size: "2Gi" });
  const claimRef = { namespace: "default", name: "c" };

  test.each<[string, ApiObject[], string[]]>([
    ["no volume", [claim], NOWHERE],
    [
      "a volume of one zone",
      [claim, makeVolume("v", { size: "2Gi", zones: ["za"] })],
      [`b: ${NO_VOLUME}`],
    ],
    ["a volume that is too small", [claim, makeVolume("v")], NOWHERE],
    [
      "a volume that is not available",
      [claim, makeVolume("v", { size: "2Gi", phase: "Released" })],
      NOWHERE,
    ],
    [
      "a volume of another class",
      [claim, makeVolume("v", { size: "2Gi", className: "x" })],
      NOWHERE,
    ],
    [
      "a volume without the access mode",
      [claim, makeVolume("v", { size: "2Gi", modes: ["ReadOnlyMany"] })],
      NOWHERE,
    ],
    [
      "a block volume",
      [claim, makeVolume("v", { size: "2Gi", spec: { volumeMode: "Block" } })],
      NOWHERE,
    ],
    [
      "a volume with another claim",
      [
        claim,
        makeVolume("v", { size: "2Gi", spec: { claimRef: { namespace: "default", name: "d" } } }),
      ],
      NOWHERE,
    ],
    [
      "a volume reserved for the claim decides alone",
      [
        claim,
        makeVolume("v", { size: "9Gi", zones: ["zb"], spec: { claimRef } }),
        makeVolume("w", { size: "2Gi" }),
      ],
      [`a: ${NO_VOLUME}`],
    ],
    [
      "a volume of another class, though it is reserved for the claim",
      [claim, makeVolume("v", { size: "2Gi", className: "x", spec: { claimRef } })],
      NOWHERE,
    ],
    [
      "a volume without the selected labels",
      [
        makeClaim("c", { spec: { selector: { matchLabels: { kind: "fast" } } } }),
        makeVolume("v", { labels: { kind: "slow" } }),
      ],
      NOWHERE,
    ],
  ])("%s", (_case, objects, wanted) => {
    const all = [local, ...objects];
    expect(rejections(volumeBinding(), using("c"), { nodes, objects: all })).toEqual(wanted);
  });

  test("two claims need two volumes", () => {
    const objects = [
      local,
      makeClaim("c"),
      makeClaim("d"),
      makeVolume("v"),
      makeVolume("w", { zones: ["za"] }),
    ];
    expect(rejections(volumeBinding(), using("c", "d"), { nodes, objects })).toEqual([
      `b: ${NO_VOLUME}`,
    ]);
  });
});

describe("claims that wait for their first consumer, from provisioners", () => {
  const claim = makeClaim("c", { size: "2Gi" });
  const selected = { "volume.kubernetes.io/selected-node": "b" };
  const inZone = (...zones: string[]): object => ({
    allowedTopologies: zones.map((zone) => ({
      matchLabelExpressions: [{ key: "topology.kubernetes.io/zone", values: [zone] }],
    })),
  });

  test.each<[string, ApiObject[], string[]]>([
    ["anywhere", [claim, makeClass("manual")], []],
    ["where the class allows", [claim, makeClass("manual", inZone("zb"))], [`a: ${NO_VOLUME}`]],
    ["where one of two terms allows", [claim, makeClass("manual", inZone("za", "zb"))], []],
    [
      "on the node that was selected before",
      [makeClaim("c", { annotations: selected }), makeClass("manual")],
      [`a: ${NO_VOLUME}`],
    ],
    [
      "where the driver has room",
      [
        claim,
        makeClass("manual"),
        driver(true),
        makeCapacity("x", "manual", "zb", { capacity: "3Gi" }),
      ],
      [`a: ${NO_SPACE}`],
    ],
    [
      "not beyond the largest volume that fits",
      [
        claim,
        makeClass("manual"),
        driver(true),
        makeCapacity("x", "manual", "zb", { capacity: "9Gi", maximumVolumeSize: "1Gi" }),
      ],
      [`a: ${NO_SPACE}`, `b: ${NO_SPACE}`],
    ],
    [
      "anywhere, when the driver does not tell its room",
      [claim, makeClass("manual"), driver(false)],
      [],
    ],
  ])("%s", (_case, objects, wanted) => {
    expect(rejections(volumeBinding(), using("c"), { nodes, objects })).toEqual(wanted);
  });
});

/** Reserve and preBind on a PlainCluster, with assumptions written into it. */
class Cycle {
  nowUs = 5_000_000;
  readonly sent: [ObjectKey, Manifest][] = [];
  readonly cluster: PlainCluster;
  readonly #before = new Map<string, ApiObject>();
  readonly context: CycleContext;

  constructor(objects: readonly ApiObject[]) {
    const cluster = clusterOf({ nodes, objects });
    this.cluster = cluster;
    const keyOf = (kind: string, namespace: string, name: string): string =>
      `${kind}/${namespace}/${name}`;
    const cycle = this;
    this.context = {
      kernel: {
        get nowUs() {
          return cycle.nowUs;
        },
      } as CycleContext["kernel"],
      cluster,
      assumed: {
        assume: (object) => {
          const { namespace, name } = object.metadata;
          const before = cluster.objects(object.kind).get(namespace, name);
          if (before !== undefined) this.#before.set(keyOf(object.kind, namespace, name), before);
          cluster.addObject(object);
        },
        restore: (kind, namespace, name) => {
          const before = this.#before.get(keyOf(kind, namespace, name));
          if (before !== undefined) this.informed(before);
        },
        get: (kind, namespace, name) =>
          this.#before.has(keyOf(kind, namespace, name))
            ? cluster.objects(kind).get(namespace, name)
            : undefined,
      },
      requests: {
        patch: (key, patch) => void this.sent.push([key, patch]),
        delete: () => {},
        event: () => {},
      },
    };
  }

  /** The informer tells of a newer object. */
  informed(object: ApiObject): void {
    const { namespace, name } = object.metadata;
    this.#before.delete(`${object.kind}/${namespace}/${name}`);
    this.cluster.addObject(object);
  }
}

describe("reserve", () => {
  const small = makeVolume("small");
  const large = makeVolume("large", { size: "5Gi" });
  const objects = [
    makeClass("manual", LOCAL),
    makeClass("fast"),
    makeClaim("c"),
    makeClaim("d", { className: "fast" }),
    large,
    small,
  ];
  const plugin = volumeBinding();

  test("takes the smallest volume, and selects the node for what is to be made", () => {
    const cycle = new Cycle(objects);
    const pod = cycle.cluster.podInfo(using("c", "d").build());
    expect(plugin.reserve?.(pod, "b", cycle.context)).toBeUndefined();
    const { bindings, provisions } = reservedVolumes(pod, cycle.cluster);
    expect(
      bindings.map(({ volume, claim }) => [volume.metadata.name, claim.metadata.name]),
    ).toEqual([["small", "c"]]);
    expect(bindings[0]?.volume).toMatchObject({
      metadata: { annotations: { "pv.kubernetes.io/bound-by-controller": "yes" } },
      spec: { claimRef: { name: "c", namespace: "default", uid: "uid-default-c" } },
    });
    expect(provisions.map(({ metadata }) => [metadata.name, metadata.annotations])).toEqual([
      ["d", { "volume.kubernetes.io/selected-node": "b" }],
    ]);
  });

  test("what is reserved is not there for the next pod, until it is unreserved", () => {
    const cycle = new Cycle(objects);
    const { cluster, context } = cycle;
    const pod = cluster.podInfo(using("c").build());
    cluster.addObject(makeClaim("e", { size: "1Gi" }));
    const other = cluster.podInfo(using("e").build());
    const chosen = (): string | undefined => {
      plugin.reserve?.(other, "a", context);
      const name = reservedVolumes(other, cluster).bindings[0]?.volume.metadata.name;
      plugin.unreserve?.(other, "a", context);
      return name;
    };
    plugin.reserve?.(pod, "b", context);
    expect(chosen()).toBe("large");
    plugin.unreserve?.(pod, "b", context);
    expect(chosen()).toBe("small");
    expect(cluster.objects("PersistentVolume").list()).toEqual([large, small]);
  });
});

describe("preBind", () => {
  const plugin = volumeBinding({ bindTimeoutSeconds: 10 });
  const POLL = { retryAfterUs: 1_000_000 };
  const WAITS = "volume.kubernetes.io/selected-node";

  function begin(...objects: ApiObject[]): { cycle: Cycle; ask: (seconds: number) => unknown } {
    const cycle = new Cycle(objects);
    const pod = cycle.cluster.podInfo(using("c").build());
    const startedUs = cycle.nowUs;
    plugin.reserve?.(pod, "b", cycle.context);
    const ask = (seconds: number): unknown => {
      cycle.nowUs = startedUs + seconds * 1_000_000;
      return plugin.preBind?.(pod, "b", cycle.context, startedUs);
    };
    return { cycle, ask };
  }

  test("has nothing to do for bound claims and pods without any", () => {
    const { cycle, ask } = begin(makeClaim("c", { boundTo: "v" }), makeVolume("v"));
    expect(ask(0)).toBeUndefined();
    expect(cycle.sent).toEqual([]);
    const plain = cycle.cluster.podInfo(makePod("q").build());
    expect(plugin.preBind?.(plain, "b", cycle.context, cycle.nowUs)).toBeUndefined();
  });

  test("names the claim in the volume, then waits until the claim is bound", () => {
    const { cycle, ask } = begin(makeClass("manual", LOCAL), makeClaim("c"), makeVolume("v"));
    expect(ask(0)).toEqual(POLL);
    expect(cycle.sent).toEqual([
      [
        { kind: "PersistentVolume", namespace: "", name: "v" },
        {
          metadata: {
            resourceVersion: "1",
            annotations: { "pv.kubernetes.io/bound-by-controller": "yes" },
          },
          spec: { claimRef: expect.objectContaining({ name: "c", uid: "uid-default-c" }) },
        },
      ],
    ]);
    expect(ask(1)).toEqual(POLL);
    cycle.informed(makeClaim("c", { boundTo: "v" }));
    expect(ask(2)).toBeUndefined();
    expect(cycle.sent).toHaveLength(1);
  });

  test("selects the node on a claim, then waits for the volume that is made", () => {
    const { cycle, ask } = begin(makeClass("manual"), makeClaim("c"));
    expect(ask(0)).toEqual(POLL);
    expect(cycle.sent).toEqual([
      [
        { kind: "PersistentVolumeClaim", namespace: "default", name: "c" },
        { metadata: { resourceVersion: "1", annotations: { [WAITS]: "b" } } },
      ],
    ]);
    cycle.informed(makeClaim("c", { annotations: { [WAITS]: "b" } }));
    expect(ask(1)).toEqual(POLL);
    cycle.informed(makeClaim("c", { boundTo: "v", annotations: { [WAITS]: "b" } }));
    expect(ask(2)).toEqual(POLL); // the volume itself is not known yet
    cycle.informed(makeVolume("v", { zones: ["zb"] }));
    expect(ask(3)).toBeUndefined();
  });

  test.each<[string, ApiObject[], string]>([
    [
      "the provisioner gave up",
      [
        makeClaim("c", {
          annotations: { "volume.kubernetes.io/storage-provisioner": "csi.example.com" },
        }),
      ],
      'binding volumes: provisioning failed for PVC "c"',
    ],
    [
      "another node was selected",
      [makeClaim("c", { annotations: { [WAITS]: "a" } })],
      'binding volumes: provisioning failed for PVC "c"',
    ],
    [
      "the volume is somewhere else",
      [makeClaim("c", { boundTo: "v" }), makeVolume("v", { zones: ["za"] })],
      'binding volumes: pv "v" node affinity doesn\'t match node "b": no matching NodeSelectorTerms',
    ],
  ])("fails when %s", (_case, objects, error) => {
    const { cycle, ask } = begin(makeClass("manual"), makeClaim("c"));
    ask(0);
    for (const object of objects) cycle.informed(object);
    expect(ask(1)).toEqual({ error });
  });

  test("fails when the claim is gone", () => {
    const { cycle, ask } = begin(makeClass("manual"), makeClaim("c"));
    ask(0);
    cycle.cluster.removeObject("PersistentVolumeClaim", "default", "c");
    expect(ask(1)).toEqual({
      error:
        'binding volumes: failed to check binding: could not find v1.PersistentVolumeClaim "default/c"',
    });
  });

  test("fails after bindTimeoutSeconds", () => {
    const { ask } = begin(makeClass("manual"), makeClaim("c"));
    ask(0);
    expect(ask(9)).toEqual(POLL);
    expect(ask(10)).toEqual({ error: "binding volumes: context deadline exceeded" });
  });
});
