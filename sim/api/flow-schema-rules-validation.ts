/**
 * Validation of a FlowSchema's rules: who asks, and for what.
 * Source: pkg/apis/flowcontrol/validation/validation.go of v1.30.
 */
import { forbidden, invalid, required, unsupported } from "./field-error.ts";
import type { FieldError } from "./kind.ts";
import { labelError, subdomainError } from "./name-format.ts";
import type { flowcontrol } from "./objects.ts";

const VERBS = [
  "create",
  "delete",
  "deletecollection",
  "get",
  "list",
  "patch",
  "proxy",
  "update",
  "watch",
];
const SUBJECT_KINDS = ["Group", "ServiceAccount", "User"];
/** Which field holds the subject of a kind. */
const SUBJECT_FIELDS = { ServiceAccount: "serviceAccount", User: "user", Group: "group" } as const;

/** The faults of one of a FlowSchema's rules. */
export function policyRuleFaults(
  rule: flowcontrol.PolicyRulesWithSubjects,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const { subjects = [], resourceRules = [], nonResourceRules = [] } = rule;
  if (subjects.length === 0) {
    errors.push(required(`${path}.subjects`, "subjects must contain at least one value"));
  }
  subjects.forEach((subject, i) => {
    validateSubject(subject, `${path}.subjects[${i}]`, errors);
  });
  if (resourceRules.length === 0 && nonResourceRules.length === 0) {
    const detail = "at least one of resourceRules and nonResourceRules has to be non-empty";
    errors.push(required(path, detail));
  }
  resourceRules.forEach((each, i) => {
    validateResourceRule(each, `${path}.resourceRules[${i}]`, errors);
  });
  nonResourceRules.forEach((each, i) => {
    validateNonResourceRule(each, `${path}.nonResourceRules[${i}]`, errors);
  });
  return errors;
}

function validateSubject(subject: flowcontrol.Subject, path: string, errors: FieldError[]): void {
  const field = SUBJECT_FIELDS[subject.kind as keyof typeof SUBJECT_FIELDS];
  if (field === undefined) {
    errors.push(unsupported(`${path}.kind`, subject.kind, SUBJECT_KINDS));
    return;
  }
  if (field === "serviceAccount") validateAccount(subject.serviceAccount, path, errors);
  else if (subject[field] === undefined) {
    const detail = `${field} is required when subject kind is '${subject.kind}'`;
    errors.push(required(`${path}.${field}`, detail));
  } else if (subject[field].name === "") errors.push(required(`${path}.${field}.name`));
  for (const [kind, other] of Object.entries(SUBJECT_FIELDS)) {
    if (other === field || subject[other] === undefined) continue;
    const detail = `${other} is forbidden when subject kind is not '${kind}'`;
    errors.push(forbidden(`${path}.${other}`, detail));
  }
}

function validateAccount(
  account: flowcontrol.ServiceAccountSubject | undefined,
  path: string,
  errors: FieldError[],
): void {
  const at = `${path}.serviceAccount`;
  if (account === undefined) {
    const detail = "serviceAccount is required when subject kind is 'ServiceAccount'";
    errors.push(required(at, detail));
    return;
  }
  const { name = "", namespace = "" } = account;
  if (name === "") errors.push(required(`${at}.name`));
  else if (name !== "*" && subdomainError(name) !== "") {
    errors.push(invalid(`${at}.name`, name, subdomainError(name)));
  }
  if (namespace === "") {
    errors.push(required(`${at}.namespace`, "must specify namespace for service account"));
  } else if (labelError(namespace) !== "") {
    errors.push(invalid(`${at}.namespace`, namespace, labelError(namespace)));
  }
}

function validateResourceRule(
  rule: flowcontrol.ResourcePolicyRule,
  path: string,
  errors: FieldError[],
): void {
  const { verbs, apiGroups = [], resources = [], namespaces = [], clusterScope = false } = rule;
  validateVerbs(verbs, path, errors);
  validateSet(apiGroups, `${path}.apiGroups`, "api group", errors);
  validateSet(resources, `${path}.resources`, "resource", errors);
  const at = `${path}.namespaces`;
  if (namespaces.length === 0 && !clusterScope) {
    const detail = "resource rules that are not cluster scoped must supply at least one namespace";
    errors.push(required(at, detail));
  } else if (namespaces.includes("*")) {
    const detail = "if '*' is present, must not specify other namespaces";
    if (namespaces.length > 1) errors.push(invalid(at, namespaces, detail));
  } else {
    namespaces.forEach((namespace, i) => {
      const fault = labelError(namespace);
      const detail = `each member of this list must be '*' or a DNS-1123 label; ${fault}`;
      if (fault !== "") errors.push(invalid(`${at}[${i}]`, namespace, detail));
    });
  }
}

function validateSet(
  values: readonly string[],
  path: string,
  what: string,
  errors: FieldError[],
): void {
  if (values.length === 0) {
    errors.push(required(path, `resource rules must supply at least one ${what}`));
  } else if (values.length > 1 && values.includes("*")) {
    errors.push(invalid(path, values, `if '*' is present, must not specify other ${what}s`));
  }
}

function validateNonResourceRule(
  rule: flowcontrol.NonResourcePolicyRule,
  path: string,
  errors: FieldError[],
): void {
  validateVerbs(rule.verbs, path, errors);
  const { nonResourceURLs: urls = [] } = rule;
  const at = `${path}.nonResourceURLs`;
  if (urls.length === 0) {
    errors.push(required(at, "nonResourceURLs must contain at least one value"));
  } else if (urls.includes("*")) {
    const detail = "if '*' is present, must not specify other non-resource URLs";
    if (urls.length > 1) errors.push(invalid(at, urls, detail));
  } else {
    urls.forEach((url, i) => {
      const fault = urlFault(url);
      if (fault !== "") errors.push(invalid(`${at}[${i}]`, url, fault));
    });
  }
}

function validateVerbs(verbs: readonly string[] = [], path: string, errors: FieldError[]): void {
  const at = `${path}.verbs`;
  if (verbs.length === 0) errors.push(required(at, "verbs must contain at least one value"));
  else if (verbs.includes("*")) {
    const detail = "if '*' is present, must not specify other verbs";
    if (verbs.length > 1) errors.push(invalid(at, verbs, detail));
  } else if (!verbs.every((verb) => VERBS.includes(verb))) {
    errors.push(unsupported(at, verbs, VERBS));
  }
}

/** Why a path is refused, or "" when it is well formed. */
function urlFault(path: string): string {
  if (path === "") return "must not be empty";
  if (path === "/") return "";
  if (!path.startsWith("/")) return "must start with slash";
  if (path.includes(" ")) return "must not contain white-space";
  if (path.includes("//")) return "must not contain double slash";
  const wildcards = path.split("*").length - 1;
  const isSuffix = wildcards === 0 || (wildcards === 1 && path.endsWith("/*"));
  return isSuffix ? "" : "wildcard can only do suffix matching";
}
