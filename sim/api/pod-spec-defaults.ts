/**
 * Defaults of a pod's spec, alone or in a template.
 * Source: pkg/apis/core/v1/defaults.go of v1.30.
 *
 * Hot: once per pod created. The result lists its fields in one order, whatever the order in the
 * manifest, so that pods look alike to the engine. A spec that came out of here once (the template
 * of a stored ReplicaSet) comes back as it is, so all pods of one template share one spec.
 */
import type { Container, core, PodSpec, PodTemplateSpec } from "./objects.ts";
import { compareQuantities, quantitySign } from "./resource-amount.ts";

type Fields = Record<string, unknown>;

const settledSpecs = new WeakSet<PodSpec>();

/** Whether the spec came out of `defaultPodSpec`. */
export function isSettled(spec: PodSpec): boolean {
  return settledSpecs.has(spec);
}

/** Notes that a spec has all its defaults. */
export function settle(spec: PodSpec): void {
  settledSpecs.add(spec);
}

const SPEC_REST = [
  "nodeName",
  "priority",
  "priorityClassName",
  "preemptionPolicy",
  "nodeSelector",
  "affinity",
  "tolerations",
  "topologySpreadConstraints",
  "schedulingGates",
  "overhead",
  "volumes",
  "hostNetwork",
  "activeDeadlineSeconds",
  "readinessGates",
  "serviceAccountName",
  "serviceAccount",
  "automountServiceAccountToken",
  "dnsConfig",
  "ephemeralContainers",
  "hostAliases",
  "hostIPC",
  "hostPID",
  "hostUsers",
  "hostname",
  "imagePullSecrets",
  "os",
  "resourceClaims",
  "runtimeClassName",
  "setHostnameAsFQDN",
  "shareProcessNamespace",
  "subdomain",
] as const;

const CONTAINER_REST = [
  "args",
  "command",
  "env",
  "envFrom",
  "lifecycle",
  "resizePolicy",
  "restartPolicy",
  "securityContext",
  "stdin",
  "stdinOnce",
  "tty",
  "volumeDevices",
  "volumeMounts",
  "workingDir",
] as const;

/** Results by what was given: pods that are made from one spec go on sharing one. */
const defaultedSpecs = new WeakMap<PodSpec, PodSpec>();

/** The spec with its defaults; the argument is not changed, and may share parts with the result. */
export function defaultPodSpec(given: PodSpec): PodSpec {
  if (settledSpecs.has(given)) return given;
  let spec = defaultedSpecs.get(given);
  if (spec === undefined) {
    spec = withDefaults(given);
    defaultedSpecs.set(given, spec);
  }
  return spec;
}

function withDefaults(given: PodSpec): PodSpec {
  const isHostNetwork = given.hostNetwork === true;
  const spec: PodSpec = {
    containers: (given.containers ?? []).map((each) => defaultContainer(each, isHostNetwork)),
    restartPolicy: given.restartPolicy ?? "Always",
    terminationGracePeriodSeconds: given.terminationGracePeriodSeconds ?? 30,
    dnsPolicy: given.dnsPolicy ?? "ClusterFirst",
    schedulerName: given.schedulerName ?? "default-scheduler",
    enableServiceLinks: given.enableServiceLinks ?? true,
    securityContext: given.securityContext ?? NO_SECURITY_CONTEXT,
  };
  if (given.initContainers !== undefined) {
    spec.initContainers = given.initContainers.map((each) => defaultContainer(each, isHostNetwork));
  }
  copyGiven(given, spec, SPEC_REST);
  if (given.volumes?.some(lacksPool) === true) spec.volumes = given.volumes.map(defaultVolume);
  settledSpecs.add(spec);
  return spec;
}

const lacksPool = ({ rbd }: core.Volume): boolean => rbd !== undefined && (rbd.pool ?? "") === "";

/** SetDefaults_RBDVolumeSource; what else is defaulted in volumes nobody reads. */
function defaultVolume(volume: core.Volume): core.Volume {
  return volume.rbd !== undefined && lacksPool(volume)
    ? { ...volume, rbd: { ...volume.rbd, pool: "rbd" } }
    : volume;
}

const NO_SECURITY_CONTEXT: core.PodSecurityContext = Object.freeze({});
const NO_RESOURCES: core.ResourceRequirements = Object.freeze({});

/** The template with the defaults of its spec. */
export function defaultPodTemplate(template: PodTemplateSpec | undefined): PodTemplateSpec {
  const given = template?.spec;
  const spec = defaultPodSpec(given ?? { containers: [] });
  if (template !== undefined && spec === given) return template;
  return { metadata: template?.metadata ?? {}, spec };
}

