/**
 * IngressConfiguration: the Ingresses by which the controller's nginx serves. Changed ones are looked
 * at after --sync-rate-limit allows it; another configuration is served by after a reload, but for
 * canaries, which nginx takes over as it runs.
 *
 * All pods of the controller reload at one time: our simplification. That changes of endpoints wait
 * for the same rate limit in ingress-nginx is left out: they come as the watch tells of them.
 * Source: internal/ingress/controller/controller.go (syncIngress), nginx.go
 * (IsDynamicConfigurationEnough) and store.go (GetIngressClass) of ingress-nginx v1.10.
 */
import type { Ingress, IngressClass } from "../../api/index.ts";
import { type ClientHub, InformerFactory, type InformerHub } from "../../client/index.ts";
import { type HandlerId, HopLatency, hashString, type Kernel } from "../../kernel/index.ts";
import type { IngressOptions } from "../../options/index.ts";
import { INGRESS_CLASS, INGRESS_CONTROLLER } from "./ingress-addon.ts";
import { annotationsOf } from "./ingress-annotations.ts";

export interface IngressConfigurationSettings {
  readonly kernel: Kernel;
  readonly clients: ClientHub;
  readonly informers: InformerHub;
  readonly options: IngressOptions;
}

interface ConfigurationState {
  /** Those that nginx serves by: another list whenever they are others. */
  served: readonly Ingress[];
  /** Those that it will serve by after the reload that is under way; undefined: none is. */
  loading: readonly Ingress[] | undefined;
  hasStarted: boolean;
  /** A sync is scheduled, or waits for the reload. */
  isDirty: boolean;
  /** When the next sync may be. */
  nextSyncUs: number;
  reloads: number;
}

const SECOND_US = 1_000_000;
const OLD_CLASS = "kubernetes.io/ingress.class";
const RELOAD_HASH = hashString("ingress-nginx");

export class IngressConfiguration {
  state: ConfigurationState = {
    served: [],
    loading: undefined,
    hasStarted: false,
    isDirty: false,
    nextSyncUs: 0,
    reloads: 0,
  };
  readonly #kernel: Kernel;
  readonly #informers: InformerFactory;
  readonly #ingresses;
  readonly #classes;
  readonly #reload: HopLatency;
  readonly #syncEveryUs: number;
  readonly #synced: HandlerId<undefined>;
  readonly #reloaded: HandlerId<undefined>;

  constructor({ clients, informers, kernel, options }: IngressConfigurationSettings) {
    this.#kernel = kernel;
    this.#informers = new InformerFactory(informers, clients.client("ingress-nginx"));
    const ingresses = this.#informers.informer<Ingress>("Ingress");
    const classes = this.#informers.informer<IngressClass>("IngressClass");
    this.#ingresses = ingresses.indexer;
    this.#classes = classes.indexer;
    const changed = {
      onAdd: () => this.#onChange(),
      onUpdate: () => this.#onChange(),
      onDelete: () => this.#onChange(),
    };
    ingresses.addEventHandler(changed);
    classes.addEventHandler(changed);
    this.#reload = new HopLatency(kernel.seed, options.reload, "ingress.reload");
    this.#syncEveryUs = Math.round(SECOND_US / options.syncRateLimit);
    this.#synced = kernel.handler("network/ingress-sync", () => this.#sync());
    this.#reloaded = kernel.handler("network/ingress-reload", () => this.#onReloaded());
    kernel.keep("network/ingress-configuration", this);
  }

  /** Begins, in step with the API server: with what is there nginx has started. */
  start(): void {
    this.#informers.startSynced();
    this.state.served = this.#wanted();
    this.state.hasStarted = true;
  }

  /** What nginx serves by now: the same list until it is another one. */
  get served(): readonly Ingress[] {
    return this.state.served;
  }

  #onChange(): void {
    const { state } = this;
    if (!state.hasStarted || state.isDirty) return;
    state.isDirty = true;
    if (state.loading === undefined) this.#scheduleSync();
  }

  #scheduleSync(): void {
    const dueUs = Math.max(this.#kernel.nowUs, this.state.nextSyncUs);
    this.#kernel.background(dueUs, this.#synced, undefined, undefined);
  }

  #sync(): void {
    const { state } = this;
    const { nowUs } = this.#kernel;
    state.isDirty = false;
    state.nextSyncUs = nowUs + this.#syncEveryUs;
    const wanted = this.#wanted();
    const changed = differences(state.served, wanted);
    if (changed.length === 0) return;
    if (changed.every((each) => annotationsOf(each).canary !== undefined)) {
      state.served = wanted;
      return;
    }
    state.loading = wanted;
    const dueUs = nowUs + this.#reload.us(RELOAD_HASH, state.reloads++);
    this.#kernel.background(dueUs, this.#reloaded, undefined, undefined);
  }

  #onReloaded(): void {
    const { state } = this;
    state.served = state.loading ?? state.served;
    state.loading = undefined;
    if (state.isDirty) this.#scheduleSync();
  }

  /** The Ingresses whose class is the controller's. */
  #wanted(): readonly Ingress[] {
    const classes = new Set<string>();
    for (const record of this.#classes.keys())
      if (this.#classes.get(record)?.spec.controller === INGRESS_CONTROLLER)
        classes.add(record.name);
    return this.#ingresses.keys().flatMap((record) => {
      const ingress = this.#ingresses.get(record);
      if (ingress === undefined) return [];
      const { ingressClassName } = ingress.spec;
      const old = ingress.metadata.annotations?.[OLD_CLASS];
      const isOurs =
        ingressClassName === undefined
          ? old === "" || old === INGRESS_CLASS
          : classes.has(ingressClassName);
      return isOurs ? [ingress] : [];
    });
  }
}

/** The class that an Ingress of the controller's has. */
export function classOf({ spec }: Ingress): string {
  return spec.ingressClassName ?? INGRESS_CLASS;
}

/** The Ingresses, as they were and are, that nginx would be configured otherwise by. */
function differences(old: readonly Ingress[], now: readonly Ingress[]): Ingress[] {
  const before = new Map(old.map((each) => [each.metadata.uid, each]));
  const changed: Ingress[] = [];
  for (const each of now) {
    const was = before.get(each.metadata.uid);
    before.delete(each.metadata.uid);
    const isSame =
      was?.spec === each.spec && was.metadata.annotations === each.metadata.annotations;
    if (isSame) continue;
    changed.push(each);
    if (was !== undefined) changed.push(was);
  }
  return [...changed, ...before.values()];
}
