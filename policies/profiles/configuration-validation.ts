/**
 * Validation of a KubeSchedulerConfiguration, with kube-scheduler's messages.
 *
 * Source: kubernetes/pkg/scheduler/apis/config/validation/validation.go, v1.30, on what
 * apis/config/v1/defaults.go makes of missing fields.
 */
import {
  duplicate,
  type FieldError,
  type FieldTypes,
  forbidden,
  invalid,
  required,
  semanticallyEqual,
  strictDecodeStruct,
} from "../../sim/api/index.ts";
import { API_VERSION } from "../configuration-faults.ts";
import { validatePluginArgs } from "../plugin-args-validation.ts";
import type { ProfileConfiguration } from "./build-profile.ts";
import { POINTS } from "./extension-points.ts";
import type { PluginSet } from "./plugin-sets.ts";

const KIND = "KubeSchedulerConfiguration";

/** Fields of the v1 types (staging/src/k8s.io/kube-scheduler/config/v1/types.go). */
const FIELD_TYPES: FieldTypes = {
  KubeSchedulerConfiguration:
    "apiVersion kind parallelism:int leaderElection:LeaderElection clientConnection:ClientConnection enableProfiling:bool enableContentionProfiling:bool percentageOfNodesToScore:int podInitialBackoffSeconds:int podMaxBackoffSeconds:int profiles:Profile[] extenders:any delayCacheUntilActive:bool",
  LeaderElection:
    "leaderElect:bool leaseDuration renewDeadline retryPeriod resourceLock resourceName resourceNamespace",
  ClientConnection: "kubeconfig acceptContentTypes contentType qps:number burst:int",
  Profile: "schedulerName percentageOfNodesToScore:int plugins:Plugins pluginConfig:PluginConfig[]",
  Plugins: ["multiPoint", ...POINTS].map((point) => `${point}:PluginSet`).join(" "),
  PluginSet: "enabled:Plugin[] disabled:Plugin[]",
  Plugin: "name weight:int",
  PluginConfig: "name args:any",
};

/** The fields that are read; others are known and have no meaning in a simulation. */
export interface KubeSchedulerConfiguration {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly parallelism?: number;
  readonly percentageOfNodesToScore?: number;
  readonly podInitialBackoffSeconds?: number;
  readonly podMaxBackoffSeconds?: number;
  readonly clientConnection?: { readonly qps?: number; readonly burst?: number };
  readonly leaderElection?: { readonly leaderElect?: boolean; readonly resourceLock?: string };
  readonly profiles?: readonly ProfileConfiguration[];
  readonly extenders?: unknown;
}

/** Names and types of all fields. Fields set to null are taken away: the value must be one's own. */
export function decodingFaults(configuration: unknown): FieldError[] {
  const { kind, apiVersion } = (configuration ?? {}) as KubeSchedulerConfiguration;
  if ((kind ?? KIND) !== KIND || (apiVersion ?? API_VERSION) !== API_VERSION) {
    const message =
      `no kind ${JSON.stringify(kind ?? KIND)} is registered for version ` +
      `${JSON.stringify(apiVersion ?? API_VERSION)}: want ${KIND} of ${API_VERSION}`;
    return [{ path: kind === undefined || kind === KIND ? "apiVersion" : "kind", message }];
  }
  const errors = strictDecodeStruct(FIELD_TYPES, KIND, configuration);
  if (errors.length > 0) return errors;
  const { profiles = [] } = configuration as KubeSchedulerConfiguration;
  profiles.forEach(({ pluginConfig = [] }, i) => {
    pluginConfig.forEach((entry, j) => {
      if (entry.args === null) delete (entry as { args?: unknown }).args;
      else if (entry.args !== undefined && typeof entry.args !== "object") {
        const path = `profiles[${i}].pluginConfig[${j}].args`;
        errors.push(invalid(path, entry.args, "must be of type object"));
      }
    });
  });
  return errors;
}

