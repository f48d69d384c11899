/**
 * ResourceQuota: the last plugin, which counts what a namespace asks for. Usage is checked and
 * charged, in `status.used` of the quota, in one step with the write that it is charged for, so no
 * two requests can pass on one remainder.
 *
 * Source: apiserver/pkg/admission/plugin/resourcequota (controller.go: CheckRequest) and
 * pkg/quota/v1/evaluator/core of v1.30. `limitedResources` of its configuration file, and the sharing
 * of one status write by requests that wait together, are not modelled.
 *
 * Hot where a namespace has quotas: sums are kept beside the status that they were made of, and
 * what a template's pods ask for is counted once.
 */
import {
  type ApiObject,
  asQuantities,
  computeUsage,
  isInScopes,
  isQuotaResourceOf,
  type KeyRecord,
  type Kind,
  kindNamed,
  type Pod,
  type Quantities,
  type ResourceQuota as Quota,
  type QuotaUsage,
  quotaUsage,
} from "../../api/index.ts";
import type { Etcd } from "../../etcd/index.ts";
import { HopLatency, type Micros } from "../../kernel/index.ts";
import type { ApiCall } from "../api-call.ts";
import { type AdmissionAttributes, type AdmissionPlugin, forbid } from "./attributes.ts";
import { NamespaceIndex } from "./namespace-index.ts";

/** If a quota counts one of these, every container must say how much of it it needs. */
const MUST_BE_SPECIFIED: ReadonlySet<string> = new Set([
  "cpu",
  "memory",
  "requests.cpu",
  "requests.memory",
  "limits.cpu",
  "limits.memory",
]);
/** Kinds whose usage may grow by an update. */
const COUNTED_ON_UPDATE = ["PersistentVolumeClaim", "Service"];

/** A quota that the write has to be charged to, and what will be used then. */
interface Charge {
  readonly record: KeyRecord<Quota>;
  readonly quota: Quota;
  readonly used: Quantities;
}

/** A quota's status as quantities. */
interface Amounts {
  readonly hard: Quantities;
  readonly used: Quantities;
}

export class ResourceQuota implements AdmissionPlugin {
  readonly name = "ResourceQuota";
  readonly kinds = "*";
  readonly #etcd: Etcd;
  readonly #quotas: NamespaceIndex<Quota>;
  readonly #latency: HopLatency;

  /** `quotaUpdate`: how long the write of a quota's usage takes, a distribution. */
  constructor(etcd: Etcd, seed: string, quotaUpdate: string) {
    this.#etcd = etcd;
    this.#quotas = new NamespaceIndex(etcd, "ResourceQuota");
    this.#latency = new HopLatency(seed, quotaUpdate, "latency.quotaUpdate");
  }

  validate(attributes: AdmissionAttributes, object: ApiObject): boolean {
    const { record } = attributes;
    if (record.namespace === "" || !isCounted(attributes)) return true;
    const quotas = this.#quotas.of(record.namespace);
    if (quotas.length === 0) return true;
    const charges = chargesOf(attributes, quotas, object);
    if (charges === undefined) return false;
    for (const charge of charges) this.#store(charge);
    return true;
  }

  /** Extra time of a request that is charged to a quota: the quota is written first. */
  delayUs(call: ApiCall): Micros {
    const { verb, subresource, record } = call;
    if (verb !== "create" || subresource !== "" || record === undefined) return 0;
    for (const quota of this.#quotas.of(record.namespace)) {
      const hard = quota.stored?.status.hard ?? {};
      for (const name of Object.keys(hard)) {
        if (isQuotaResourceOf(kindNamed(call.kind), name))
          return this.#latency.us(call.drawHash, call.drawNumber);
      }
    }
    return 0;
  }

  #store({ record, quota, used }: Charge): void {
    const texts: Record<string, string> = {};
    for (const [name, amount] of used) texts[name] = String(amount);
    const status = { ...quota.status, used: texts };
    amountsOfStatus.set(status, { hard: amountsOf(quota).hard, used });
    const next: Quota = { ...quota, metadata: { ...quota.metadata }, status };
    this.#etcd.update(record, next, "");
  }
}

/** Pods and most kinds are counted when they are created: nothing they ask for can grow. */
function isCounted({ operation, record, old }: AdmissionAttributes): boolean {
  if (operation === "UPDATE") return COUNTED_ON_UPDATE.includes(record.kind);
  return operation === "CREATE" && old === undefined && record.stored === undefined;
}

