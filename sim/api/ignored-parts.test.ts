import { describe, expect, test } from "vitest";
import { InputError } from "../kernel/index.ts";
import { fieldSchema } from "./field-schema.ts";
import { isIgnoredKind } from "./ignored-kinds.ts";
import { IgnoredParts } from "./ignored-parts.ts";
import { ManifestDecoder } from "./manifest-decoder.ts";
import { allKinds } from "./scheme.ts";

/** The kinds that a file gives, and what is said to be ignored in it. */
function decoded(text: string, ignored = new IgnoredParts()): [string[], string[]] {
  const decoder = new ManifestDecoder("web.yaml", ignored);
  const objects = [...decoder.push(text), ...decoder.end()];
  return [objects.map(({ object }) => object.kind ?? ""), ignored.tell()];
}

const pod = (fields: string): string => `apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - name: main
    image: nginx:1.25
${fields}`;

const object = (header: string, fields: string): string => `${header}
metadata: {name: web}
${fields}`;

const PERSISTENT_VOLUME = object(
  "apiVersion: v1\nkind: PersistentVolume",
  "spec: {accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, nfs: {server: a, path: /}}",
);
const STORAGE_CLASS = object(
  "apiVersion: storage.k8s.io/v1\nkind: StorageClass",
  "provisioner: p.io\nparameters: {type: ssd}",
);

describe("ignored fields", () => {
  test.each<[string, string, string[]]>([
    ["nothing but what is modelled", pod(""), []],
    [
      "a field of a container",
      pod("    env:\n    - {name: A, value: b}\n    - {name: B, value: c}\n"),
      ["ignored: pod.spec.containers[].env (web.yaml:8)"],
    ],
    [
      "what stands inside an ignored field is not named again",
      pod("  securityContext: {sysctls: [{name: a.b, value: c}], fsGroup: 5}\n"),
      ["ignored: pod.spec.securityContext (web.yaml:8)"],
    ],
    ["an empty value says nothing", pod("    securityContext: {}\n    env: []\n"), []],
    ["nor does a default", pod("  dnsPolicy: ClusterFirst\n  enableServiceLinks: true\n"), []],
    [
      "the other way round is something",
      pod("  dnsPolicy: Default\n  enableServiceLinks: false\n"),
      [
        "ignored: pod.spec.dnsPolicy (web.yaml:8)",
        "ignored: pod.spec.enableServiceLinks (web.yaml:9)",
      ],
    ],
    ["nor does false where absent is false", pod("  hostPID: false\n"), []],
    [
      "a hook that is modelled beside one that is not",
      pod(
        "    lifecycle:\n      preStop: {sleep: {seconds: 5}}\n      postStart: {exec: {command: [a]}}\n",
      ),
      ["ignored: pod.spec.containers[].lifecycle.postStart (web.yaml:10)"],
    ],
    [
      "sources of volumes",
      pod(
        "  volumes:\n  - {name: a, emptyDir: {}}\n  - {name: b, configMap: {name: b}}\n  - {name: c, persistentVolumeClaim: {claimName: c}}\n",
      ),
      ["ignored: pod.spec.volumes[].configMap (web.yaml:10)"],
    ],
    ["a volume's source", PERSISTENT_VOLUME, ["ignored: persistentvolume.spec.nfs (web.yaml:4)"]],
    ["a field at the top", STORAGE_CLASS, ["ignored: storageclass.parameters (web.yaml:5)"]],
  ])("%s", (_, text, expected) => expect(decoded(text)[1]).toEqual(expected));

  test("each is named once, with how often it was given, in templates as in pods", () => {
    const template = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: a, image: a, command: [a]}
      - {name: b, image: b, command: [b]}
`;
    const ignored = new IgnoredParts();
    expect(decoded(`${template}---\n${pod("    command: [c]\n")}`, ignored)[1]).toEqual([
      "ignored: pod.spec.containers[].command (web.yaml:10 and 2 more)",
    ]);
    expect(decoded(pod("    command: [c]\n    tty: true\n"), ignored)[1]).toEqual([
      "ignored: pod.spec.containers[].tty (web.yaml:9)",
    ]);
  });

  test("every struct that a kind's fields refer to is declared", () => {
    let seen = 0;
    for (const kind of allKinds) {
      const schema = fieldSchema(kind);
      for (const struct of schema.values()) {
        for (const [name, { struct: held }] of struct) {
          if (held === "") continue;
          seen++;
          expect(schema.has(held), `${kind.kind}: ${name}:${held}`).toBe(true);
        }
      }
    }
    expect(seen).toBeGreaterThan(1000);
  });
});

describe("ignored kinds", () => {
  const CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: b}\n";

  test("are left out and named once, the rest of the file is read", () => {
    const text = [CONFIG_MAP, pod(""), CONFIG_MAP].join("---\n");
    expect(decoded(text)).toEqual([
      ["Pod"],
      ["ignored: kind ConfigMap of v1 (web.yaml:2 and 1 more)"],
    ]);
  });

  test("may be items of a List", () => {
    const items = "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret}\n";
    expect(decoded(items)).toEqual([[], ["ignored: kind Secret of v1 (web.yaml:4)"]]);
  });

  test("a custom resource is known from its definition on", () => {
    const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: rollouts.example.com}
spec: {group: example.com, names: {kind: Rollout}}
`;
    const resource = "apiVersion: example.com/v1\nkind: Rollout\nmetadata: {name: a}\n";
    expect(decoded(`${definition}---\n${resource}`)[1]).toEqual([
      "ignored: kind CustomResourceDefinition of apiextensions.k8s.io/v1 (web.yaml:2)",
      "ignored: kind Rollout of example.com/v1 (web.yaml:7)",
    ]);
    expect(() => decoded(resource)).toThrow(
      new InputError(
        'web.yaml:2:7: no matches for kind "Rollout" in version "example.com/v1"; give its CustomResourceDefinition before it, and it is ignored, or take it out',
      ),
    );
  });

  test.each<[string, string, string]>([
    ["v1", "ConfigMapp", 'did you mean kind "ConfigMap" in version "v1"?'],
    [
      "extensions/v1beta1",
      "Ingress",
      'did you mean kind "Ingress" in version "networking.k8s.io/v1"?',
    ],
    [
      "autoscaling/v1",
      "HorizontalPodAutoscaler",
      'did you mean kind "HorizontalPodAutoscaler" in version "autoscaling/v2"?',
    ],
  ])("%s %s stays an error", (apiVersion, kind, hint) => {
    expect(() => decoded(`apiVersion: ${apiVersion}\nkind: ${kind}\n`)).toThrow(
      new InputError(
        `web.yaml:2:7: no matches for kind "${kind}" in version "${apiVersion}"; ${hint}`,
      ),
    );
  });

  test("none of them is simulated", () => {
    expect(allKinds.filter(({ apiVersion, kind }) => isIgnoredKind(apiVersion, kind))).toEqual([]);
  });
});
