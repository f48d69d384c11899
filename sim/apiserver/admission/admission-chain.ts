/**
 * AdmissionChain: the admission plugins of kube-apiserver, in its order: first all that may change
 * the object, then, when it is defaulted and valid, all that may only refuse it
 * (pkg/kubeapiserver/options/plugins.go of v1.30).
 *
 * Hot: once per write. A plugin is asked only about the kinds that it looks at, and the pods of one
 * template come out with one spec: each plugin remembers what it made of a spec.
 */
import { type ApiObject, defaultPodSpec, type PodSpec } from "../../api/index.ts";
import type { Etcd } from "../../etcd/index.ts";
import type { Micros } from "../../kernel/index.ts";
import type { WebhookOptions } from "../../options/index.ts";
import type { ApiCall } from "../api-call.ts";
import type { AdmissionAttributes, AdmissionPlugin, Draft } from "./attributes.ts";
import { DefaultIngressClass } from "./default-ingress-class.ts";
import { DefaultStorageClass } from "./default-storage-class.ts";
import { DefaultTolerationSeconds } from "./default-toleration-seconds.ts";
import { LimitRanger } from "./limit-ranger.ts";
import { NamespaceLifecycle } from "./namespace-lifecycle.ts";
import { Priority } from "./priority.ts";
import { ResourceQuota } from "./resource-quota.ts";
import { ServiceAccount } from "./service-account.ts";
import { TaintNodesByCondition } from "./taint-nodes-by-condition.ts";
import { Webhooks } from "./webhooks.ts";

export interface AdmissionSettings {
  readonly etcd: Etcd;
  readonly seed: string;
  /** Distribution of the time that the write of a quota's usage takes. */
  readonly quotaUpdate: string;
  readonly disableAdmissionPlugins: readonly string[];
  readonly webhooks: readonly WebhookOptions[];
}

/** Names for `apiserver.disableAdmissionPlugins`, in the order in which the plugins are asked. */
export const admissionPluginNames: readonly string[] = [
  "NamespaceLifecycle",
  "LimitRanger",
  "ServiceAccount",
  "TaintNodesByCondition",
  "Priority",
  "DefaultTolerationSeconds",
  "DefaultStorageClass",
  "DefaultIngressClass",
  "MutatingAdmissionWebhook",
  "ValidatingAdmissionWebhook",
  "ResourceQuota",
];

/** What is asked about one kind. */
interface PluginsOfKind {
  readonly admitting: readonly AdmissionPlugin[];
  readonly validating: readonly AdmissionPlugin[];
}

export class AdmissionChain {
  readonly #plugins: readonly AdmissionPlugin[];
  /** Of those plugins that make a request take longer. */
  readonly #delaying: readonly { delayUs(call: ApiCall): Micros; kinds: readonly string[] | "*" }[];
  readonly #byKind = new Map<string, PluginsOfKind>();

  constructor({ etcd, seed, quotaUpdate, disableAdmissionPlugins, webhooks }: AdmissionSettings) {
    const account = new ServiceAccount(etcd, seed);
    const mutating = new Webhooks("mutating", webhooks, seed);
    const validating = new Webhooks("validating", webhooks, seed);
    const quota = new ResourceQuota(etcd, seed, quotaUpdate);
    const isOn = ({ name }: AdmissionPlugin): boolean => !disableAdmissionPlugins.includes(name);
    const all: readonly AdmissionPlugin[] = [
      new NamespaceLifecycle(etcd),
      new LimitRanger(etcd),
      account,
      new TaintNodesByCondition(),
      new Priority(etcd),
      new DefaultTolerationSeconds(),
      new DefaultStorageClass(etcd),
      new DefaultIngressClass(etcd),
      mutating,
      validating,
      quota,
    ];
    this.#plugins = all.filter(isOn);
    this.#delaying = [account, mutating, validating, quota].filter(
      (plugin) => isOn(plugin) && plugin.kinds.length > 0,
    );
  }

  /** Mutating admission. Returns the object to go on with; undefined: the call was failed. */
  mutate(attributes: AdmissionAttributes, draft: Draft): Draft | undefined {
    const { operation, record } = attributes;
    // The API sets defaults as it decodes: what a limit says of a request is there for LimitRanger.
    if (operation === "CREATE" && record.kind === "Pod") draft.spec = withDefaults(draft.spec);
    const { admitting } = this.#of(record.kind);
    for (const plugin of admitting) {
      if (plugin.admit?.(attributes, draft) === false) return undefined;
    }
    return draft;
  }

  /**
   * Validating admission of the final object (for DELETE: the stored one). False: the call was
   * failed. What it charges to quotas is stored at once: the write must follow.
   */
  validate(attributes: AdmissionAttributes, object: ApiObject): boolean {
    const { validating } = this.#of(attributes.record.kind);
    for (const plugin of validating) {
      if (plugin.validate?.(attributes, object) === false) return false;
    }
    return true;
  }

  /** How much longer admission of this request takes than `latency` says: webhooks, quotas. */
  delayUs(call: ApiCall): Micros {
    let delayUs = 0;
    for (const plugin of this.#delaying) {
      if (plugin.kinds === "*" || plugin.kinds.includes(call.kind)) delayUs += plugin.delayUs(call);
    }
    return delayUs;
  }

  #of(kind: string): PluginsOfKind {
    let found = this.#byKind.get(kind);
    if (found === undefined) {
      const asked = this.#plugins.filter(({ kinds }) => kinds === "*" || kinds.includes(kind));
      found = {
        admitting: asked.filter(({ admit }) => admit !== undefined),
        validating: asked.filter(({ validate }) => validate !== undefined),
      };
      this.#byKind.set(kind, found);
    }
    return found;
  }
}

const NO_SPEC: PodSpec = { containers: [] };
const defaulted = new WeakMap<PodSpec, PodSpec>();

/** Remembered also for specs without defaults: workloads give one to many pods. */
function withDefaults(given: unknown): PodSpec {
  const spec = (given ?? NO_SPEC) as PodSpec;
  let made = defaulted.get(spec);
  if (made === undefined) {
    made = defaultPodSpec(spec);
    defaulted.set(spec, made);
  }
  return made;
}
