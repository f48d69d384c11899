/**
 * ServiceAllocators: cluster IPs and node ports. What is taken is what the stored Services have:
 * a number is free again the moment that its Service is gone or has given it up.
 *
 * The cluster has addresses of IPv4 only. A number is drawn by the Service's name: the same under
 * every policy. It is given out in one step with the write, where the real one reserves it before
 * and gives it back if the write fails.
 *
 * Source: pkg/registry/core/service/storage/alloc.go of v1.30.
 */
import type { core, KeyRecord, Service, WatchEntry } from "../../api/index.ts";
import type { Etcd } from "../../etcd/index.ts";
import { Draws, type Kernel } from "../../kernel/index.ts";
import { failInvalid } from "../answers.ts";
import type { ApiCall } from "../api-call.ts";
import { type AllocationFault, internal } from "./allocation-fault.ts";
import {
  addressNumber,
  addressRange,
  addressText,
  type NumberRange,
  nextFree,
  portRange,
} from "./number-range.ts";
import { allocateHealthCheckPort, allocateNodePorts, nodePortsOf } from "./service-ports.ts";

export interface ServiceAllocatorSettings {
  /** kube-apiserver --service-cluster-ip-range. */
  readonly serviceClusterIpRange: string;
  /** kube-apiserver --service-node-port-range. */
  readonly serviceNodePortRange: string;
  /** --feature-gates=ServiceTrafficDistribution: else the field is dropped. */
  readonly serviceTrafficDistribution: boolean;
}

interface ServiceAllocatorsState {
  /** How many Services have an address, or a port: by number. */
  readonly addresses: Map<number, number>;
  readonly ports: Map<number, number>;
}

export class ServiceAllocators {
  state: ServiceAllocatorsState = { addresses: new Map(), ports: new Map() };
  readonly #settings: ServiceAllocatorSettings;
  readonly #addresses: NumberRange;
  readonly #ports: NumberRange;
  readonly #addressDraws: Draws;
  readonly #portDraws: Draws;

  /** Throws InputError for ranges that cannot be read. */
  constructor(kernel: Kernel, etcd: Etcd, settings: ServiceAllocatorSettings) {
    this.#settings = settings;
    this.#addresses = addressRange(
      settings.serviceClusterIpRange,
      "apiserver.serviceClusterIpRange",
    );
    this.#ports = portRange(settings.serviceNodePortRange, "apiserver.serviceNodePortRange");
    this.#addressDraws = new Draws(kernel.seed, "apiserver/cluster-ip");
    this.#portDraws = new Draws(kernel.seed, "apiserver/node-port");
    etcd.observe("Service", (entry) => this.#onCommit(entry as WatchEntry<Service>));
    kernel.keep("apiserver/service-allocators", this);
  }

