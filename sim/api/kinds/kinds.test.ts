import { describe, expect, test } from "vitest";
import { fieldSchema } from "../field-schema.ts";
import { KeyRecord } from "../key-record.ts";
import type { Kind } from "../kind.ts";
import { createMetadata } from "../metadata.ts";
import type { ApiObject, Manifest, Pod, PodSpec } from "../objects.ts";
import { qosClass } from "../pod-spec-defaults.ts";
import { humanDuration } from "../printer-text.ts";
import { allKinds, kindNamed, kindOf, unknownKind } from "../scheme.ts";
import { strictDecode } from "../strict-decoding.ts";
import { validateBinding } from "./binding.ts";

function make(kindName: string, fields: object, metadata: Manifest["metadata"] = {}): ApiObject {
  const kind = kindNamed(kindName);
  const record = new KeyRecord(1, kindName, kind.namespaced ? "default" : "", metadata.name ?? "a");
  return kind.defaults({ ...fields, metadata: createMetadata(metadata, record, 1, 0) });
}

const faults = (object: ApiObject): string[] =>
  kindNamed(object.kind)
    .validate(object)
    .map(({ path, message }) => `${path}: ${message}`);

const container = { name: "main", image: "nginx:1.25" };
const template = { metadata: { labels: { app: "web" } }, spec: { containers: [container] } };
const selector = { matchLabels: { app: "web" } };
const podWith = (spec: object): ApiObject =>
  make("Pod", { spec: { containers: [container], ...spec } });
const podOf = (fields: object): ApiObject =>
  make("Pod", { spec: { containers: [{ ...container, ...fields }] } });

describe("defaults", () => {
  test("of a Pod", () => {
    const limits = { cpu: "1", memory: "1Gi" };
    const pod = podOf({
      resources: { limits, requests: { cpu: "500m" } },
      ports: [{ containerPort: 80 }],
    }) as Pod;
    expect(pod.spec).toEqual({
      containers: [
        {
          ...container,
          resources: { limits, requests: { cpu: "500m", memory: "1Gi" } },
          terminationMessagePath: "/dev/termination-log",
          terminationMessagePolicy: "File",
          imagePullPolicy: "IfNotPresent",
          ports: [{ containerPort: 80, protocol: "TCP" }],
        },
      ],
      restartPolicy: "Always",
      terminationGracePeriodSeconds: 30,
      dnsPolicy: "ClusterFirst",
      schedulerName: "default-scheduler",
      enableServiceLinks: true,
      securityContext: {},
    });
    expect(pod.status).toEqual({ phase: "Pending", qosClass: "Burstable" });
  });

  test.each([
    ["nginx", "Always"],
    ["nginx:latest", "Always"],
    ["registry:5000/nginx", "Always"],
    ["nginx:1", "IfNotPresent"],
    ["nginx@sha256:abc", "IfNotPresent"],
  ])("the pull policy of %s is %s", (image, policy) => {
    expect((podOf({ image }) as Pod).spec.containers[0]?.imagePullPolicy).toBe(policy);
  });

  test("the pool of an RBD image is rbd; other volumes stay as they are", () => {
    const given = [
      { name: "a", rbd: { monitors: ["m"], image: "i" } },
      { name: "b", rbd: { monitors: ["m"], image: "i", pool: "p" } },
      { name: "c", emptyDir: {} },
    ];
    const pod = make("Pod", { spec: { containers: [container], volumes: given } }) as Pod;
    expect(pod.spec.volumes).toEqual([
      { name: "a", rbd: { monitors: ["m"], image: "i", pool: "rbd" } },
      ...given.slice(1),
    ]);
  });

  test("change nothing that was given, and defaulting again changes nothing at all", () => {
    const given = Object.freeze({ containers: Object.freeze([Object.freeze({ ...container })]) });
    const once = make("Pod", { spec: given }) as Pod;
    expect((kindNamed("Pod").defaults(once as never) as Pod).spec).toBe(once.spec);
    for (const [kind, fields] of Object.entries(SAMPLES)) {
      const object = make(kind, fields);
      expect(kindNamed(kind).defaults(object as never)).toEqual(object);
    }
  });

  test("pods of one stored template share one spec", () => {
    const set = make("ReplicaSet", { spec: { selector, template } }) as unknown as {
      spec: { template: { spec: PodSpec } };
    };
    const { spec } = set.spec.template;
    expect((make("Pod", { spec }) as Pod).spec).toBe(spec);
  });

  test.each<[string, object, object]>([
    ["ReplicaSet", { spec: { selector, template } }, { replicas: 1 }],
    [
      "Deployment",
      { spec: { selector, template } },
      {
        replicas: 1,
        strategy: {
          type: "RollingUpdate",
          rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" },
        },
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
      },
    ],
    [
      "Job",
      { spec: { template: { spec: { containers: [container], restartPolicy: "Never" } } } },
      {
        parallelism: 1,
        completions: 1,
        backoffLimit: 6,
        completionMode: "NonIndexed",
        suspend: false,
      },
    ],
    ["Job", { spec: { parallelism: 5, template } }, { parallelism: 5 }],
    [
      "Service",
      { spec: { ports: [{ port: 80 }] } },
      {
        type: "ClusterIP",
        sessionAffinity: "None",
        internalTrafficPolicy: "Cluster",
        ports: [{ port: 80, protocol: "TCP", targetPort: 80 }],
      },
    ],
  ])("of a %s", (kind, fields, spec) => {
    expect((make(kind, fields) as unknown as { spec: object }).spec).toMatchObject(spec);
  });

  test("a Job without manualSelector selects its pods by its own uid", () => {
    const job = make("Job", SAMPLES["Job"] ?? {}) as unknown as {
      metadata: { uid: string };
      spec: { selector: object; template: { metadata: { labels: object } } };
    };
    const { uid } = job.metadata;
    expect(job.spec.selector).toEqual({
      matchLabels: { "batch.kubernetes.io/controller-uid": uid },
    });
    expect(job.spec.template.metadata.labels).toMatchObject({
      "job-name": "a",
      "controller-uid": uid,
    });
  });

  test("a node's allocatable is its capacity where it is not given", () => {
    const capacity = { cpu: "4", pods: "110" };
    expect((make("Node", { status: { capacity } }) as Pod).status).toMatchObject({
      allocatable: capacity,
    });
  });
});

