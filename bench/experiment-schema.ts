/**
 * The schema of the experiment file. Loaded only when a file is given: zod takes longer to import
 * than a small run takes to simulate.
 *
 * The message of an issue is what was *wanted* ("a duration such as 90s"), except for unknown
 * fields, where it lists the known ones; `experiment-file.ts` makes sentences of them.
 */
import { z } from "zod";
import { admissionPluginNames } from "../sim/apiserver/index.ts";
import { allControllerNames } from "../sim/controllers/index.ts";
import { faultKinds } from "../sim/index.ts";
import { nearestName } from "../sim/kernel/index.ts";
import { type ClusterOptions, defaultClusterOptions } from "../sim/options/index.ts";
import { type STEP_VERBS, stepFault } from "../workloads/index.ts";
import { analysis, outputs } from "./report-schema.ts";
import {
  choice,
  distribution,
  duration,
  fields,
  flag,
  judged,
  list,
  positive,
  text,
  whole,
} from "./schema-parts.ts";
import { DURATION_WANTED, isAmount, isDuration, policyFault } from "./setting-checks.ts";
import { balancer, refuseUnserved, services, traffic } from "./traffic-schema.ts";

const QUANTITY_WANTED = "a quantity of 0 or more, such as 500m, 4 or 16Gi";
const quantity = z
  .union([z.string(), z.number()], { error: QUANTITY_WANTED })
  .refine((value) => isAmount(String(value)), { error: QUANTITY_WANTED });
const labels = z.record(z.string(), z.string({ error: "text; put numbers in quotes" }), {
  error: "names with values",
});
const amounts = z.record(z.string(), quantity, { error: "names of resources with quantities" });
const objectName = z
  .string({ error: "a name" })
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, { error: "lower-case letters, digits and '-'" });

type Partially<T> = T extends object
  ? { readonly [K in keyof T]?: Partially<T[K]> | undefined }
  : T;
export type ClusterInput = Partially<Omit<ClusterOptions, "seed">>;

/** Settings whose value is one of a few words, by name, or by section and name. */
const clusterChoices: Readonly<Record<string, readonly string[]>> = {
  evaluation: ["full", "incremental", "verify"],
  ties: ["seeded", "lowest-name"],
  proxyMode: ["iptables", "ipvs", "nftables"],
  ipvsScheduler: ["rr", "wrr", "lc", "wlc", "sh", "dh", "sed", "nq"],
  syncModel: ["rules", "lag"],
  stoppingServers: ["drain", "drop"],
  "dns.mode": ["none", "cluster", "node-local"],
  "ingress.mode": ["none", "nginx"],
  names: ["short", "qualified", "absolute"],
};

const MIN_SYNC_WANTED = `${DURATION_WANTED}, or "": what the proxy mode has`;
const RANGE_WANTED = "a range of addresses, such as 10.96.0.0/12";
const PORTS_WANTED = "a range of ports, such as 30000-32767";

const PERCENTAGE_WANTED = "a whole number from 0 to 100 (0: adaptive), or profile";

/** Settings of a form of their own. */
const clusterTexts: Readonly<Record<string, z.ZodType>> = {
  percentageOfNodesToScore: z.union([z.int().min(0).max(100), z.literal("profile")], {
    error: PERCENTAGE_WANTED,
  }),
  minSyncPeriod: z
    .string({ error: MIN_SYNC_WANTED })
    .refine((value) => value === "" || isDuration(value), { error: MIN_SYNC_WANTED }),
  syncPeriod: duration,
  fullSyncPeriod: duration,
  serviceClusterIpRange: text(RANGE_WANTED).regex(/^[0-9]+([.][0-9]+){3}\/[0-9]+$/, {
    error: RANGE_WANTED,
  }),
  serviceNodePortRange: text(PORTS_WANTED).regex(/^[0-9]+-[0-9]+$/, { error: PORTS_WANTED }),
};

const client = fields({
  qps: z.number({ error: "requests per second, 0: no limit" }).min(0, { error: "0 or more" }),
  burst: whole(0, "a whole number of requests, 0 or more"),
});

