/**
 * LimitRanger: fills in what containers request and may use, and keeps containers, pods and claims
 * within the bounds of their namespace's LimitRanges.
 *
 * Source: plugin/pkg/admission/limitranger/admission.go of v1.30, whose order of faults is random;
 * here they come by resource.
 */
import {
  type ApiObject,
  type Container,
  derivedPodSpec,
  type KeyRecord,
  type LimitRange,
  type PersistentVolumeClaim,
  type Pod,
  type PodSpec,
} from "../../api/index.ts";
import type { Etcd } from "../../etcd/index.ts";
import {
  type AdmissionAttributes,
  type AdmissionPlugin,
  type Draft,
  forbid,
} from "./attributes.ts";
import { claimFaults, podFaults } from "./limit-constraints.ts";
import { NamespaceIndex } from "./namespace-index.ts";

const ANNOTATION = "kubernetes.io/limit-ranger";

type Amounts = Readonly<Record<string, string>>;

/** A spec after the defaults of one LimitRange; `note` says what was set, "" for nothing. */
interface Completed {
  readonly range: LimitRange;
  readonly spec: PodSpec;
  readonly note: string;
}

interface Judged {
  readonly range: LimitRange;
  readonly faults: readonly string[];
}

export class LimitRanger implements AdmissionPlugin {
  readonly name = "LimitRanger";
  readonly kinds = ["Pod", "PersistentVolumeClaim"];
  readonly #ranges: NamespaceIndex<LimitRange>;

  constructor(etcd: Etcd) {
    this.#ranges = new NamespaceIndex(etcd, "LimitRange");
  }

  admit({ operation, record }: AdmissionAttributes, draft: Draft): boolean {
    if (operation !== "CREATE" || record.kind !== "Pod") return true;
    const ranges = this.#ranges.of(record.namespace);
    if (ranges.length > 0) complete(draft, ranges);
    return true;
  }

  validate(attributes: AdmissionAttributes, object: ApiObject): boolean {
    const { operation, record } = attributes;
    if (operation === "DELETE" || (operation === "UPDATE" && record.kind === "Pod")) return true;
    if (object.metadata.deletionTimestamp !== undefined) return true;
    for (const { stored } of this.#ranges.of(record.namespace)) {
      const faults = stored === undefined ? [] : faultsOf(stored, object);
      if (faults.length === 0) continue;
      return forbid(attributes, faults.length === 1 ? `${faults[0]}` : `[${faults.join(", ")}]`);
    }
    return true;
  }
}

function complete(draft: Draft, ranges: readonly KeyRecord<LimitRange>[]): void {
  let spec = draft.spec as PodSpec;
  const notes: string[] = [];
  for (const { stored } of ranges) {
    if (stored === undefined) continue;
    const done = completed(spec, stored);
    spec = done.spec;
    if (done.note !== "") notes.push(done.note);
  }
  draft.spec = spec;
  if (notes.length === 0) return;
  const { annotations } = draft.metadata;
  const note = `LimitRanger plugin set: ${notes.at(-1)}`;
  draft.metadata = { ...draft.metadata, annotations: { ...annotations, [ANNOTATION]: note } };
}

/** By spec, so that the pods of a template go on sharing one. */
const completedSpecs = new WeakMap<PodSpec, Completed>();

function completed(spec: PodSpec, range: LimitRange): Completed {
  const known = completedSpecs.get(spec);
  if (known?.range === range) return known;
  const notes: string[] = [];
  const [requests, limits] = defaultsOf(range);
  const fill = (container: Container, what: string): Container => {
    const { resources = {} } = container;
    const given = resources as { requests?: Amounts; limits?: Amounts };
    const missing = (defaults: Amounts, own: Amounts = {}, word: string): string[] => {
      const names = Object.keys(defaults).filter((name) => own[name] === undefined);
      if (names.length > 0)
        notes.push(`${names.sort().join(", ")} ${word} for ${what} ${container.name}`);
      return names;
    };
    const lacking =
      missing(requests, given.requests, "request").length +
      missing(limits, given.limits, "limit").length;
    if (lacking === 0) return container;
    const filled = {
      requests: { ...requests, ...given.requests },
      limits: { ...limits, ...given.limits },
    };
    return { ...container, resources: { ...resources, ...filled } };
  };
  const containers = spec.containers.map((each) => fill(each, "container"));
  const initContainers = spec.initContainers?.map((each) => fill(each, "init container"));
  const changes = { containers, ...(initContainers === undefined ? {} : { initContainers }) };
  // A default request may exceed a limit that the pod gives itself: it is validated again.
  const made = notes.length === 0 ? spec : derivedPodSpec(spec, changes, false);
  const result = { range, spec: made, note: notes.join("; ") };
  completedSpecs.set(spec, result);
  return result;
}

/** Default requests and limits of containers; a later item's go before an earlier's. */
function defaultsOf({ spec }: LimitRange): readonly [requests: Amounts, limits: Amounts] {
  const items = spec.limits.filter(({ type }) => type === "Container");
  const requests = Object.assign({}, ...items.map((item) => item.defaultRequest ?? {}));
  const limits = Object.assign({}, ...items.map((item) => item.default ?? {}));
  return [requests, limits];
}

const judgedSpecs = new WeakMap<PodSpec, Judged>();

function faultsOf(range: LimitRange, object: ApiObject): readonly string[] {
  if (object.kind !== "Pod") return claimFaults(range, object as PersistentVolumeClaim);
  const { spec } = object as Pod;
  const known = judgedSpecs.get(spec);
  if (known?.range === range) return known.faults;
  const faults = podFaults(range, spec);
  judgedSpecs.set(spec, { range, faults });
  return faults;
}