function defaultContainer(given: Container, isHostNetwork: boolean): Container {
  const container: Container = {
    name: given.name,
    resources: given.resources === undefined ? NO_RESOURCES : defaultResources(given.resources),
    terminationMessagePath: given.terminationMessagePath ?? "/dev/termination-log",
    terminationMessagePolicy: given.terminationMessagePolicy ?? "File",
    imagePullPolicy: given.imagePullPolicy ?? imagePullPolicy(given.image ?? ""),
  };
  if (given.image !== undefined) container.image = given.image;
  if (given.ports !== undefined) {
    container.ports = given.ports.map((port) => defaultPort(port, isHostNetwork));
  }
  if (given.livenessProbe !== undefined)
    container.livenessProbe = defaultProbe(given.livenessProbe);
  if (given.readinessProbe !== undefined)
    container.readinessProbe = defaultProbe(given.readinessProbe);
  if (given.startupProbe !== undefined) container.startupProbe = defaultProbe(given.startupProbe);
  copyGiven(given, container, CONTAINER_REST);
  return container;
}

/** Always for `:latest` or no tag, since such an image may change; else IfNotPresent. */
function imagePullPolicy(image: string): string {
  if (image.includes("@")) return "IfNotPresent"; // a digest names one image for ever
  const afterRegistry = image.slice(image.lastIndexOf("/") + 1);
  const colon = afterRegistry.indexOf(":");
  return colon < 0 || afterRegistry.slice(colon) === ":latest" ? "Always" : "IfNotPresent";
}

/** A resource with a limit and no request requests its limit. */
function defaultResources(given: core.ResourceRequirements): core.ResourceRequirements {
  const { limits, requests } = given;
  if (limits === undefined) return given;
  if (requests === undefined) return { ...given, requests: limits };
  let completed: Record<string, string> | undefined;
  for (const name of Object.keys(limits)) {
    if (requests[name] !== undefined) continue;
    completed ??= { ...(requests as Record<string, string>) };
    completed[name] = limits[name] as string;
  }
  return completed === undefined ? given : { ...given, requests: completed };
}

function defaultPort(given: core.ContainerPort, isHostNetwork: boolean): core.ContainerPort {
  const port: core.ContainerPort = {
    containerPort: given.containerPort,
    protocol: given.protocol ?? "TCP",
  };
  if (given.name !== undefined) port.name = given.name;
  if (given.hostPort !== undefined) port.hostPort = given.hostPort;
  else if (isHostNetwork) port.hostPort = given.containerPort;
  if (given.hostIP !== undefined) port.hostIP = given.hostIP;
  return port;
}

function defaultProbe(given: core.Probe): core.Probe {
  const probe: core.Probe = {
    ...given,
    timeoutSeconds: given.timeoutSeconds ?? 1,
    periodSeconds: given.periodSeconds ?? 10,
    successThreshold: given.successThreshold ?? 1,
    failureThreshold: given.failureThreshold ?? 3,
  };
  if (given.httpGet !== undefined) {
    const { httpGet } = given;
    probe.httpGet = { ...httpGet, path: httpGet.path ?? "/", scheme: httpGet.scheme ?? "HTTP" };
  }
  return probe;
}

function copyGiven(from: object, to: object, names: readonly string[]): void {
  for (const name of names) {
    const value = (from as Fields)[name];
    if (value !== undefined) (to as Fields)[name] = value;
  }
}

const QOS_RESOURCES = ["cpu", "memory"] as const;

/**
 * Quality of service class of a pod: Guaranteed, Burstable or BestEffort.
 * Source: pkg/apis/core/v1/helper/qos/qos.go.
 */
export function qosClass(spec: PodSpec): string {
  let hasAmounts = false;
  let isGuaranteed = true;
  for (const list of [spec.containers, spec.initContainers ?? []]) {
    for (const { resources } of list) {
      for (const name of QOS_RESOURCES) {
        const request = amount(resources?.requests?.[name]);
        const limit = amount(resources?.limits?.[name]);
        if (request !== undefined || limit !== undefined) hasAmounts = true;
        if (limit === undefined || !isSame(request ?? limit, limit)) isGuaranteed = false;
      }
    }
  }
  if (!hasAmounts) return "BestEffort";
  return isGuaranteed ? "Guaranteed" : "Burstable";
}

/** The amount's text; zero, and what validation will refuse, count as absent. */
function amount(text: string | undefined): string | undefined {
  return text === undefined || quantitySign(text) === 0 ? undefined : text;
}

function isSame(a: string, b: string): boolean {
  return compareQuantities(a, b) === 0;
}
