/**
 * The formats of names, label keys and values, each check in the API's own words.
 *
 * A check returns why the text is refused, or "" when it is well formed.
 * Source: staging/src/k8s.io/apimachinery/pkg/util/validation/validation.go of v1.30.
 */

const LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?";
const QUALIFIED = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const LABEL_VALUE = `(${QUALIFIED})?`;
const ENVIRONMENT = "[-._a-zA-Z][-._a-zA-Z0-9]*";

const whole = (pattern: string): RegExp => new RegExp(`^${pattern}$`);

const LABEL_REGEXP = whole(LABEL);
// Without the nested repetition of SUBDOMAIN, which backtracks; it accepts the same texts.
const SUBDOMAIN_REGEXP = /^[a-z0-9](?:[a-z0-9]|-(?=[-a-z0-9])|\.(?=[a-z0-9]))*$/;
const LABEL_1035_REGEXP = whole(LABEL_1035);
const QUALIFIED_REGEXP = /^[A-Za-z0-9]$|^[A-Za-z0-9][-A-Za-z0-9_.]*[A-Za-z0-9]$/;
const ENVIRONMENT_REGEXP = whole(ENVIRONMENT);

const SUBDOMAIN_RULE = withRegexp(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  SUBDOMAIN,
  ["example.com"],
);
const LABEL_RULE = withRegexp(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  LABEL,
  ["my-name", "123-abc"],
);
const LABEL_1035_RULE = withRegexp(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  LABEL_1035,
  ["my-name", "abc-123"],
);
const QUALIFIED_RULE = withRegexp(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  QUALIFIED,
  ["MyName", "my.name", "123-abc"],
);
const LABEL_VALUE_RULE = withRegexp(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  LABEL_VALUE,
  ["MyValue", "my_value", "12345"],
);
const WILDCARD_RULE = withRegexp(
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  `\\*\\.${SUBDOMAIN}`,
  ["*.example.com"],
);
const HEADER_RULE = withRegexp(
  "a valid HTTP header must consist of alphanumeric characters or '-'",
  "[-A-Za-z0-9]+",
  ["X-Header-Name"],
);
const CONFIG_KEY_RULE = withRegexp(
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  "[-._a-zA-Z0-9]+",
  ["key.name", "KEY_NAME", "key-name"],
);
const ENVIRONMENT_RULE = withRegexp(
  "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit",
  ENVIRONMENT,
  ["my.env-name", "MY_ENV.NAME", "MyEnvName1"],
);

/** Most names of objects: RFC 1123 subdomain, at most 253 characters. */
export function subdomainError(name: string): string {
  if (name.length > 253) return tooLong(253);
  return SUBDOMAIN_REGEXP.test(name) ? "" : SUBDOMAIN_RULE;
}

/** Names of namespaces, containers and ports: RFC 1123 label, at most 63 characters. */
export function labelError(name: string): string {
  if (name.length > 63) return tooLong(63);
  return LABEL_REGEXP.test(name) ? "" : LABEL_RULE;
}

/** Names of Services: RFC 1035 label, at most 63 characters. */
export function label1035Error(name: string): string {
  if (name.length > 63) return tooLong(63);
  return LABEL_1035_REGEXP.test(name) ? "" : LABEL_1035_RULE;
}

/** Keys of labels, annotations and taints, names of resources: `[prefix/]name`. */
export function qualifiedNameError(key: string): string {
  const slash = key.indexOf("/");
  if (slash < 0) return qualifiedPartError(key);
  if (key.indexOf("/", slash + 1) >= 0) {
    return `a qualified name ${QUALIFIED_RULE} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`;
  }
  if (slash === 0) return "prefix part must be non-empty";
  const prefix = subdomainError(key.slice(0, slash));
  if (prefix !== "") return `prefix part ${prefix}`;
  return qualifiedPartError(key.slice(slash + 1));
}

/** Values of labels: empty, or at most 63 of letters, digits, `-`, `_`, `.`. */
export function labelValueError(value: string): string {
  if (value.length > 63) return tooLong(63);
  return value === "" || QUALIFIED_REGEXP.test(value) ? "" : LABEL_VALUE_RULE;
}

/** Names of container ports: IANA service names. */
export function portNameError(name: string): string {
  if (name.length > 15) return tooLong(15);
  if (!/^[-a-z0-9]+$/.test(name)) {
    return "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)";
  }
  if (!/[a-z]/.test(name)) return "must contain at least one letter (a-z)";
  if (name.includes("--")) return "must not contain consecutive hyphens";
  return name.startsWith("-") || name.endsWith("-") ? "must not begin or end with a hyphen" : "";
}

/** Names of environment variables. */
export function environmentNameError(name: string): string {
  return ENVIRONMENT_REGEXP.test(name) ? "" : ENVIRONMENT_RULE;
}

/** Hosts of an Ingress such as `*.example.com`. */
export function wildcardError(host: string): string {
  if (host.length > 253) return tooLong(253);
  const rest = host.startsWith("*.") ? host.slice(2) : "";
  return SUBDOMAIN_REGEXP.test(rest) ? "" : WILDCARD_RULE;
}

/** Names of HTTP headers. */
export function headerNameError(name: string): string {
  return /^[-A-Za-z0-9]+$/.test(name) ? "" : HEADER_RULE;
}

/** Keys of ConfigMaps and Secrets. */
export function configKeyError(key: string): string {
  if (key.length > 253) return tooLong(253);
  return /^[-._a-zA-Z0-9]+$/.test(key) ? "" : CONFIG_KEY_RULE;
}

function qualifiedPartError(name: string): string {
  if (name === "") return "name part must be non-empty";
  if (name.length > 63) return `name part ${tooLong(63)}`;
  return QUALIFIED_REGEXP.test(name) ? "" : `name part ${QUALIFIED_RULE}`;
}

function tooLong(characters: number): string {
  return `must be no more than ${characters} characters`;
}

function withRegexp(message: string, pattern: string, examples: readonly string[]): string {
  const quoted = examples.map((example) => `'${example}', `).join(" or ");
  return `${message} (e.g. ${quoted}regex used for validation is '${pattern}')`;
}