/** As --controllers has it: `*`, a controller's name, or one with a minus before it. */
const controller = judged("the name of a controller, one with a minus, or *", (given) => {
  const name = given.startsWith("-") ? given.slice(1) : given;
  if (given === "*" || allControllerNames.includes(name)) return undefined;
  const near = nearestName(name, allControllerNames);
  const meant =
    near === undefined ? `Known: ${allControllerNames.join(", ")}.` : `Did you mean "${near}"?`;
  return `got "${given}", want the name of a controller, one with a minus, or *. ${meant}`;
});

const RATE_WANTED = "a share of requests, 0 to 1";
const webhook = fields({
  name: text("the name of a webhook, such as policy.example.com"),
  type: choice(["mutating", "validating"]),
  kinds: list(text("a kind, such as Pod, or *"), "a list of kinds").min(1, {
    error: "at least one kind",
  }),
  latency: distribution,
  operations: list(choice(["CREATE", "UPDATE", "DELETE"]), "a list of operations").optional(),
  namespaces: list(objectName, "a list of namespaces").optional(),
  timeoutSeconds: whole(1, "whole seconds, 1 to 30")
    .max(30, { error: "whole seconds, 1 to 30" })
    .optional(),
  failurePolicy: choice(["Fail", "Ignore"]).optional(),
  rejectionRate: z
    .number({ error: RATE_WANTED })
    .min(0, { error: RATE_WANTED })
    .max(1, { error: RATE_WANTED })
    .optional(),
  message: text("a message").optional(),
});

/** Settings that are lists: their defaults do not tell what may stand in them. */
const clusterLists: Readonly<Record<string, z.ZodType>> = {
  controllers: list(controller, "a list of controllers"),
  disableAdmissionPlugins: list(choice(admissionPluginNames), "a list of admission plugins"),
  webhooks: list(webhook, "a list of webhooks"),
};

/**
 * The schema of settings that have these defaults: same names, same types, all optional. Texts that
 * nothing else is said about are distributions of times.
 */
function like(name: string, value: unknown, section = ""): z.ZodType {
  if (name === "clients")
    return z.record(z.string(), client, { error: "names of clients with limits" });
  if (name === "series")
    return z.record(z.string(), text("a profile, such as 0s=100, 60s~400"), {
      error: "names of series with profiles",
    });
  if (name === "balancer") return balancer(section === "ingress" ? undefined : "");
  const names = clusterChoices[`${section}.${name}`] ?? clusterChoices[name];
  if (names !== undefined) return choice(names);
  const special = clusterLists[name] ?? clusterTexts[name];
  if (special !== undefined) return special;
  if (typeof value === "boolean") return flag;
  if (typeof value === "number")
    return z.number({ error: "a number, 0 or more" }).min(0, { error: "a number, 0 or more" });
  if (typeof value === "string") return distribution;
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error(`no schema for cluster setting "${name}" with default ${String(value)}`);
  return fields(
    Object.fromEntries(
      Object.entries(value).map(([key, x]) => [key, like(key, x, name).optional()]),
    ),
  );
}

const { seed: _seed, ...clusterDefaults } = defaultClusterOptions;
const cluster = like("cluster", clusterDefaults) as z.ZodType<ClusterInput>;

const openb = fields({
  pods: text("the path of a task list").optional(),
  nodes: text("the path of a node list").optional(),
  load: z
    .union([positive("a number above 0, or as-is"), z.literal("as-is")], {
      error: "a number above 0, or as-is",
    })
    .optional(),
  rate: positive("arrivals per second, above 0").optional(),
  timeScale: positive("a number above 0").optional(),
  images: list(text("the name of an image"), "a list of images")
    .min(1, { error: "at least one image" })
    .optional(),
  imageBytes: whole(0, "a whole number of bytes, 0 or more").optional(),
});

