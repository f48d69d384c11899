/**
 * ServiceWatch: the proxies' informers of Services and EndpointSlices. Every proxy watches the same
 * objects, so one pair of informers stands for all; how much later a node's own watch tells it comes
 * on top of that.
 */
import { type EndpointSlice, type Service, timestampUs } from "../../api/index.ts";
import {
  type ClientHub,
  InformerFactory,
  type InformerHub,
  type SharedInformer,
} from "../../client/index.ts";
import type { Micros } from "../../kernel/index.ts";

/** discovery.k8s.io/v1 LabelServiceName: the Service that a slice belongs to. */
const SERVICE_NAME_LABEL = "kubernetes.io/service-name";
/** core/v1 EndpointsLastChangeTriggerTime: when that happened which changed the slice. */
const TRIGGER_ANNOTATION = "endpoints.kubernetes.io/last-change-trigger-time";
/** Index of slices by the key of their Service, and of Services by their own. */
const BY_SERVICE = "service";

/** What a change does to a Service as the proxies have it. */
export interface ServiceChange {
  /** `namespace/name` of the Service. */
  readonly key: string;
  /** Ports with a virtual IP, and endpoints times ports, more than before. */
  readonly ports: number;
  readonly endpoints: number;
  /** The proxies look at what has changed in it (else only those who track the Service). */
  readonly isNews: boolean;
  /** When the change of a slice was triggered: NaN: not stated; -1: no slice was written. */
  readonly triggerUs: Micros;
}

export class ServiceWatch {
  readonly #informers: InformerFactory;
  readonly #services: SharedInformer<Service>;
  readonly #slices: SharedInformer<EndpointSlice>;
  readonly #onChange: (change: ServiceChange) => void;

  constructor(
    clients: ClientHub,
    informers: InformerHub,
    onChange: (change: ServiceChange) => void,
  ) {
    this.#onChange = onChange;
    this.#informers = new InformerFactory(informers, clients.client("kube-proxy"));
    this.#services = this.#informers.informer<Service>("Service");
    this.#slices = this.#informers.informer<EndpointSlice>("EndpointSlice");
    this.#services.indexer.addIndex(BY_SERVICE, keyOf);
    this.#slices.indexer.addIndex(BY_SERVICE, serviceOf);
    this.#services.addEventHandler({
      onAdd: ({ key }, service) => this.#service(key, undefined, service),
      onUpdate: ({ key }, old, service) => this.#service(key, old, service),
      onDelete: ({ key }, last) => this.#service(key, last, undefined),
    });
    this.#slices.addEventHandler({
      onAdd: (_record, slice) => this.#slice(undefined, slice),
      onUpdate: (_record, old, slice) => {
        if (serviceOf(old) === serviceOf(slice)) return this.#slice(old, slice);
        this.#slice(old, undefined);
        this.#slice(undefined, slice);
      },
      onDelete: (_record, slice) => this.#slice(slice, undefined),
    });
  }

  /** Begins, in step with the API server: the proxies have watched since before the run. */
  start(): void {
    this.#informers.startSynced();
  }

  service(key: string): Service | undefined {
    const { indexer } = this.#services;
    const record = indexer.firstByIndex(BY_SERVICE, key);
    return record === undefined ? undefined : indexer.get(record);
  }

  /** The slices of a Service, by key. */
  slices(key: string): EndpointSlice[] {
    const { indexer } = this.#slices;
    return indexer.byIndex(BY_SERVICE, key).flatMap((record) => indexer.get(record) ?? []);
  }

  #service(key: string, old: Service | undefined, service: Service | undefined): void {
    if (old !== undefined && old.spec === service?.spec && old.status === service.status) return;
    const before = portCount(old);
    const after = portCount(service);
    const isNews = before > 0 || after > 0;
    this.#onChange({ key, ports: after - before, endpoints: 0, isNews, triggerUs: -1 });
  }

  #slice(old: EndpointSlice | undefined, slice: EndpointSlice | undefined): void {
    const given = slice ?? old;
    const key = given === undefined ? undefined : serviceOf(given);
    if (key === undefined) return;
    if (old !== undefined && old.endpoints === slice?.endpoints && old.ports === slice.ports)
      return;
    const text = slice?.metadata.annotations?.[TRIGGER_ANNOTATION];
    const triggerUs = slice === undefined ? -1 : timestampUs(text ?? "");
    const endpoints = endpointCount(slice) - endpointCount(old);
    this.#onChange({ key, ports: 0, endpoints, isNews: true, triggerUs });
  }
}

function keyOf({ metadata }: Service): string {
  return `${metadata.namespace}/${metadata.name}`;
}

function serviceOf({ metadata }: EndpointSlice): string | undefined {
  const name = metadata.labels?.[SERVICE_NAME_LABEL];
  return name === undefined ? undefined : `${metadata.namespace}/${name}`;
}

/** Ports that have rules (proxyutil.ShouldSkipService: not of headless Services and ExternalNames). */
function portCount(service: Service | undefined): number {
  if (service === undefined) return 0;
  const { clusterIP, ports, type } = service.spec;
  return clusterIP === "None" || type === "ExternalName" ? 0 : (ports ?? []).length;
}

function endpointCount(slice: EndpointSlice | undefined): number {
  return slice === undefined ? 0 : slice.endpoints.length * Math.max(1, slice.ports?.length ?? 0);
}