const SAMPLES: Record<string, object> = {
  CSIDriver: { spec: { storageCapacity: true } },
  ControllerRevision: { data: { spec: {} }, revision: 1 },
  DaemonSet: { spec: { selector, template } },
  StatefulSet: { spec: { selector, template, serviceName: "a" } },
  CSINode: {
    spec: { drivers: [{ name: "csi.example.com", nodeID: "a", topologyKeys: ["zone"] }] },
  },
  CSIStorageCapacity: { storageClassName: "fast", capacity: "10Gi", nodeTopology: {} },
  Deployment: { spec: { selector, template } },
  EndpointSlice: {
    addressType: "IPv4",
    endpoints: [{ addresses: ["10.0.0.1"] }],
    ports: [{ port: 80 }],
  },
  Event: { involvedObject: { kind: "Pod", name: "a", namespace: "default" }, reason: "Scheduled" },
  CronJob: {
    spec: {
      schedule: "@daily",
      jobTemplate: {
        spec: { template: { spec: { containers: [container], restartPolicy: "Never" } } },
      },
    },
  },
  FlowSchema: {
    spec: {
      priorityLevelConfiguration: { name: "workload-low" },
      matchingPrecedence: 1000,
      distinguisherMethod: { type: "ByUser" },
      rules: [
        {
          subjects: [{ kind: "Group", group: { name: "system:authenticated" } }],
          nonResourceRules: [{ verbs: ["get"], nonResourceURLs: ["/healthz"] }],
        },
      ],
    },
  },
  PriorityLevelConfiguration: {
    spec: { type: "Limited", limited: { limitResponse: { type: "Reject" } } },
  },
  Job: { spec: { template: { spec: { containers: [container], restartPolicy: "Never" } } } },
  LimitRange: { spec: { limits: [{ type: "Container", max: { cpu: "2" }, min: { cpu: "1m" } }] } },
  Lease: { spec: { holderIdentity: "n", leaseDurationSeconds: 40 } },
  Namespace: {},
  Node: { status: { capacity: { cpu: "4", "example.com/gpu": "2" } } },
  PersistentVolume: {
    spec: {
      capacity: { storage: "1Gi" },
      accessModes: ["ReadWriteOnce"],
      csi: { driver: "csi.example.com", volumeHandle: "h" },
    },
  },
  PersistentVolumeClaim: {
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  },
  Pod: { spec: { containers: [container] } },
  HorizontalPodAutoscaler: {
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
      maxReplicas: 3,
      behavior: { scaleUp: { stabilizationWindowSeconds: 30 } },
    },
  },
  Ingress: {
    spec: {
      ingressClassName: "nginx",
      defaultBackend: { resource: { apiGroup: "k8s.example.com", kind: "Bucket", name: "b" } },
      rules: [
        {
          host: "a.io",
          http: {
            paths: [
              {
                path: "/",
                pathType: "Prefix",
                backend: { service: { name: "web", port: { number: 80 } } },
              },
            ],
          },
        },
      ],
      tls: [{ hosts: ["a.io"], secretName: "s" }],
    },
  },
  IngressClass: {
    spec: { controller: "k8s.io/ingress-nginx", parameters: { kind: "Config", name: "c" } },
  },
  PodDisruptionBudget: { spec: { minAvailable: "50%", selector } },
  PriorityClass: { value: 100 },
  ReplicaSet: { spec: { selector, template } },
  ResourceQuota: {
    spec: {
      hard: { pods: "4", "requests.cpu": "2" },
      scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "Exists" }] },
    },
    status: { hard: { pods: "4" }, used: { pods: "1" } },
  },
  Service: { spec: { ports: [{ port: 80 }] } },
  ServiceAccount: { imagePullSecrets: [{ name: "registry" }] },
  StorageClass: { provisioner: "csi.example.com" },
};