const paths = list(text("a path"), "a list of paths");
const object = text("an object, such as deployment/web");
const node = text("the name of a node");
const marks = z.record(z.string(), z.string({ error: "text, or null to take it off" }).nullable(), {
  error: "names with values; null takes one off",
});
const verbs: Readonly<Record<keyof typeof STEP_VERBS, z.ZodString>> = {
  apply: text("the path of a manifest file"),
  create: text("the path of a manifest file"),
  delete: object,
  patch: object,
  scale: object,
  rolloutUndo: object,
  rolloutRestart: object,
  rolloutPause: object,
  rolloutResume: object,
  setImage: object,
  label: object,
  annotate: object,
  taint: node,
  cordon: node,
  uncordon: node,
  drain: node,
  evict: text("the name of a pod"),
  get: object,
  list: text("a kind, such as pods"),
};
const REVISION_WANTED = 'a revision as text: "0" is whatever the watch cache has';
const step = fields({
  at: duration.optional(),
  namespace: objectName.optional(),
  as: text("the name of a user").optional(),
  repeat: fields({
    every: duration,
    times: whole(1, "a whole number of times, 1 or more"),
  }).optional(),
  ...(Object.fromEntries(
    Object.entries(verbs).map(([name, schema]) => [name, schema.optional()]),
  ) as Record<keyof typeof verbs, z.ZodOptional<z.ZodString>>),
  serverSide: flag.optional(),
  fieldManager: text("a name").optional(),
  force: flag.optional(),
  propagationPolicy: choice(["Background", "Foreground", "Orphan"]).optional(),
  gracePeriodSeconds: whole(0, "whole seconds, 0 or more").optional(),
  with: z
    .union([z.record(z.string(), z.unknown()), z.array(z.record(z.string(), z.unknown()))], {
      error: "the fields to patch; of a JSON patch a list of operations",
    })
    .optional(),
  type: choice(["strategic", "merge", "json"]).optional(),
  subresource: choice(["status"]).optional(),
  replicas: whole(0, "a whole number of pods, 0 or more").optional(),
  toRevision: whole(0, "a whole number, 0 or more").optional(),
  images: z
    .record(z.string(), text("the name of an image"), { error: "images by name of container" })
    .optional(),
  values: marks.optional(),
  taints: list(text("a taint, such as key=value:NoSchedule"), "a list of taints").optional(),
  timeout: duration.optional(),
  allNamespaces: flag.optional(),
  selector: z.string({ error: "a selector, such as app=web" }).optional(),
  fieldSelector: z.string({ error: "a selector, such as status.phase=Running" }).optional(),
  limit: whole(0, "objects on a page, 0: all at once").optional(),
  resourceVersion: z
    .string({ error: REVISION_WANTED })
    .regex(/^[0-9]+$/, { error: REVISION_WANTED })
    .optional(),
  resourceVersionMatch: choice(["Exact", "NotOlderThan"]).optional(),
}).superRefine((value, context) => {
  const fault = stepFault(value);
  if (fault !== undefined)
    context.addIssue({ code: "custom", message: fault, params: { whole: true } });
});
const nodeGroup = fields({
  name: objectName,
  count: whole(1, "a whole number of nodes, 1 or more").optional(),
  cpu: quantity.optional(),
  memory: quantity.optional(),
  pods: whole(0, "a whole number of pods, 0 or more").optional(),
  labels: labels.optional(),
  taints: list(
    fields({
      key: text("a taint's key"),
      value: z.string({ error: "text" }).optional(),
      effect: choice(["NoSchedule", "PreferNoSchedule", "NoExecute"]),
    }),
    "a list of taints",
  ).optional(),
  resources: amounts.optional(),
});

const manifests = fields({
  nodes: paths.optional(),
  nodeGroups: list(nodeGroup, "a list of groups of nodes").optional(),
  manifests: paths.optional(),
  steps: list(step, "a list of steps").optional(),
  gap: duration.optional(),
  jobDuration: duration.optional(),
});

const podShape = {
  name: objectName,
  namespace: objectName.optional(),
  cpu: quantity.optional(),
  memory: quantity.optional(),
  resources: amounts.optional(),
  image: text("the name of an image").optional(),
  imageBytes: whole(0, "a whole number of bytes, 0 or more").optional(),
  labels: labels.optional(),
  nodeSelector: labels.optional(),
  tolerations: list(
    fields({
      key: z.string({ error: "text" }).optional(),
      operator: choice(["Exists", "Equal"]).optional(),
      value: z.string({ error: "text" }).optional(),
      effect: choice(["NoSchedule", "PreferNoSchedule", "NoExecute"]).optional(),
      tolerationSeconds: whole(0, "whole seconds, 0 or more").optional(),
    }),
    "a list of tolerations",
  ).optional(),
  start: duration.optional(),
};
const arrivalShape = {
  ...podShape,
  count: whole(1, "a whole number, 1 or more").optional(),
  arrivals: distribution.optional(),
  duration: distribution.optional(),
};

