/**
 * Validation of the endpoints of an EndpointSlice.
 * Source: validateEndpoints in pkg/apis/discovery/validation/validation.go, ValidateNonSpecialIP in
 * pkg/apis/core/validation and IsFullyQualifiedDomainName in apimachinery's validation, of v1.30.
 *
 * Hot: every change of a slice looks at up to a hundred addresses, nearly all of them plain IPv4.
 */
import { duplicate, invalid, required, tooMany } from "./field-error.ts";
import { ipv6Groups, isIPv4, isIPv6 } from "./ip-address.ts";
import type { FieldError } from "./kind.ts";
import { labelError, labelValueError, subdomainError } from "./name-format.ts";
import type { EndpointSlice } from "./objects.ts";

type Endpoint = EndpointSlice["endpoints"][number];

const ENDPOINTS_MAX = 1000;
const ADDRESSES_MAX = 100;
const HINTED_ZONES_MAX = 8;

/** Appends the faults of a slice's endpoints. */
export function validateEndpoints(
  endpoints: readonly Endpoint[],
  addressType: string,
  errors: FieldError[],
): void {
  if (endpoints.length > ENDPOINTS_MAX) {
    errors.push(tooMany("endpoints", endpoints.length, ENDPOINTS_MAX));
    return;
  }
  for (let i = 0; i < endpoints.length; i++) {
    const endpoint = endpoints[i] as Endpoint;
    if (!isPlain(endpoint, addressType)) {
      validateEndpoint(endpoint, addressType, `endpoints[${i}]`, errors);
    }
  }
}

/** Names of nodes that were found well-formed; emptied when full, and no state of a run. */
const nodeNames = new Set<string>();
const NODE_NAMES_MAX = 65_536;

/** The endpoint that the controller makes of a pod, found valid without a text being built. */
function isPlain({ addresses, nodeName, hostname, hints }: Endpoint, addressType: string): boolean {
  if (addressType !== "IPv4" || addresses?.length !== 1) return false;
  if (hostname !== undefined || hints !== undefined) return false;
  const address = addresses[0] as string;
  if (!address.startsWith("10.") || !isIPv4(address)) return false;
  return nodeName === undefined || isNodeName(nodeName);
}

function isNodeName(name: string): boolean {
  if (nodeNames.has(name)) return true;
  if (subdomainError(name) !== "") return false;
  if (nodeNames.size >= NODE_NAMES_MAX) nodeNames.clear();
  nodeNames.add(name);
  return true;
}

function validateEndpoint(
  { addresses = [], nodeName, hostname, hints }: Endpoint,
  addressType: string,
  path: string,
  errors: FieldError[],
): void {
  const at = `${path}.addresses`;
  if (addresses.length === 0) errors.push(required(at, "must contain at least 1 address"));
  else if (addresses.length > ADDRESSES_MAX) {
    errors.push(tooMany(at, addresses.length, ADDRESSES_MAX));
  }
  addresses.forEach((address, i) => {
    validateAddress(address, addressType, `${at}[${i}]`, errors);
  });
  const nodeError = nodeName === undefined ? "" : subdomainError(nodeName);
  if (nodeError !== "") errors.push(invalid(`${path}.nodeName`, nodeName, nodeError));
  const hostError = hostname === undefined ? "" : labelError(hostname);
  if (hostError !== "") errors.push(invalid(`${path}.hostname`, hostname, hostError));
  if (hints !== undefined) validateHints(hints.forZones ?? [], `${path}.hints.forZones`, errors);
}

function validateHints(
  zones: readonly { readonly name: string }[],
  path: string,
  errors: FieldError[],
): void {
  if (zones.length > HINTED_ZONES_MAX) {
    errors.push(tooMany(path, zones.length, HINTED_ZONES_MAX));
    return;
  }
  const names = new Set<string>();
  zones.forEach(({ name }, i) => {
    const at = `${path}[${i}].name`;
    if (names.has(name)) errors.push(duplicate(at, name));
    names.add(name);
    const error = labelValueError(name);
    if (error !== "") errors.push(invalid(at, name, error));
  });
}

function validateAddress(
  address: string,
  addressType: string,
  path: string,
  errors: FieldError[],
): void {
  if (addressType === "FQDN") return validateDomain(address, path, errors);
  if (addressType !== "IPv4" && addressType !== "IPv6") return; // the type itself is refused
  const isOfType = addressType === "IPv4" ? isIPv4 : isIPv6;
  if (!isOfType(address)) {
    errors.push(invalid(path, address, `must be a valid ${addressType} address`));
  }
  const error = specialError(address);
  if (error !== "") errors.push(invalid(path, address, error));
}

function specialError(address: string): string {
  if (isIPv4(address)) return specialIPv4(address);
  return isIPv6(address) ? specialIPv6(address) : "must be a valid IP address";
}

/** Addresses that would reach the node itself, or many at once. */
function specialIPv4(address: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = address.split(".").map(Number);
  if (a + b + c + d === 0) return "may not be unspecified (0.0.0.0)";
  if (a === 127) return "may not be in the loopback range (127.0.0.0/8, ::1/128)";
  if (a === 169 && b === 254) {
    return "may not be in the link-local range (169.254.0.0/16, fe80::/10)";
  }
  if (a === 224 && b === 0 && c === 0) {
    return "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)";
  }
  return "";
}

function specialIPv6(address: string): string {
  const groups = ipv6Groups(address);
  const [first = 0] = groups;
  const head = groups.slice(0, 7).every((group) => group === 0);
  if (head && groups[7] === 0) return `may not be unspecified (${address})`;
  if (head && groups[7] === 1) return "may not be in the loopback range (127.0.0.0/8, ::1/128)";
  if ((first & 0xffc0) === 0xfe80) {
    return "may not be in the link-local range (169.254.0.0/16, fe80::/10)";
  }
  if ((first & 0xff0f) === 0xff02) {
    return "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)";
  }
  return "";
}

/** At least two labels, with or without the last dot. */
function validateDomain(name: string, path: string, errors: FieldError[]): void {
  if (name === "") return void errors.push(required(path));
  const domain = name.endsWith(".") ? name.slice(0, -1) : name;
  const error = subdomainError(domain);
  if (error !== "") return void errors.push(invalid(path, domain, error));
  if (!domain.includes(".")) {
    const detail = "should be a domain with at least two segments separated by dots";
    errors.push(invalid(path, domain, detail));
  }
  for (const label of domain.split(".")) {
    const fault = labelError(label);
    if (fault !== "") errors.push(invalid(path, label, fault));
  }
}