describe.each(allKinds.map((kind) => [kind.kind, kind] as const))("%s", (name, kind: Kind) => {
  test("has a valid sample, whose fields strict decoding knows", () => {
    const object = make(name, SAMPLES[name] ?? {});
    expect(faults(object)).toEqual([]);
    expect(strictDecode(kind, structuredClone(object))).toEqual([]);
    expect(kind.validateUpdate(object, object)).toEqual([]);
  });
  test("prints every column as text", () => {
    const object = make(name, SAMPLES[name] ?? {});
    for (const column of kind.printerColumns)
      expect(typeof column.value(object, 5_000_000)).toBe("string");
  });
  test("declares its top-level fields", () => {
    const top = [...(fieldSchema(kind).get(name)?.keys() ?? [])];
    expect(top.slice(0, 3)).toEqual(["apiVersion", "kind", "metadata"]);
    expect([...kind.fields].sort()).toEqual(top.slice(3).sort());
  });
});

describe("validation", () => {
  test.each<[string, ApiObject, string[]]>([
    [
      "no containers",
      make("Pod", { spec: { containers: [] } }),
      ["spec.containers: Required value"],
    ],
    ["no spec at all", make("Pod", {}), ["spec.containers: Required value"]],
    [
      "request above limit",
      podOf({ resources: { requests: { cpu: "2" }, limits: { cpu: "1500m" } } }),
      [
        'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1500m',
      ],
    ],
    [
      "an extended resource without limit",
      podOf({ resources: { requests: { "example.com/gpu": "1" } } }),
      [
        "spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources",
      ],
    ],
    [
      "a fraction of an extended resource",
      podOf({ resources: { limits: { "example.com/gpu": "500m" } } }),
      [
        'spec.containers[0].resources.limits[example.com/gpu]: Invalid value: "500m": must be an integer',
      ],
    ],
    [
      "two containers of one name",
      make("Pod", { spec: { containers: [container, container] } }),
      ['spec.containers[1].name: Duplicate value: "main"'],
    ],
    [
      "unknown policies",
      podWith({ restartPolicy: "Sometimes" }),
      [
        'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
      ],
    ],
    [
      "a toleration without key",
      podWith({ tolerations: [{ operator: "Equal", value: "x" }] }),
      [
        'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ],
    ],
    [
      "a port out of range",
      podOf({ ports: [{ containerPort: 70_000 }] }),
      [
        "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
      ],
    ],
    [
      "a required affinity without terms, a weight of 0",
      podWith({
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] },
            preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 0, preference: {} }],
          },
        },
      }),
      [
        "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term",
        "spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 0: must be in the range 1-100",
      ],
    ],
    [
      "a selector that does not select the template",
      make("ReplicaSet", { spec: { selector: { matchLabels: { app: "db" } }, template } }),
      [
        'spec.template.metadata.labels: Invalid value: map[string]string{"app":"web"}: `selector` does not match template `labels`',
      ],
    ],
    [
      "negative replicas",
      make("Deployment", { spec: { replicas: -1, selector, template } }),
      ["spec.replicas: Invalid value: -1: must be greater than or equal to 0"],
    ],
    [
      "a rolling update that can do nothing",
      make("Deployment", {
        spec: {
          selector,
          template,
          strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: "0%" } },
        },
      }),
      [
        'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0',
      ],
    ],
    [
      "a Job that restarts for ever",
      make("Job", { spec: { template } }),
      ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
    ],
    ["a Service without ports", make("Service", { spec: {} }), ["spec.ports: Required value"]],
    [
      "a negative capacity",
      make("Node", { status: { capacity: { cpu: "-1" } } }),
      ['status.capacity[cpu]: Invalid value: "-1": must be greater than or equal to 0'],
    ],
    [
      "a priority above the users' range",
      make("PriorityClass", { value: 2_000_000_000 }),
      ["value: Forbidden: maximum allowed value of a user defined priority is 1000000000"],
    ],
    [
      "a bad name",
      make("Pod", { spec: { containers: [container] } }, { name: "Web_1" }),
      [
        "metadata.name: Invalid value: \"Web_1\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      ],
    ],
  ])("refuses %s", (_, object, expected) => expect(faults(object)).toEqual(expected));
});