/** The charges to all quotas that are about the object; undefined: the call was failed. */
function chargesOf(
  attributes: AdmissionAttributes,
  quotas: readonly KeyRecord<Quota>[],
  object: ApiObject,
): readonly Charge[] | undefined {
  const { kind, old } = attributes;
  const charges: Charge[] = [];
  const added = old === undefined ? undefined : growth(kind, object, old);
  for (const record of quotas) {
    const quota = record.stored;
    if (quota === undefined) continue;
    const { hard, used } = amountsOf(quota);
    const names = [...hard.keys()].filter((name) => isQuotaResourceOf(kind, name)).sort();
    if (names.length === 0 || !isInScopes(quota, object)) continue;
    const refused = refusal(quota, names, used, object);
    if (refused !== undefined) {
      forbid(attributes, refused);
      return undefined;
    }
    const usage = added ?? quotaUsage(kind, object);
    const next = charged(names, hard, used, usage);
    if (typeof next === "object") charges.push({ record, quota, used: next });
    else if (next === "exceeded") {
      forbid(attributes, exceededText(quota.metadata.name, names, hard, used, usage));
      return undefined;
    }
  }
  return charges;
}

/** What must be said or known before anything is counted. */
function refusal(
  { metadata: { name } }: Quota,
  names: readonly string[],
  used: QuotaUsage,
  object: ApiObject,
): string | undefined {
  if (object.kind === "Pod") {
    const missing = unspecified(names, object as Pod);
    if (missing !== "") return `failed quota: ${name}: must specify ${missing}`;
  }
  for (const each of names) {
    if (!used.has(each)) return `status unknown for quota: ${name}, resources: ${names.join(",")}`;
  }
  return undefined;
}

/** `limits.cpu for: main,side; memory for: main`: what containers leave open. */
function unspecified(names: readonly string[], { spec }: Pod): string {
  const wanted = names.filter((name) => MUST_BE_SPECIFIED.has(name));
  if (wanted.length === 0) return "";
  const lacking = new Map<string, string[]>();
  for (const { name, resources } of [...spec.containers, ...(spec.initContainers ?? [])]) {
    const requests = asQuantities(resources?.requests);
    const limits = asQuantities(resources?.limits);
    const given = computeUsage(requests, limits);
    for (const each of wanted) {
      if (given.has(each)) continue;
      const containers = lacking.get(each);
      if (containers === undefined) lacking.set(each, [name]);
      else containers.push(name);
    }
  }
  const parts = wanted.filter((each) => lacking.has(each));
  return parts.map((each) => `${each} for: ${lacking.get(each)?.sort().join(",")}`).join("; ");
}

/** What will be used; "exceeded" when that is too much, "nothing" when there is nothing to add. */
function charged(
  names: readonly string[],
  hard: QuotaUsage,
  used: QuotaUsage,
  usage: QuotaUsage,
): Quantities | "exceeded" | "nothing" {
  let next: Quantities | undefined;
  for (const name of names) {
    const more = usage.get(name);
    if (more === undefined || more.sign() === 0) continue;
    const before = used.get(name);
    const sum = before === undefined ? more : before.add(more);
    const limit = hard.get(name);
    if (limit !== undefined && sum.compare(limit) > 0) return "exceeded";
    next ??= new Map(used);
    next.set(name, sum);
  }
  return next ?? "nothing";
}

function exceededText(
  quota: string,
  names: readonly string[],
  hard: QuotaUsage,
  used: QuotaUsage,
  usage: QuotaUsage,
): string {
  const exceeded = names.filter((name) => {
    const more = usage.get(name);
    const limit = hard.get(name);
    if (more === undefined || limit === undefined || more.sign() === 0) return false;
    return (used.get(name)?.add(more) ?? more).compare(limit) > 0;
  });
  const shown = (amounts: QuotaUsage): string =>
    exceeded.map((name) => `${name}=${amounts.get(name)}`).join(",");
  return `exceeded quota: ${quota}, requested: ${shown(usage)}, used: ${shown(used)}, limited: ${shown(hard)}`;
}

/** How much more an object counts than before; less is given back by the quota controller. */
function growth(kind: Kind, object: ApiObject, old: ApiObject): QuotaUsage {
  const before = quotaUsage(kind, old);
  const added: Quantities = new Map();
  for (const [name, amount] of quotaUsage(kind, object)) {
    const more =
      before.get(name) === undefined ? amount : amount.subtract(before.get(name) ?? amount);
    if (more.sign() > 0) added.set(name, more);
  }
  return added;
}

/** By status, which never changes: can be made anew at any time. */
const amountsOfStatus = new WeakMap<Quota["status"], Amounts>();

function amountsOf({ status }: Quota): Amounts {
  let amounts = amountsOfStatus.get(status);
  if (amounts === undefined) {
    const texts = status as { hard?: Record<string, string>; used?: Record<string, string> };
    amounts = { hard: asQuantities(texts.hard), used: asQuantities(texts.used) };
    amountsOfStatus.set(status, amounts);
  }
  return amounts;
}