/** ValidateKubeSchedulerConfiguration, in its order. */
export function validationFaults(configuration: KubeSchedulerConfiguration): FieldError[] {
  const errors: FieldError[] = [];
  const { clientConnection = {}, leaderElection = {}, parallelism = 16 } = configuration;
  const { burst = 100 } = clientConnection;
  if (burst < 0) errors.push(invalid("clientConnection.burst", burst, "must be non-negative"));
  const { leaderElect = true, resourceLock = "leases" } = leaderElection;
  if (leaderElect && resourceLock !== "leases") {
    const detail = 'resourceLock value must be "leases"';
    errors.push(invalid("leaderElection.resourceLock", resourceLock, detail));
  }
  if (parallelism <= 0) {
    const detail = "should be an integer value greater than zero";
    errors.push(invalid("parallelism", parallelism, detail));
  }
  const { profiles = [] } = configuration;
  profiles.forEach((_profile, index) => {
    validateProfile(profiles, index, errors);
  });
  validateCommonQueueSort(profiles, errors);
  percentage(configuration.percentageOfNodesToScore, "percentageOfNodesToScore", errors);
  validateBackoff(configuration, errors);
  const { extenders } = configuration;
  if (extenders !== undefined && !(Array.isArray(extenders) && extenders.length === 0)) {
    const detail = "extenders are processes outside of the scheduler, which a simulation has not";
    errors.push(forbidden("extenders", `${detail}. Write a policy file with a plugin instead`));
  }
  return errors;
}

function validateBackoff(
  { podInitialBackoffSeconds = 1, podMaxBackoffSeconds = 10 }: KubeSchedulerConfiguration,
  errors: FieldError[],
): void {
  if (podInitialBackoffSeconds <= 0) {
    const detail = "must be greater than 0";
    errors.push(invalid("podInitialBackoffSeconds", podInitialBackoffSeconds, detail));
  }
  if (podMaxBackoffSeconds < podInitialBackoffSeconds) {
    const detail = "must be greater than or equal to PodInitialBackoffSeconds";
    errors.push(invalid("podMaxBackoffSeconds", podMaxBackoffSeconds, detail));
  }
}

function validateProfile(
  profiles: readonly ProfileConfiguration[],
  index: number,
  errors: FieldError[],
): void {
  const path = `profiles[${index}]`;
  const { percentageOfNodesToScore, pluginConfig = [] } = profiles[index] ?? {};
  const name = schedulerNameOf(profiles, index);
  if (name === "") errors.push(required(`${path}.schedulerName`));
  percentage(percentageOfNodesToScore, `${path}.percentageOfNodesToScore`, errors);
  const seen = new Set<string>();
  pluginConfig.forEach(({ name: plugin = "", args = {} }, i) => {
    const at = `${path}.pluginConfig[${i}]`;
    if (seen.has(plugin)) errors.push(duplicate(at, plugin));
    seen.add(plugin);
    errors.push(...validatePluginArgs(plugin, args, `${at}.args`));
  });
  const isTwin = profiles.slice(0, index).some((_, i) => schedulerNameOf(profiles, i) === name);
  if (isTwin) errors.push(duplicate(`${path}.schedulerName`, name));
}

/** A profile without a name gets the default one when it is the only profile; else "". */
export function schedulerNameOf(profiles: readonly ProfileConfiguration[], index: number): string {
  const isOnly = profiles.length <= 1;
  return profiles[index]?.schedulerName ?? (isOnly ? "default-scheduler" : "");
}

/** There is one queue for all profiles. */
function validateCommonQueueSort(
  profiles: readonly ProfileConfiguration[],
  errors: FieldError[],
): void {
  const canon = queueSortOf(profiles[0]);
  const count = canon.enabled.length;
  if (count > 1) {
    const detail = "only one queue sort plugin can be enabled";
    errors.push(invalid("profiles[0].plugins.queueSort.Enabled", count, detail));
  }
  const sort = canon.enabled[0]?.name;
  const canonArgs = argsOf(profiles[0], sort);
  profiles.forEach((profile, i) => {
    if (i === 0) return;
    const current = queueSortOf(profile);
    if (!semanticallyEqual(canon, current)) {
      const detail = "must be the same for all profiles";
      errors.push(invalid(`profiles[${i}].plugins.queueSort`, current, detail));
    }
    const args = argsOf(profile, sort);
    if (args !== undefined && !semanticallyEqual(canonArgs, args)) {
      const detail = "queueSort must be the same for all profiles";
      errors.push(invalid(`profiles[${i}].pluginConfig.args`, args, detail));
    }
  });
}

function queueSortOf(profile: ProfileConfiguration | undefined): Required<PluginSet> {
  const { enabled = [], disabled = [] } = profile?.plugins?.queueSort ?? {};
  return { enabled, disabled };
}

function argsOf(profile: ProfileConfiguration | undefined, name: string | undefined): unknown {
  if (name === undefined) return undefined;
  return profile?.pluginConfig?.find((entry) => entry.name === name)?.args;
}

function percentage(value: number | undefined, path: string, errors: FieldError[]): void {
  if (value === undefined || (value >= 0 && value <= 100)) return;
  errors.push(invalid(path, value, "not in valid range [0-100]"));
}