const synthetic = fields({
  nodes: list(nodeGroup, "a list of groups of nodes").optional(),
  pods: list(fields(arrivalShape), "a list of groups of pods").optional(),
  jobs: list(
    fields({
      ...arrivalShape,
      parallelism: whole(1, "a whole number of pods, 1 or more").optional(),
      completions: whole(1, "a whole number of pods, 1 or more").optional(),
    }),
    "a list of groups of Jobs",
  ).optional(),
  deployments: list(
    fields({
      ...podShape,
      replicas: whole(0, "a whole number of pods, 0 or more").optional(),
      port: whole(1, "a port, 1 to 65535").max(65_535, { error: "a port, 1 to 65535" }).optional(),
    }),
    "a list of Deployments",
  ).optional(),
});

const fault = fields({
  at: duration,
  fault: choice(faultKinds),
  for: duration.optional(),
  server: whole(0, "the number of an API server, from 0").optional(),
  factor: positive("a number above 0").optional(),
  kind: text("a kind, such as Pod").optional(),
  node: text("the name of a node").optional(),
});

const seed = z.union([z.string().min(1), z.int()], { error: "a seed: a whole number or text" });

const SEEDS_WANTED = "how many seeds, 1 to 100000, or a list of seeds";

const workload = fields({
  openb: openb.nullable().optional(),
  manifests: manifests.optional(),
  synthetic: synthetic.optional(),
});
const NAMED_WANTED = "names with what they stand for, at least one";
/** Values by name, at least one; a name is text that a CSV cell and a file name can hold. */
const named = <Value extends z.ZodType>(value: Value) =>
  z
    .record(z.string().regex(/^[A-Za-z0-9][-A-Za-z0-9._]*$/), value, { error: NAMED_WANTED })
    .refine((record) => Object.keys(record).length > 0, { error: NAMED_WANTED });
const VALUES_WANTED = "a list of values, at least one";
/** What a sweep varies: see bench/study. */
const matrix = {
  include: z.union([text("a path"), paths], { error: "a path, or a list of paths" }).optional(),
  workloads: named(workload).optional(),
  clusters: named(cluster).optional(),
  parameters: z
    .record(z.string(), z.array(z.unknown(), { error: VALUES_WANTED }).min(1, VALUES_WANTED), {
      error: "paths of settings, each with a list of values",
    })
    .optional(),
};

export const experimentSchema = fields({
  name: text("a name").optional(),
  cluster: cluster.optional(),
  workload: workload.optional(),
  ...matrix,
  policies: list(judged("the name or path of a policy", policyFault), "a list of policies")
    .min(1, { error: "at least one policy" })
    .optional(),
  seeds: z
    .union(
      [
        whole(1, SEEDS_WANTED).max(100_000, { error: SEEDS_WANTED }),
        list(seed, SEEDS_WANTED).min(1, { error: SEEDS_WANTED }),
      ],
      { error: SEEDS_WANTED },
    )
    .optional(),
  horizon: z
    .string({ error: `auto, or ${DURATION_WANTED}` })
    .refine((value) => value === "auto" || isDuration(value), {
      error: `auto, or ${DURATION_WANTED}`,
    })
    .optional(),
  outputs: outputs.optional(),
  analysis: analysis.optional(),
  traffic: list(traffic, "a list of request loads").optional(),
  services: services.optional(),
  faults: list(fault, "a list of faults").optional(),
}).superRefine(refuseUnserved);

/** An experiment file as it is written: whatever is missing takes its default. */
export type ExperimentInput = z.infer<typeof experimentSchema>;

/** The JSON Schema of the experiment file, for editors. */
export function experimentJsonSchema(): object {
  return z.toJSONSchema(experimentSchema, { io: "input" });
}
