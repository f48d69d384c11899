/**
 * Profiles and settings from a KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1): decoded
 * strictly, validated, merged with the defaults and built as kube-scheduler v1.30 does it.
 *
 * Three differences, all at loading: a weight of 0 or less that is written down for a score is
 * refused, where the real one takes 0 as 1; arguments of a plugin that does not exist are refused;
 * a plugin that is enabled at filter (score) but not at preFilter (preScore), and needs it, is
 * refused where the real one fails every pod.
 */
import type { FieldError } from "../../sim/api/index.ts";
import { InputError } from "../../sim/kernel/index.ts";
import type { ClientLimit } from "../../sim/options/index.ts";
import type { Profile } from "../../sim/scheduler/index.ts";
import { faultsError } from "../configuration-faults.ts";
import { buildProfile } from "./build-profile.ts";
import {
  decodingFaults,
  type KubeSchedulerConfiguration,
  schedulerNameOf,
  validationFaults,
} from "./configuration-validation.ts";

/** What a configuration file says of a scheduler. */
export interface ConfiguredScheduler {
  /** At least one, one per schedulerName. */
  readonly profiles: readonly Profile[];
  readonly settings: ConfiguredSettings;
  /** Paths of fields that the file states and that mean nothing in a simulation. */
  readonly ignored: readonly string[];
}

/** Settings besides the profiles, as far as the file states them. */
export interface ConfiguredSettings {
  readonly podInitialBackoffSeconds?: number;
  readonly podMaxBackoffSeconds?: number;
  /** Of the client `kube-scheduler`, and of its events' one. */
  readonly clientConnection?: ClientLimit;
}

/** Defaults of clientConnection (apis/config/v1/defaults.go). */
const DEFAULT_CLIENT: ClientLimit = { qps: 50, burst: 100 };

/** Leader election is of no use with one scheduler; the time of a cycle is a latency model. */
const WITHOUT_MEANING = [
  "parallelism",
  "leaderElection",
  "enableProfiling",
  "enableContentionProfiling",
  "delayCacheUntilActive",
] as const;

/**
 * Reads a parsed configuration. Throws an InputError that lists all faults, each with the path of
 * its field; `placeOf` gives what stands before a path, as file, line and column.
 */
export function configureScheduler(
  configuration: unknown,
  placeOf: (path: string) => string,
): ConfiguredScheduler {
  const own = structuredClone(configuration ?? {}) as KubeSchedulerConfiguration;
  refuseAll(decodingFaults(own), placeOf);
  refuseAll(validationFaults(own), placeOf);
  const given = own.profiles ?? [];
  const entries = given.length === 0 ? [{}] : given;
  const errors: FieldError[] = [];
  const profiles = entries.map((profile, index) => {
    const options = {
      schedulerName: schedulerNameOf(entries, index),
      percentageOfNodesToScore:
        profile.percentageOfNodesToScore ?? own.percentageOfNodesToScore ?? 0,
    };
    return buildProfile(profile, options, `profiles[${index}]`, errors);
  });
  refuseAll(errors, placeOf);
  return { profiles, settings: settingsOf(own), ignored: ignoredOf(own) };
}

/** The profiles of a configuration; `where` names it in messages. See configureScheduler. */
export function profilesFromConfiguration(
  configuration: KubeSchedulerConfiguration,
  where = "KubeSchedulerConfiguration",
): readonly Profile[] {
  return configureScheduler(configuration, () => `${where}: `).profiles;
}

function refuseAll(errors: readonly FieldError[], placeOf: (path: string) => string): void {
  if (errors.length > 0) throw new InputError(faultsError(errors, placeOf));
}

function settingsOf(configuration: KubeSchedulerConfiguration): ConfiguredSettings {
  const { podInitialBackoffSeconds, podMaxBackoffSeconds, clientConnection } = configuration;
  const { qps, burst } = clientConnection ?? {};
  return {
    ...(podInitialBackoffSeconds === undefined ? {} : { podInitialBackoffSeconds }),
    ...(podMaxBackoffSeconds === undefined ? {} : { podMaxBackoffSeconds }),
    ...(qps === undefined && burst === undefined
      ? {}
      : { clientConnection: clientLimit(qps, burst) }),
  };
}

/** client-go: 0 is the default, below 0 no limit. */
function clientLimit(qps: number | undefined, burst: number | undefined): ClientLimit {
  if (qps !== undefined && qps < 0) return { qps: 0, burst: 0 };
  return { qps: qps || DEFAULT_CLIENT.qps, burst: burst || DEFAULT_CLIENT.burst };
}

function ignoredOf(configuration: KubeSchedulerConfiguration): readonly string[] {
  const top = WITHOUT_MEANING.filter((field) => field in configuration);
  const client = Object.keys(configuration.clientConnection ?? {})
    .filter((field) => field !== "qps" && field !== "burst")
    .map((field) => `clientConnection.${field}`);
  return [...top, ...client];
}

export type { KubeSchedulerConfiguration };
