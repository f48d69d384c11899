/**
 * Validation of what a pod says about its network and its names: hostname, DNS, hosts file, and the
 * ports of a pod in its node's network.
 * Source: ValidatePodSpec, validatePodDNSConfig, ValidateHostAliases and validateHostNetwork in
 * pkg/apis/core/validation/validation.go of v1.30.
 */
import { invalid, required } from "./field-error.ts";
import { ipError } from "./ip-address.ts";
import type { FieldError } from "./kind.ts";
import { labelError, subdomainError } from "./name-format.ts";
import type { core, PodSpec } from "./objects.ts";

const NAMESERVERS_MAX = 3;
const SEARCHES_MAX = 32;
const SEARCH_CHARACTERS_MAX = 2048;

/** Appends the faults of the spec's fields about network and names. */
export function validatePodNetwork(spec: PodSpec, path: string, errors: FieldError[]): void {
  label(spec.hostname, `${path}.hostname`, errors);
  label(spec.subdomain, `${path}.subdomain`, errors);
  spec.hostAliases?.forEach(({ ip = "", hostnames = [] }, i) => {
    const at = `${path}.hostAliases[${i}]`;
    address(ip, `${at}.ip`, errors);
    hostnames.forEach((name, j) => {
      const error = subdomainError(name);
      if (error !== "") errors.push(invalid(`${at}.hostnames[${j}]`, name, error));
    });
  });
  validateDns(spec.dnsConfig, spec.dnsPolicy === "None", `${path}.dnsConfig`, errors);
  if (spec.hostNetwork === true) validateHostPorts(spec, path, errors);
}

function validateHostPorts({ containers }: PodSpec, path: string, errors: FieldError[]): void {
  containers.forEach(({ ports = [] }, i) => {
    ports.forEach(({ hostPort, containerPort }, j) => {
      if (hostPort === containerPort) return;
      const detail = "must match `containerPort` when `hostNetwork` is true";
      const at = `${path}.containers[${i}].ports[${j}].hostPort`;
      errors.push(invalid(at, hostPort, detail));
    });
  });
}

function validateDns(
  config: core.PodDNSConfig | undefined,
  isAllThereIs: boolean,
  at: string,
  errors: FieldError[],
): void {
  const { nameservers = [], searches = [], options = [] } = config ?? {};
  if (isAllThereIs && config === undefined) {
    errors.push(required(at, "must provide `dnsConfig` when `dnsPolicy` is None"));
  } else if (isAllThereIs && nameservers.length === 0) {
    const detail = "must provide at least one DNS nameserver when `dnsPolicy` is None";
    errors.push(required(`${at}.nameservers`, detail));
  }
  if (nameservers.length > NAMESERVERS_MAX) {
    const detail = `must not have more than ${NAMESERVERS_MAX} nameservers`;
    errors.push(invalid(`${at}.nameservers`, nameservers, detail));
  }
  nameservers.forEach((ip, i) => {
    address(ip, `${at}.nameservers[${i}]`, errors);
  });
  validateSearches(searches, `${at}.searches`, errors);
  options.forEach(({ name = "" }, i) => {
    if (name === "") errors.push(required(`${at}.options[${i}]`, "must not be empty"));
  });
}

function validateSearches(searches: readonly string[], at: string, errors: FieldError[]): void {
  if (searches.length > SEARCHES_MAX) {
    const detail = `must not have more than ${SEARCHES_MAX} search paths`;
    errors.push(invalid(at, searches, detail));
  }
  if (searches.join(" ").length > SEARCH_CHARACTERS_MAX) {
    const detail = `must not have more than ${SEARCH_CHARACTERS_MAX} characters (including spaces) in the search list`;
    errors.push(invalid(at, searches, detail));
  }
  searches.forEach((search, i) => {
    const name = search.replace(/\.$/, "");
    const error = search === "." ? "" : subdomainError(name);
    if (error !== "") errors.push(invalid(`${at}[${i}]`, name, error));
  });
}

function address(ip: string, path: string, errors: FieldError[]): void {
  const error = ipError(ip);
  if (error !== "") errors.push(invalid(path, ip, error));
}

function label(name: string | undefined, path: string, errors: FieldError[]): void {
  if (name === undefined || name === "") return;
  const error = labelError(name);
  if (error !== "") errors.push(invalid(path, name, error));
}
