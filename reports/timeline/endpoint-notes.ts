/** EndpointNotes: whether and when the Services of a pod got to know that it is ready. */
import type { ApiObject, WatchEntry } from "../../sim/api/index.ts";
import type { Micros } from "../../sim/kernel/index.ts";
import type { CommitNote, ObjectName } from "./object-log.ts";

interface ServiceLike {
  readonly spec?: { readonly selector?: Readonly<Record<string, string>> };
}
interface SliceLike {
  readonly endpoints?: readonly {
    readonly conditions?: { readonly ready?: boolean };
    readonly targetRef?: { readonly name?: string };
  }[];
}

const SERVICE_LABEL = "kubernetes.io/service-name";

/** A slice that names the pod as ready. */
export interface EndpointNote {
  readonly slice: ObjectName;
  readonly service: ObjectName;
  readonly revision: number;
  readonly timeUs: Micros;
}

export class EndpointNotes {
  readonly #pod: ObjectName;
  readonly #selectors = new Map<string, Readonly<Record<string, string>>>();
  #labels: Readonly<Record<string, string>> = {};
  /** By Service: the first one that names it. */
  readonly #found = new Map<string, EndpointNote>();

  /** Idle when the object is no pod. */
  constructor(object: ObjectName) {
    this.#pod = object;
  }

  /** Whether objects of the kind, in the pod's namespace, are part of this story. */
  follows(kind: string): boolean {
    return this.#pod.kind === "Pod" && (kind === "Service" || kind === "EndpointSlice");
  }

  committed({ record, object, type, revision, timeUs }: WatchEntry): void {
    const { kind, name, namespace } = record;
    if (this.#pod.kind !== "Pod" || namespace !== this.#pod.namespace) return;
    if (kind === "Pod" && name === this.#pod.name && type === "ADDED") {
      this.#labels = object.metadata.labels ?? {};
      this.#found.clear();
    } else if (kind === "Service") this.#service(name, object, type === "DELETED");
    else if (kind === "EndpointSlice" && type !== "DELETED") {
      const service = object.metadata.labels?.[SERVICE_LABEL] ?? "";
      if (this.#found.has(service) || !this.#isReadyIn(object)) return;
      const named = { kind: "Service", namespace, name: service };
      const slice = { kind, namespace, name };
      this.#found.set(service, { slice, service: named, revision, timeUs });
    }
  }

  /** When all Services of the pod knew it, counted from its readiness; undefined: not yet. */
  doneUs({ timeUs }: CommitNote): Micros | undefined {
    let lastUs = timeUs;
    for (const [service, selector] of this.#selectors) {
      if (!this.#selects(selector)) continue;
      const note = this.#found.get(service);
      if (note === undefined) return undefined;
      lastUs = Math.max(lastUs, note.timeUs);
    }
    return lastUs;
  }

  /** In order of time. */
  found(): EndpointNote[] {
    return [...this.#found.values()].sort((a, b) => a.revision - b.revision);
  }

  #service(name: string, object: ApiObject, isDeleted: boolean): void {
    const selector = (object as unknown as ServiceLike).spec?.selector;
    if (isDeleted || selector === undefined) this.#selectors.delete(name);
    else this.#selectors.set(name, selector);
  }

  #selects(selector: Readonly<Record<string, string>>): boolean {
    const wanted = Object.entries(selector);
    return wanted.length > 0 && wanted.every(([key, value]) => this.#labels[key] === value);
  }

  #isReadyIn(object: ApiObject): boolean {
    const { endpoints = [] } = object as unknown as SliceLike;
    return endpoints.some(
      ({ targetRef, conditions }) =>
        targetRef?.name === this.#pod.name && conditions?.ready === true,
    );
  }
}
