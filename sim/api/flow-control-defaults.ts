/**
 * The flow control configuration that every API server begins with: priority levels and flow
 * schemas, mandatory and suggested. They act without being stored; a stored object of the same name
 * takes the place of a suggested one.
 * Source: apiserver/pkg/apis/flowcontrol/bootstrap/default.go of v1.30.
 */
import type { flowcontrol } from "./objects.ts";

export interface DefaultPriorityLevel {
  readonly name: string;
  /** Its spec must stay as it is here, but for `exempt`'s own fields. */
  readonly isMandatory: boolean;
  readonly spec: flowcontrol.PriorityLevelConfigurationSpec;
}

export interface DefaultFlowSchema {
  readonly name: string;
  readonly isMandatory: boolean;
  readonly spec: flowcontrol.FlowSchemaSpec;
}

type Distinguisher = "" | "ByUser" | "ByNamespace";

const EVERY_REQUEST: Omit<flowcontrol.PolicyRulesWithSubjects, "subjects"> = {
  resourceRules: [resourceRule(["*"], ["*"], ["*"], true)],
  nonResourceRules: [{ verbs: ["*"], nonResourceURLs: ["*"] }],
};
const ELECTION_VERBS = ["get", "create", "update"];
const LEASES = ["coordination.k8s.io"];
const ANYBODY = groups("system:unauthenticated", "system:authenticated");
const SYSTEM_ACCOUNTS = systemAccounts("*");

export const defaultPriorityLevels: readonly DefaultPriorityLevel[] = [
  {
    name: "exempt",
    isMandatory: true,
    spec: { type: "Exempt", exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
  },
  {
    name: "catch-all",
    isMandatory: true,
    spec: {
      type: "Limited",
      limited: {
        nominalConcurrencyShares: 5,
        lendablePercent: 0,
        limitResponse: { type: "Reject" },
      },
    },
  },
  queuing("system", 30, 33, 64, 6),
  queuing("node-high", 40, 25, 64, 6),
  queuing("leader-election", 10, 0, 16, 4),
  queuing("workload-high", 40, 50, 128, 6),
  queuing("workload-low", 100, 90, 128, 6),
  queuing("global-default", 20, 50, 128, 6),
];

export const defaultFlowSchemas: readonly DefaultFlowSchema[] = [
  schema("exempt", "exempt", 1, "", [{ subjects: groups("system:masters"), ...EVERY_REQUEST }]),
  schema("probes", "exempt", 2, "", [
    {
      subjects: ANYBODY,
      nonResourceRules: [{ verbs: ["get"], nonResourceURLs: ["/healthz", "/readyz", "/livez"] }],
    },
  ]),
  schema("system-leader-election", "leader-election", 100, "ByUser", [
    {
      subjects: [
        ...users("system:kube-controller-manager", "system:kube-scheduler"),
        ...SYSTEM_ACCOUNTS,
      ],
      resourceRules: [resourceRule(ELECTION_VERBS, LEASES, ["leases"], false)],
    },
  ]),
  schema("endpoint-controller", "workload-high", 150, "ByUser", [
    {
      subjects: [
        ...users("system:kube-controller-manager"),
        ...systemAccounts("endpoint-controller", "endpointslicemirroring-controller"),
      ],
      resourceRules: [resourceRule(ELECTION_VERBS, [""], ["endpoints"], false)],
    },
  ]),
  schema("workload-leader-election", "leader-election", 200, "ByUser", [
    {
      subjects: SYSTEM_ACCOUNTS,
      resourceRules: [
        resourceRule(ELECTION_VERBS, [""], ["endpoints", "configmaps"], false),
        resourceRule(ELECTION_VERBS, LEASES, ["leases"], false),
      ],
    },
  ]),
  schema("system-node-high", "node-high", 400, "ByUser", [
    {
      subjects: groups("system:nodes"),
      resourceRules: [
        resourceRule(["*"], [""], ["nodes", "nodes/status"], true),
        resourceRule(["*"], LEASES, ["leases"], false),
      ],
    },
  ]),
  every("system-nodes", "system", 500, "ByUser", groups("system:nodes")),
  every(
    "kube-controller-manager",
    "workload-high",
    800,
    "ByNamespace",
    users("system:kube-controller-manager"),
  ),
  every("kube-scheduler", "workload-high", 800, "ByNamespace", users("system:kube-scheduler")),
  every("kube-system-service-accounts", "workload-high", 900, "ByNamespace", SYSTEM_ACCOUNTS),
  every("service-accounts", "workload-low", 9000, "ByUser", groups("system:serviceaccounts")),
  every("global-default", "global-default", 9900, "ByUser", ANYBODY),
  every("catch-all", "catch-all", 10_000, "ByUser", ANYBODY),
];

function queuing(
  name: string,
  nominalConcurrencyShares: number,
  lendablePercent: number,
  queues: number,
  handSize: number,
): DefaultPriorityLevel {
  const limitResponse = { type: "Queue", queuing: { queues, handSize, queueLengthLimit: 50 } };
  const limited = { nominalConcurrencyShares, lendablePercent, limitResponse };
  return { name, isMandatory: false, spec: { type: "Limited", limited } };
}

function every(
  name: string,
  level: string,
  matchingPrecedence: number,
  distinguisher: Distinguisher,
  subjects: flowcontrol.Subject[],
): DefaultFlowSchema {
  return schema(name, level, matchingPrecedence, distinguisher, [{ subjects, ...EVERY_REQUEST }]);
}

function schema(
  name: string,
  level: string,
  matchingPrecedence: number,
  distinguisher: Distinguisher,
  rules: flowcontrol.PolicyRulesWithSubjects[],
): DefaultFlowSchema {
  const spec: flowcontrol.FlowSchemaSpec = {
    matchingPrecedence,
    priorityLevelConfiguration: { name: level },
    ...(distinguisher === "" ? {} : { distinguisherMethod: { type: distinguisher } }),
    rules,
  };
  return { name, isMandatory: name === "exempt" || name === "catch-all", spec };
}

function resourceRule(
  verbs: string[],
  apiGroups: string[],
  resources: string[],
  clusterScope: boolean,
): flowcontrol.ResourcePolicyRule {
  return { verbs, apiGroups, resources, namespaces: ["*"], clusterScope };
}

function users(...names: string[]): flowcontrol.Subject[] {
  return names.map((name) => ({ kind: "User", user: { name } }));
}

function groups(...names: string[]): flowcontrol.Subject[] {
  return names.map((name) => ({ kind: "Group", group: { name } }));
}

function systemAccounts(...names: string[]): flowcontrol.Subject[] {
  return names.map((name) => ({
    kind: "ServiceAccount",
    serviceAccount: { namespace: "kube-system", name },
  }));
}
