/**
 * Which FlowSchema a request belongs to: the first one, by precedence, of which a rule names both
 * its user and what it asks for.
 * Source: apiserver/pkg/util/flowcontrol/rule.go of v1.30.
 */
import type { flowcontrol } from "../../api/index.ts";
import type { UserInfo } from "../identity.ts";
import type { SchemaConfiguration } from "./configuration.ts";

/** What flow control sees of a request (request.RequestInfo). */
export interface RequestInfo {
  readonly user: UserInfo;
  readonly verb: string;
  readonly apiGroup: string;
  readonly resource: string;
  readonly subresource: string;
  /** "" for what lives in no namespace, and for a list or watch of all namespaces. */
  readonly namespace: string;
}

/** The schema that the request belongs to; undefined when none matches, not even catch-all. */
export function matchFlowSchema(
  schemas: readonly SchemaConfiguration[],
  request: RequestInfo,
): SchemaConfiguration | undefined {
  const { resource, apiGroup } = request;
  const path = request.subresource === "" ? resource : `${resource}/${request.subresource}`;
  return schemas.find(({ spec }) =>
    (spec.rules ?? []).some(
      ({ subjects, resourceRules = [] }) =>
        subjects.some((subject) => isMeant(subject, request.user)) &&
        resourceRules.some((rule) => covers(rule, request, apiGroup, path)),
    ),
  );
}

/** What tells the flows of a schema apart for this request; "" when all its requests are one flow. */
export function distinguisherOf(
  { spec }: SchemaConfiguration,
  { user, namespace }: RequestInfo,
): string {
  switch (spec.distinguisherMethod?.type) {
    case "ByUser":
      return user.name;
    case "ByNamespace":
      return namespace;
    default:
      return "";
  }
}

function isMeant(
  { kind, user, group, serviceAccount }: flowcontrol.Subject,
  who: UserInfo,
): boolean {
  if (kind === "User") return user?.name === "*" || user?.name === who.name;
  if (kind === "Group") return group?.name === "*" || who.groups.includes(group?.name ?? "");
  if (serviceAccount === undefined) return false;
  const prefix = `system:serviceaccount:${serviceAccount.namespace}:`;
  if (serviceAccount.name === "*") return who.name.startsWith(prefix);
  return who.name === prefix + serviceAccount.name;
}

function covers(
  rule: flowcontrol.ResourcePolicyRule,
  { verb, namespace }: RequestInfo,
  apiGroup: string,
  path: string,
): boolean {
  if (!has(rule.verbs, verb) || !has(rule.apiGroups, apiGroup) || !has(rule.resources, path))
    return false;
  return namespace === "" ? rule.clusterScope === true : has(rule.namespaces ?? [], namespace);
}

function has(list: readonly string[], value: string): boolean {
  return list.includes(value) || list.includes("*");
}
