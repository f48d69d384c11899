/**
 * DnsServer: what the CoreDNS pods answer, and how long it takes them.
 *
 * All pods watch Services and EndpointSlices; one informer stands for theirs (the `kubernetes`
 * plugin). Each pod keeps its answers, negative ones too, for the records' TTL (`cache 30`).
 */
import type { KeyRecord, Pod, Service } from "../../api/index.ts";
import { type ClientHub, InformerFactory, type InformerHub } from "../../client/index.ts";
import { HopLatency, type Kernel, type Micros } from "../../kernel/index.ts";
import type { DnsOptions } from "../../options/index.ts";
import type { Call } from "../call/index.ts";
import { attemptHash, type ServiceBehaviour } from "../calls/index.ts";
import { type Balancer, followName, type ServiceRouting, serviceNamed } from "../proxy/index.ts";
import { DNS_SERVICE } from "./dns-addon.ts";
import { type NameAnswer, type NameCache, remember, remembered } from "./name-cache.ts";
import { type NameQuery, queryOf } from "./name-query.ts";

export interface DnsServerSettings {
  readonly kernel: Kernel;
  readonly clients: ClientHub;
  readonly informers: InformerHub;
  readonly routing: ServiceRouting;
  readonly options: DnsOptions;
}

interface DnsServerState {
  /** By pod. */
  readonly caches: Map<KeyRecord<Pod>, NameCache>;
}

const SECOND_US = 1_000_000;
const BY_KEY = "key";
const NOWHERE = { service: "", host: "" };
/** A name server gives all addresses; nothing is chosen there. */
const ALL: Balancer = { name: "all", choose: () => 0 };

export class DnsServer implements ServiceBehaviour {
  state: DnsServerState = { caches: new Map() };
  readonly #kernel: Kernel;
  readonly #routing: ServiceRouting;
  readonly #informers: InformerFactory;
  readonly #services;
  readonly #serviceTime: HopLatency;
  readonly #ttlUs: Micros;

  constructor({ clients, informers, kernel, options, routing }: DnsServerSettings) {
    this.#kernel = kernel;
    this.#routing = routing;
    this.#informers = new InformerFactory(informers, clients.client("coredns"));
    this.#services = this.#informers.informer<Service>("Service").indexer;
    this.#services.addIndex(BY_KEY, ({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    this.#serviceTime = new HopLatency(kernel.seed, options.serviceTime, "dns.serviceTime");
    this.#ttlUs = options.ttlSeconds * SECOND_US;
    kernel.keep("network/dns-server", this);
  }

  /** Begins, in step with the API server. */
  start(): void {
    this.#informers.startSynced();
  }

  serves(service: string): boolean {
    return service === DNS_SERVICE;
  }

  /** A query that is sent again is another packet, which takes its own time. */
  workUs(call: Call): Micros {
    return this.#serviceTime.us(attemptHash(call), call.number);
  }

  /** A pod has ended, and its cache with it. */
  podEnded(record: KeyRecord<Pod>): void {
    this.state.caches.delete(record);
  }

  worked(call: Call): boolean {
    const query = queryOf(call);
    if (query !== undefined) query.answer = this.#answer(call, query);
    return false;
  }

  #answer({ server }: Call, { name }: NameQuery): NameAnswer {
    const { nowUs } = this.#kernel;
    if (server === undefined) return this.#lookUp(name);
    const { caches } = this.state;
    let cache = caches.get(server.record);
    if (cache === undefined) {
      cache = new Map();
      caches.set(server.record, cache);
    }
    return remembered(cache, name, nowUs) ?? remember(cache, name, this.#lookUp(name), nowUs);
  }

  #lookUp(name: string): NameAnswer {
    const untilUs = this.#kernel.nowUs + this.#ttlUs;
    const key = serviceNamed(name);
    const lead = key === undefined ? NOWHERE : followName(key, (each) => this.#service(each));
    const service = this.#service(lead.service);
    if (service?.spec.clusterIP !== "None") {
      const exists = service !== undefined || lead.host !== "";
      return { exists, records: undefined, lead, untilUs };
    }
    const target = this.#routing.target(lead.service, "");
    const records = this.#routing.endpoints(this.#routing.clientSite(target, -1, "dns", ALL));
    const exists = records !== undefined && records.endpoints.length > 0;
    return { exists, records: exists ? records : undefined, lead, untilUs };
  }

  #service(key: string): Service | undefined {
    const record = this.#services.byIndex(BY_KEY, key)[0];
    return record === undefined ? undefined : this.#services.get(record);
  }
}
