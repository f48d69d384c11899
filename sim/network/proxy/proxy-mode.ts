/** ProxyMode: what kube-proxy's mode makes of the options: its periods, costs and own balancer. */
import {
  HopLatency,
  InputError,
  type Micros,
  nearestName,
  parseDuration,
} from "../../kernel/index.ts";
import type { NetworkOptions } from "../../options/index.ts";

/** kube-proxy --proxy-mode. */
export type ProxyModeName = "iptables" | "ipvs" | "nftables";

const MODES: readonly ProxyModeName[] = ["iptables", "ipvs", "nftables"];
const MODELS = ["rules", "lag"];

/** The balancer by which each IPVS scheduler is known here (net/netfilter/ipvs of Linux). */
const IPVS_BALANCERS: ReadonlyMap<string, string> = new Map([
  ["rr", "round-robin"],
  ["wrr", "weighted-round-robin"],
  ["lc", "least-connection"],
  ["wlc", "weighted-least-connection"],
  ["sh", "source-hash"],
  ["dh", "destination-hash"],
  ["sed", "shortest-expected-delay"],
  ["nq", "never-queue"],
]);

/** How long a proxy takes to write its rules. */
export interface SyncCosts {
  readonly baseUs: Micros;
  /** For each port of each Service, at every sync. */
  readonly perServiceUs: number;
  /** For each rule that is written. */
  readonly perRuleUs: number;
}

export interface ProxyMode {
  readonly name: ProxyModeName;
  readonly isLag: boolean;
  /** Between two syncs; 0: each change is written at once. */
  readonly minSyncUs: Micros;
  /** From the end of a sync until one is made without any change. */
  readonly maxSyncUs: Micros;
  /** From one full sync until the next sync is full. */
  readonly fullSyncUs: Micros;
  readonly isPartial: boolean;
  readonly costs: SyncCosts;
  /** Of a connection's first packet: that of one among 10,000 Service ports where it is linear in them. */
  readonly lookup: HopLatency;
  readonly isLookupLinear: boolean;
}

/** Services that `network.iptablesLookup` is told for. */
export const LOOKUP_SERVICES = 10_000;

/** Name of the balancer that the options ask for: `network.balancer`, or the mode's own. Throws InputError. */
export function balancerNameOf(options: NetworkOptions): string {
  const { balancer, ipvsScheduler } = options;
  if (balancer !== "") return balancer;
  if (modeNamed(options) !== "ipvs") return "random";
  const known = [...IPVS_BALANCERS.keys()];
  return IPVS_BALANCERS.get(ipvsScheduler) ?? refuse("network.ipvsScheduler", ipvsScheduler, known);
}

/** Reads the options. Throws InputError. */
export function proxyMode(seed: string, options: NetworkOptions): ProxyMode {
  const name = modeNamed(options);
  const isIptables = name === "iptables";
  if (!MODELS.includes(options.syncModel)) refuse("network.syncModel", options.syncModel, MODELS);
  const syncPeriodUs = duration("syncPeriod", options.syncPeriod);
  const fullSyncUs = duration("fullSyncPeriod", options.fullSyncPeriod);
  const minSyncUs =
    options.minSyncPeriod === ""
      ? name === "ipvs"
        ? 0
        : 1_000_000
      : duration("minSyncPeriod", options.minSyncPeriod);
  // iptables and nftables hand the runner an hour, and look every syncPeriod only whether somebody
  // has flushed their rules, which nobody here does (NewProxier of both).
  const maxSyncUs = name === "ipvs" ? syncPeriodUs : fullSyncUs;
  if (maxSyncUs < minSyncUs || maxSyncUs === 0) {
    throw new InputError(
      `network.minSyncPeriod: got ${options.minSyncPeriod}, ` +
        "want no more than syncPeriod (ipvs) or fullSyncPeriod, which must be more than 0.",
    );
  }
  const lookup = isIptables ? "iptablesLookup" : "mapLookup";
  return {
    name,
    isLag: options.syncModel === "lag",
    minSyncUs,
    maxSyncUs,
    fullSyncUs,
    isPartial: options.partialSync,
    costs: costsOf(name, options),
    lookup: new HopLatency(seed, options[lookup], `network.${lookup}`),
    isLookupLinear: isIptables,
  };
}

function costsOf(name: ProxyModeName, options: NetworkOptions): SyncCosts {
  const cost = (what: "SyncBaseUs" | "SyncPerServiceUs" | "SyncPerRuleUs"): number => {
    const value = options[`${name}${what}`];
    if (Number.isFinite(value) && value >= 0) return value;
    throw new InputError(`network.${name}${what}: got ${value}, want microseconds, 0 or more.`);
  };
  return {
    baseUs: cost("SyncBaseUs"),
    perServiceUs: cost("SyncPerServiceUs"),
    perRuleUs: cost("SyncPerRuleUs"),
  };
}

function modeNamed({ proxyMode: name }: NetworkOptions): ProxyModeName {
  return MODES.find((mode) => mode === name) ?? refuse("network.proxyMode", name, MODES);
}

function duration(field: "minSyncPeriod" | "syncPeriod" | "fullSyncPeriod", text: string): Micros {
  const us = parseDuration(text);
  if (us !== undefined) return us;
  throw new InputError(`network.${field}: got "${text}", want a duration such as 1s or 500ms.`);
}

function refuse(where: string, found: string, known: readonly string[]): never {
  const near = nearestName(found, known);
  const hint = near === undefined ? "" : ` Did you mean ${near}?`;
  throw new InputError(`${where}: got "${found}", want one of ${known.join(", ")}.${hint}`);
}
