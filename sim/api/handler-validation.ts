/**
 * Validation of what the kubelet does in a container: probes and lifecycle hooks.
 * Source: validateHandler, validateProbe and validateLifecycle in
 * pkg/apis/core/validation/validation.go of v1.30.
 */
import { forbidden, invalid, required, unsupported } from "./field-error.ts";
import type { FieldError } from "./kind.ts";
import { headerNameError, portNameError } from "./name-format.ts";
import type { Container, core } from "./objects.ts";

const PROBES = ["livenessProbe", "readinessProbe", "startupProbe"] as const;
const PROBE_NUMBERS = [
  "initialDelaySeconds",
  "timeoutSeconds",
  "periodSeconds",
  "successThreshold",
  "failureThreshold",
] as const;
const SCHEMES = ["HTTP", "HTTPS"];
const PORT_RANGE = "must be between 1 and 65535, inclusive";
const NOT_OF_INIT = "may not be set for init containers without restartPolicy=Always";

interface Handlers {
  readonly exec?: core.ExecAction;
  readonly httpGet?: core.HTTPGetAction;
  readonly tcpSocket?: core.TCPSocketAction;
  readonly grpc?: core.GRPCAction;
  readonly sleep?: { readonly seconds?: number };
}

/** Appends the faults of a container's probes; `isInit`: it is an init container, no sidecar. */
export function validateProbes(
  container: Container,
  path: string,
  isInit: boolean,
  errors: FieldError[],
): void {
  for (const kind of PROBES) {
    const probe = container[kind];
    if (probe === undefined) continue;
    const at = `${path}.${kind}`;
    if (isInit) {
      errors.push(forbidden(at, NOT_OF_INIT));
      continue;
    }
    validateHandler(probe, at, undefined, errors);
    for (const name of PROBE_NUMBERS) atLeastZero(probe[name], `${at}.${name}`, errors);
    if (kind !== "readinessProbe" && (probe.successThreshold ?? 1) !== 1) {
      errors.push(invalid(`${at}.successThreshold`, probe.successThreshold, "must be 1"));
    }
    validateGrace(probe.terminationGracePeriodSeconds, kind, at, errors);
  }
}

function validateGrace(
  seconds: number | undefined,
  kind: string,
  at: string,
  errors: FieldError[],
): void {
  if (seconds === undefined) return;
  const path = `${at}.terminationGracePeriodSeconds`;
  if (kind === "readinessProbe") {
    errors.push(invalid(path, seconds, "must not be set for readinessProbes"));
  } else if (seconds <= 0) errors.push(invalid(path, seconds, "must be greater than 0"));
}

/** Appends the faults of a container's hooks; `graceSeconds` is the pod's grace period. */
export function validateLifecycle(
  { lifecycle }: Container,
  path: string,
  isInit: boolean,
  graceSeconds: number,
  errors: FieldError[],
): void {
  if (lifecycle === undefined) return;
  const at = `${path}.lifecycle`;
  if (isInit) {
    errors.push(forbidden(at, NOT_OF_INIT));
    return;
  }
  const { postStart, preStop } = lifecycle;
  if (postStart !== undefined) validateHandler(postStart, `${at}.postStart`, graceSeconds, errors);
  if (preStop !== undefined) validateHandler(preStop, `${at}.preStop`, graceSeconds, errors);
}

function validateHandler(
  handlers: Handlers,
  at: string,
  graceSeconds: number | undefined,
  errors: FieldError[],
): void {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handlers;
  let count = 0;
  const isFirst = (name: string): boolean => {
    if (count++ === 0) return true;
    errors.push(forbidden(`${at}.${name}`, "may not specify more than 1 handler type"));
    return false;
  };
  if (exec !== undefined && isFirst("exec") && (exec.command ?? []).length === 0) {
    errors.push(required(`${at}.exec.command`));
  }
  if (httpGet !== undefined && isFirst("httpGet")) {
    validateHttpGet(httpGet, `${at}.httpGet`, errors);
  }
  if (tcpSocket !== undefined && isFirst("tcpSocket")) {
    portNumberOrName(tcpSocket.port, `${at}.tcpSocket.port`, errors);
  }
  if (grpc !== undefined && isFirst("grpc")) portNumber(grpc.port, `${at}.grpc.port`, errors);
  if (sleep !== undefined && isFirst("sleep")) {
    validateSleep(sleep.seconds ?? 0, `${at}.sleep`, graceSeconds, errors);
  }
  if (count === 0) errors.push(required(at, "must specify a handler type"));
}

function validateHttpGet(
  { port, scheme = "HTTP", httpHeaders = [] }: core.HTTPGetAction,
  at: string,
  errors: FieldError[],
): void {
  portNumberOrName(port, `${at}.port`, errors);
  if (!SCHEMES.includes(scheme)) errors.push(unsupported(`${at}.scheme`, scheme, SCHEMES));
  httpHeaders.forEach(({ name = "" }) => {
    const error = headerNameError(name);
    if (error !== "") errors.push(invalid(`${at}.httpHeaders`, name, error));
  });
}

function validateSleep(
  seconds: number,
  at: string,
  graceSeconds: number | undefined,
  errors: FieldError[],
): void {
  if (graceSeconds === undefined || (seconds > 0 && seconds <= graceSeconds)) return;
  const detail = `must be greater than 0 and less than terminationGracePeriodSeconds (${graceSeconds})`;
  errors.push(invalid(at, seconds, detail));
}

function portNumberOrName(
  port: number | string | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (typeof port !== "string") return portNumber(port ?? 0, path, errors);
  const error = portNameError(port);
  if (error !== "") errors.push(invalid(path, port, error));
}

/** Appends a fault when the number is no port. */
export function portNumber(port: number, path: string, errors: FieldError[]): void {
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    errors.push(invalid(path, port, PORT_RANGE));
}

/** Appends a fault when the number is negative. */
export function atLeastZero(value: number | undefined, path: string, errors: FieldError[]): void {
  if (value !== undefined && value < 0) {
    errors.push(invalid(path, value, "must be greater than or equal to 0"));
  }
}
