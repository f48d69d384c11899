/**
 * ServiceAccount: every pod acts as an account of its namespace, which must exist. Its token is not
 * mounted: the simulated pods speak to no API.
 *
 * Source: plugin/pkg/admission/serviceaccount/admission.go of v1.30. A pod of the account `default`
 * waits for it there for up to ten times 100 to 200 ms; here the request takes one such time longer
 * when the account is not there as it comes in, and is refused when it still is not.
 */
import { type ServiceAccount as Account, derivedPodSpec, type PodSpec } from "../../api/index.ts";
import type { Etcd } from "../../etcd/index.ts";
import { Draws, type Micros } from "../../kernel/index.ts";
import type { ApiCall } from "../api-call.ts";
import {
  type AdmissionAttributes,
  type AdmissionPlugin,
  type Draft,
  forbidDraft,
} from "./attributes.ts";

const DEFAULT = "default";
const MIRROR_ANNOTATION = "kubernetes.io/config.mirror";
const RETRY_MIN_US = 100_000;
const RETRY_SPREAD_US = 100_000;

interface Made {
  readonly account: Account;
  readonly spec: PodSpec;
}

export class ServiceAccount implements AdmissionPlugin {
  readonly name = "ServiceAccount";
  readonly kinds = ["Pod"];
  readonly #etcd: Etcd;
  readonly #draws: Draws;
  /** Key of each namespace's default account: spares building it for each pod. */
  readonly #defaultKeys = new Map<string, string>();

  constructor(etcd: Etcd, seed: string) {
    this.#etcd = etcd;
    this.#draws = new Draws(seed, "admission/service-account");
  }

  admit(attributes: AdmissionAttributes, draft: Draft): boolean {
    const { operation, record } = attributes;
    if (operation !== "CREATE") return true;
    if (draft.metadata.annotations?.[MIRROR_ANNOTATION] !== undefined) return true;
    const spec = draft.spec as PodSpec;
    const name = accountName(spec);
    const account = this.#find(record.namespace, name);
    if (account === undefined) {
      const why = `error looking up service account ${record.namespace}/${name}: serviceaccount "${name}" not found`;
      return forbidDraft(attributes, why);
    }
    draft.spec = withAccount(spec, account);
    return true;
  }

  /** Extra time of a request whose namespace has no default account yet. */
  delayUs(call: ApiCall): Micros {
    const { record, verb, subresource, body } = call;
    if (verb !== "create" || subresource !== "" || record === undefined) return 0;
    if (this.#find(record.namespace, DEFAULT) !== undefined) return 0;
    const { spec } = body as { readonly spec?: PodSpec };
    if (accountName(spec) !== DEFAULT) return 0;
    const draw = this.#draws.uniform(call.drawHash, call.drawNumber);
    return RETRY_MIN_US + Math.trunc(draw * RETRY_SPREAD_US);
  }

  #find(namespace: string, name: string): Account | undefined {
    let key = this.#defaultKeys.get(namespace);
    if (key === undefined) {
      key = `${namespace}/${DEFAULT}`;
      this.#defaultKeys.set(namespace, key);
    }
    const record = this.#etcd.find(
      "ServiceAccount",
      name === DEFAULT ? key : `${namespace}/${name}`,
    );
    return record?.stored as Account | undefined;
  }
}

function accountName(spec: PodSpec | undefined): string {
  const name = spec?.serviceAccountName ?? "";
  const alias = spec?.serviceAccount ?? "";
  if (name !== "") return name;
  return alias === "" ? DEFAULT : alias;
}

const made = new WeakMap<PodSpec, Made>();

function withAccount(spec: PodSpec, account: Account): PodSpec {
  const known = made.get(spec);
  if (known?.account === account) return known.spec;
  const { name } = account.metadata;
  const changes: Partial<PodSpec> = { serviceAccountName: name, serviceAccount: name };
  const { imagePullSecrets = [] } = account;
  if (imagePullSecrets.length > 0 && (spec.imagePullSecrets ?? []).length === 0)
    changes.imagePullSecrets = imagePullSecrets;
  const result = { account, spec: derivedPodSpec(spec, changes, true) };
  made.set(spec, result);
  return result.spec;
}
