/**
 * ServiceTargets: Services of the user's manifests that reach nothing, though the API takes them: no
 * pod template has the labels that they select, none of those has the port that they name, or all of
 * those weigh nothing. Pure.
 */
import type { core, Manifest } from "../../sim/api/index.ts";
import { WEIGHT_ANNOTATION } from "../../sim/network/index.ts";

interface Noted {
  readonly name: string;
  readonly namespace: string;
  readonly spec: core.ServiceSpec;
  readonly source: string;
}

interface Template {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Of containers, and of init containers that go on running. */
  readonly portNames: ReadonlySet<string>;
  /** Its share of the connections is 0. */
  readonly isWeightless: boolean;
}

interface PodLike {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: core.PodSpec;
}

export class ServiceTargets {
  readonly #services: Noted[] = [];
  readonly #templates: Template[] = [];

  /** Remembers an object of a manifest. `source` is `file:line`. */
  note(object: Manifest, source: string): void {
    const { name = "", namespace = "default" } = object.metadata ?? {};
    if (object.kind === "Service") {
      const spec = (object.spec ?? {}) as core.ServiceSpec;
      this.#services.push({ name, namespace, spec, source });
      return;
    }
    const pod = templateOf(object);
    if (pod === undefined) return;
    const { containers = [], initContainers = [] } = pod.spec ?? {};
    const running = initContainers.filter(({ restartPolicy }) => restartPolicy === "Always");
    const names = [...containers, ...running].flatMap(({ ports = [] }) =>
      ports.flatMap((port) => port.name ?? []),
    );
    const labels = pod.metadata?.labels ?? {};
    const weight = pod.metadata?.annotations?.[WEIGHT_ANNOTATION];
    const isWeightless = weight !== undefined && Number(weight) === 0;
    this.#templates.push({ namespace, labels, portNames: new Set(names), isWeightless });
  }

  /** One line for each thing to be told, in the order of the manifests. Call when all were noted. */
  tell(): string[] {
    return this.#services.flatMap((service) => this.#faults(service));
  }

  #faults({ name, namespace, spec, source }: Noted): string[] {
    const who = `${source}: Service "${name}"`;
    const lines: string[] = [];
    if (spec.trafficDistribution !== undefined) {
      const gate = "apiserver.serviceTrafficDistribution";
      lines.push(`${who}: spec.trafficDistribution is heeded only with ${gate}: true`);
    }
    const { selector } = spec;
    if (spec.type === "ExternalName" || selector === undefined) return lines;
    const wanted = Object.entries(selector);
    const selected = this.#templates.filter(
      (template) =>
        template.namespace === namespace &&
        wanted.every(([key, value]) => template.labels[key] === value),
    );
    if (selected.length === 0) {
      const text = wanted.map(([key, value]) => `${key}=${value}`).join(",");
      return [
        ...lines,
        `${who}: spec.selector ${text} matches no pod template of the manifests in namespace "${namespace}": it may have no endpoints`,
      ];
    }
    if (selected.every(({ isWeightless }) => isWeightless))
      lines.push(
        `${who}: all pods that it selects have ${WEIGHT_ANNOTATION}: "0": a balancer that goes by weights refuses every connection`,
      );
    (spec.ports ?? []).forEach(({ targetPort }, i) => {
      if (typeof targetPort !== "string") return;
      if (selected.some(({ portNames }) => portNames.has(targetPort))) return;
      lines.push(
        `${who}: spec.ports[${i}].targetPort "${targetPort}" is the name of no container port of the pods that it selects: the port leads nowhere`,
      );
    });
    return lines;
  }
}

/** The pods that an object makes, or the pod that it is. */
function templateOf({ kind, spec, metadata }: Manifest): PodLike | undefined {
  if (kind === "Pod") return { metadata: metadata ?? {}, spec: spec as core.PodSpec };
  const holder = spec as
    | {
        readonly template?: PodLike;
        readonly jobTemplate?: { readonly spec?: { readonly template?: PodLike } };
      }
    | undefined;
  return kind === "CronJob" ? holder?.jobTemplate?.spec?.template : holder?.template;
}
