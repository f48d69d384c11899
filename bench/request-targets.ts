/**
 * RequestTargets: whether the Services that an experiment's requests go to are there. The workload's
 * operations are shown to it as they are read; what it says then is final.
 */
import type { core, Manifest } from "../sim/api/index.ts";
import { InputError, nearestName } from "../sim/kernel/index.ts";
import { splitTarget } from "../sim/network/index.ts";
import type { TimedOperation } from "../workloads/index.ts";
import type { Experiment } from "./experiment.ts";

/** One place of the experiment that names a Service. */
interface Target {
  /** `traffic[0].service` */
  readonly where: string;
  readonly service: string;
  /** Name or number; "": the first. */
  readonly port: string;
  readonly isOutside: boolean;
  /** Requests go to it; false: only what its pods do is said. */
  readonly isCalled: boolean;
}

/** A Service as the workload has it, in all its versions. */
interface Known {
  /** `shop.yaml:17` */
  readonly source: string;
  readonly ports: core.ServicePort[];
  readonly types: Set<string>;
  /** It is patched: what it has then is not known here. */
  isOpen: boolean;
}

/** Namespaces of add-ons, whose Services a workload does not have. */
const ADD_ONS = ["kube-system/", "ingress-nginx/"];

export class RequestTargets {
  readonly #targets: readonly Target[];
  readonly #known = new Map<string, Known>();

  constructor(experiment: Pick<Experiment, "traffic" | "services">) {
    this.#targets = targetsOf(experiment);
  }

  /** Takes note of an operation that is about to be sent. */
  note({ verb, object, source }: Pick<TimedOperation, "verb" | "object" | "source">): void {
    if (object.kind !== "Service") return;
    const { name = "", namespace = "default" } = object.metadata ?? {};
    const key = `${namespace}/${name}`;
    if (verb === "create" || verb === "apply") this.#add(key, object, source);
    else if (verb === "patch") this.#known.set(key, { ...this.#entry(key, source), isOpen: true });
  }

  /**
   * When all were noted: a line for each Service that nothing creates or that is not open to the
   * outside. Throws InputError for a port that its Service never has.
   */
  tell(): string[] {
    return this.#targets.flatMap((target) => this.#judge(target) ?? []);
  }

  #entry(key: string, source: string): Known {
    return this.#known.get(key) ?? { source, ports: [], types: new Set<string>(), isOpen: false };
  }

  #add(key: string, { spec }: Manifest, source: string): void {
    const entry = this.#entry(key, source);
    const { ports = [], type = "ClusterIP", externalIPs = [] } = (spec ?? {}) as core.ServiceSpec;
    entry.ports.push(...ports);
    entry.types.add(externalIPs.length > 0 ? "externalIPs" : type);
    this.#known.set(key, entry);
  }

  #judge({ where, service, port, isOutside, isCalled }: Target): string | undefined {
    const known = this.#known.get(service);
    if (known === undefined) {
      if (ADD_ONS.some((prefix) => service.startsWith(prefix))) return undefined;
      const near = nearestName(service, [...this.#known.keys()]);
      const meant = near === undefined ? "" : `. Did you mean "${near}"?`;
      const outcome = isCalled ? ": its requests find no endpoints" : "";
      return `${where}: no manifest has the Service ${service}${outcome}${meant}`;
    }
    if (known.isOpen) return undefined;
    const { ports, source, types } = known;
    if (port !== "" && !ports.some((one) => one.name === port || String(one.port) === port)) {
      const names = new Set(ports.map((one) => portText(one)));
      const has = names.size === 0 ? "none" : [...names].join(", ");
      throw new InputError(
        `${where}: got "${service}:${port}", want a port of the Service (${source}). It has ${has}: name one.`,
      );
    }
    if (!isOutside || types.size !== 1 || !types.has("ClusterIP")) return undefined;
    return (
      `${where}: from outside, and the Service ${service} (${source}) is of type ClusterIP: ` +
      "its requests find no way in. Make it a NodePort or LoadBalancer"
    );
  }
}

/** `http (80)`, or the number where it has no name. */
function portText({ name = "", port }: core.ServicePort): string {
  return name === "" ? String(port) : `${name} (${port})`;
}

function targetsOf({ services, traffic }: Pick<Experiment, "traffic" | "services">): Target[] {
  const models = Object.entries(services).flatMap(([service, { calls }]): Target[] => [
    { where: "services", service, port: "", isOutside: false, isCalled: false },
    ...calls.flat().map(({ to }) => ({
      ...(splitTarget(to) ?? { service: to, port: "" }),
      where: `services."${service}".calls`,
      isOutside: false,
      isCalled: true,
    })),
  ]);
  const loads = traffic.flatMap(({ from, ingress, port, service }, i): Target[] => {
    const where = `traffic[${i}].service`;
    const isOutside = from === "outside";
    return ingress === undefined ? [{ where, service, port, isOutside, isCalled: true }] : [];
  });
  const all = [...loads, ...models];
  // Each is told of once, first where requests go to it.
  return all.filter(
    ({ service, port, isCalled }, i) =>
      all.findIndex((one) => one.service === service && (!isCalled || one.port === port)) === i,
  );
}