describe("updates", () => {
  const update = (kind: string, fields: object, old: object): string[] =>
    kindNamed(kind)
      .validateUpdate(make(kind, fields), make(kind, old))
      .map(({ path, message }) => `${path}: ${message}`);
  const spec = { containers: [container] };

  test("of a pod may change its image and add tolerations, nothing else", () => {
    const image = {
      containers: [{ ...container, image: "nginx:2", imagePullPolicy: "IfNotPresent" }],
    };
    expect(update("Pod", { spec: image }, { spec })).toEqual([]);
    const tolerations = [{ key: "a", operator: "Exists" }];
    expect(update("Pod", { spec: { ...spec, tolerations } }, { spec })).toEqual([]);
    expect(update("Pod", { spec }, { spec: { ...spec, tolerations } })[0]).toMatch(
      /^spec.tolerations: Forbidden: existing toleration/,
    );
    expect(update("Pod", { spec: { ...spec, nodeName: "n" } }, { spec })[0]).toMatch(
      /^spec: Forbidden/,
    );
  });

  test("of a gated pod may steer it", () => {
    const gated = { ...spec, schedulingGates: [{ name: "hold" }] };
    expect(update("Pod", { spec: { ...spec, nodeSelector: { a: "b" } } }, { spec: gated })).toEqual(
      [],
    );
  });

  test("may not change selectors, nor a Job's template", () => {
    const other = { matchLabels: { app: "web", tier: "x" } };
    expect(
      update(
        "Deployment",
        { spec: { selector: other, template } },
        { spec: { selector, template } },
      ),
    ).toEqual([
      'spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string{"app":"web", "tier":"x"}, MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: field is immutable',
    ]);
    const jobSpec = (name: string): object => ({
      template: { spec: { containers: [{ ...container, name }], restartPolicy: "Never" } },
    });
    expect(update("Job", { spec: jobSpec("b") }, { spec: jobSpec("a") })[0]).toMatch(
      /^spec.template: Invalid value/,
    );
    expect(update("PriorityClass", { value: 1 }, { value: 2 })).toEqual([
      "value: Forbidden: may not be changed in an update.",
    ]);
  });
});

describe("the scheme", () => {
  test("finds a kind by version and name, and nothing else", () => {
    expect(kindOf("apps/v1", "Deployment")?.resource).toBe("deployments");
    expect(kindOf("v1", "Deployment")).toBeUndefined();
    expect(() => kindNamed("Gadget")).toThrow('no kind "Gadget"');
    expect(unknownKind("apps/v1", "Deploymnt")).toBe(
      'no matches for kind "Deploymnt" in version "apps/v1"; did you mean kind "Deployment" in version "apps/v1"?',
    );
  });
});

describe("small rules", () => {
  test.each([
    [{ containers: [container] }, "BestEffort"],
    [{ containers: [{ ...container, resources: { requests: { cpu: "1" } } }] }, "Burstable"],
    [
      {
        containers: [
          {
            ...container,
            resources: {
              limits: { cpu: "1", memory: "1Gi" },
              requests: { cpu: "1000m", memory: "1Gi" },
            },
          },
        ],
      },
      "Guaranteed",
    ],
    [{ containers: [{ ...container, resources: { limits: { cpu: "1" } } }] }, "Burstable"],
  ])("the quality of service of %j is %s", (spec, wanted) => expect(qosClass(spec)).toBe(wanted));

  test.each([
    [0, "0s"],
    [119, "119s"],
    [330, "5m30s"],
    [7200, "120m"],
    [4 * 3600, "4h"],
    [30 * 3600, "30h"],
    [50 * 3600, "2d2h"],
    [20 * 86_400, "20d"],
    [800 * 86_400, "2y70d"],
  ])("an age of %d s is %s", (seconds, text) =>
    expect(humanDuration(seconds * 1_000_000)).toBe(text),
  );

  test("a binding needs a node", () => {
    const metadata = { name: "p", namespace: "default" };
    expect(
      validateBinding({ apiVersion: "v1", kind: "Binding", metadata, target: { name: "n" } }),
    ).toEqual([]);
    expect(
      validateBinding({
        apiVersion: "v1",
        kind: "Binding",
        metadata,
        target: { kind: "Pod", name: "" },
      }),
    ).toEqual([
      {
        path: "target.kind",
        message: 'Unsupported value: "Pod": supported values: "Node", "<empty>"',
      },
      { path: "target.name", message: "Required value" },
    ]);
  });
});
