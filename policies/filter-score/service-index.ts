/**
 * ServiceIndex: the Services of each namespace by one label that they ask for, so that those that
 * select a pod are found by the pod's labels. It follows the changes of the Services.
 *
 * A cache: computed from the Services alone.
 */
import type { ApiObject } from "../../sim/api/index.ts";
import type { ObjectLister } from "../../sim/scheduler/index.ts";

type LabelSet = Readonly<Record<string, string>>;

interface SelectingService extends ApiObject {
  readonly spec?: { readonly selector?: LabelSet };
}

const NO_LABELS: LabelSet = {};

export class ServiceIndex {
  #services: ObjectLister | undefined;
  #version = 0;
  readonly #byNamespace = new Map<string, NamespaceServices>();

  /** All labels that the Services of the namespace ask for which select a pod of these labels. */
  labelsSelecting(namespace: string, labels: LabelSet, services: ObjectLister): LabelSet {
    this.#follow(services);
    return this.#byNamespace.get(namespace)?.labelsSelecting(labels) ?? NO_LABELS;
  }

  #follow(services: ObjectLister): void {
    const { version } = services;
    const isSame = services === this.#services;
    if (isSame && version === this.#version) return;
    const changed = isSame ? services.changedSince(this.#version) : undefined;
    this.#services = services;
    this.#version = version;
    if (changed === undefined) this.#readAll(services);
    else {
      for (const { namespace, name } of changed) {
        this.#of(namespace).set(name, services.get(namespace, name));
      }
    }
  }

  #readAll(services: ObjectLister): void {
    this.#byNamespace.clear();
    for (const service of services.list()) {
      const { namespace, name } = service.metadata;
      this.#of(namespace).set(name, service);
    }
  }

  #of(namespace: string): NamespaceServices {
    let found = this.#byNamespace.get(namespace);
    if (found === undefined) {
      found = new NamespaceServices();
      this.#byNamespace.set(namespace, found);
    }
    return found;
  }
}

/** A Service that selects by labels, under one of them. */
interface Indexed {
  readonly service: SelectingService;
  readonly label: string;
}

class NamespaceServices {
  readonly #byName = new Map<string, Indexed>();
  readonly #byLabel = new Map<string, Set<SelectingService>>();

  /** `service`: what the name stands for now; undefined: nothing. */
  set(name: string, service: SelectingService | undefined): void {
    const known = this.#byName.get(name);
    if (known?.service === service) return;
    if (known !== undefined) this.#remove(name, known);
    if (service !== undefined) this.#add(name, service);
  }

  labelsSelecting(labels: LabelSet): LabelSet {
    const selected: Record<string, string> = {};
    for (const [key, value] of Object.entries(labels)) {
      for (const service of this.#byLabel.get(labelText(key, value)) ?? []) {
        const selector = Object.entries(service.spec?.selector ?? {});
        if (!selector.every(([name, wanted]) => labels[name] === wanted)) continue;
        for (const [name, wanted] of selector) selected[name] = wanted;
      }
    }
    return selected;
  }

  /** Services without a selector select nothing; those with an empty one add no condition. */
  #add(name: string, service: SelectingService): void {
    let best: string | undefined;
    let bestSize = 0;
    for (const [key, value] of Object.entries(service.spec?.selector ?? {})) {
      const text = labelText(key, value);
      const size = this.#byLabel.get(text)?.size ?? 0;
      if (best !== undefined && size >= bestSize) continue;
      best = text;
      bestSize = size;
    }
    if (best === undefined) return;
    this.#byName.set(name, { service, label: best });
    const alike = this.#byLabel.get(best);
    if (alike === undefined) this.#byLabel.set(best, new Set([service]));
    else alike.add(service);
  }

  #remove(name: string, { service, label }: Indexed): void {
    this.#byName.delete(name);
    const alike = this.#byLabel.get(label);
    alike?.delete(service);
    if (alike?.size === 0) this.#byLabel.delete(label);
  }
}

function labelText(key: string, value: string): string {
  return `${key}=${value}`;
}