  /**
   * The defaulted object with its addresses and ports, a new one where it has none yet; undefined:
   * the call was failed. `old` is what it replaces.
   */
  allocate(
    call: ApiCall,
    record: KeyRecord,
    object: Service,
    old: Service | undefined,
  ): Service | undefined {
    const spec = { ...object.spec };
    if (!this.#settings.serviceTrafficDistribution && old?.spec.trafficDistribution === undefined)
      delete spec.trafficDistribution;
    const fault =
      this.#allocateAddress(record, spec, old) ??
      allocateNodePorts(spec, old?.spec, this.#portTaker(record, old)) ??
      allocateHealthCheckPort(spec, old?.spec, this.#portTaker(record, old));
    if (fault === undefined) return { ...object, spec };
    if (fault.path === "") call.fail(500, "InternalError", fault.message);
    else failInvalid(call, `Service ${JSON.stringify(record.name)}`, [fault]);
    return undefined;
  }

  #allocateAddress(
    record: KeyRecord,
    spec: core.ServiceSpec,
    old: Service | undefined,
  ): AllocationFault | undefined {
    if (spec.type === "ExternalName") return undefined;
    const given = spec.clusterIP ?? "";
    spec.clusterIPs ??= given === "" ? [] : [given];
    const fault = defaultFamilies(spec);
    if (fault !== undefined || given === "None") return fault;
    const hadAddress = old !== undefined && old.spec.type !== "ExternalName";
    if (hadAddress && (old.spec.clusterIP ?? "") !== "") return undefined;
    if (given === "") {
      const { addresses } = this.state;
      const uniform = this.#addressDraws.uniform(record.hash, record.commitCount);
      const number = nextFree(this.#addresses, (each) => addresses.has(each), uniform);
      if (number < 0) return internal("failed to allocate a serviceIP: range is full");
      spec.clusterIP = addressText(number);
      spec.clusterIPs = [spec.clusterIP];
      return undefined;
    }
    return this.#addressFault(given);
  }

  /** Validation tells of a text that is no address. */
  #addressFault(given: string): AllocationFault | undefined {
    const number = addressNumber(given);
    if (number < 0) return undefined;
    const { first, last, text } = this.#addresses;
    const isInRange = number >= first && number <= last;
    if (isInRange && !this.state.addresses.has(number)) return undefined;
    const why = isInRange
      ? "provided IP is already allocated"
      : `the provided IP (${given}) is not in the valid range. The range of valid IPs is ${text}`;
    const value = `[]string{${JSON.stringify(given)}}`;
    return {
      path: "spec.clusterIPs",
      message: `Invalid value: ${value}: failed to allocate IP ${given}: ${why}`,
    };
  }

  /** Ports that this write takes: `take(0)` any, else that one. Text: why not. */
  #portTaker(record: KeyRecord, old: Service | undefined): (port: number) => number | string {
    const own = new Set(old === undefined ? [] : nodePortsOf(old.spec));
    const { ports } = this.state;
    const taken = new Set<number>();
    const isTaken = (port: number): boolean => taken.has(port) || ports.has(port);
    return (port) => {
      let given = port;
      if (port === 0) {
        const number = record.commitCount * MAX_PORTS + taken.size;
        given = nextFree(this.#ports, isTaken, this.#portDraws.uniform(record.hash, number));
        if (given < 0) return "range is full";
      } else if (port < this.#ports.first || port > this.#ports.last) {
        return `provided port is not in the valid range. The range of valid ports is ${this.#ports.text}`;
      } else if (isTaken(port) && !(own.has(port) && !taken.has(port))) {
        return "provided port is already allocated";
      }
      taken.add(given);
      return given;
    };
  }

  #onCommit({ type, object, old }: WatchEntry<Service>): void {
    if (old !== undefined) count(this.state, old, -1);
    if (type !== "DELETED") count(this.state, object, 1);
  }
}

/** More than a Service has: draws are numbered by commit and port. */
const MAX_PORTS = 1000;

function count({ addresses, ports }: ServiceAllocatorsState, { spec }: Service, by: 1 | -1): void {
  const address = addressNumber(spec.clusterIP ?? "");
  if (address >= 0) add(addresses, address, by);
  for (const port of new Set(nodePortsOf(spec))) add(ports, port, by);
}

function add(counts: Map<number, number>, key: number, by: 1 | -1): void {
  const next = (counts.get(key) ?? 0) + by;
  if (next === 0) counts.delete(key);
  else counts.set(key, next);
}

/** initIPFamilyFields, for a cluster of one family. */
function defaultFamilies(spec: core.ServiceSpec): AllocationFault | undefined {
  const isBare = spec.clusterIP === "None" && Object.keys(spec.selector ?? {}).length === 0;
  spec.ipFamilyPolicy ??= isBare ? "RequireDualStack" : "SingleStack";
  const families = spec.ipFamilies ?? [];
  if (isBare) {
    const [family = "IPv4"] = families;
    const isSingle = spec.ipFamilyPolicy === "SingleStack" || families.length > 1;
    spec.ipFamilies = isSingle
      ? families.length === 0
        ? [family]
        : families
      : [family, family === "IPv4" ? "IPv6" : "IPv4"];
    return undefined;
  }
  if (spec.ipFamilyPolicy === "RequireDualStack") {
    const detail = "this cluster is not configured for dual-stack services";
    return { path: "spec.ipFamilyPolicy", message: `Invalid value: "RequireDualStack": ${detail}` };
  }
  const wrong = families.findIndex((family) => family !== "IPv4");
  if (wrong >= 0) {
    const shown = JSON.stringify(families[wrong]);
    const message = `Invalid value: ${shown}: not configured on this cluster`;
    return { path: `spec.ipFamilies[${wrong}]`, message };
  }
  spec.ipFamilies = ["IPv4"];
  return undefined;
}
