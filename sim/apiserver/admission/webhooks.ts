/**
 * MutatingAdmissionWebhook and ValidatingAdmissionWebhook: models of webhooks that somebody has
 * configured. Each takes its time, rejects a share of what it is asked about, and fails when it does
 * not answer in time. What a mutating one would change is not modelled.
 *
 * Mutating webhooks are called one after the other, validating ones all at once.
 * Source: apiserver/pkg/admission/plugin/webhook (mutating, validating, errors) of v1.30.
 */
import { Draws, HopLatency, type Micros } from "../../kernel/index.ts";
import type { WebhookOptions } from "../../options/index.ts";
import type { ApiCall } from "../api-call.ts";
import type { AdmissionAttributes, AdmissionPlugin } from "./attributes.ts";

type Operation = AdmissionAttributes["operation"];

/** One configured webhook, with its draws. */
class Webhook {
  readonly options: WebhookOptions;
  readonly #latency: HopLatency;
  readonly #verdicts: Draws;
  readonly #timeoutUs: Micros;

  constructor(options: WebhookOptions, seed: string) {
    const { name, latency, timeoutSeconds = 10 } = options;
    this.options = options;
    this.#latency = new HopLatency(seed, latency, "apiserver.webhooks", `webhook/${name}/latency`);
    this.#verdicts = new Draws(seed, `webhook/${name}/verdict`);
    this.#timeoutUs = timeoutSeconds * 1_000_000;
  }

  isAskedAbout(operation: Operation, kind: string, namespace: string): boolean {
    const { operations = ["CREATE"], kinds, namespaces } = this.options;
    if (!operations.includes(operation)) return false;
    if (!kinds.includes("*") && !kinds.includes(kind)) return false;
    return namespaces === undefined || namespace === "" || namespaces.includes(namespace);
  }

  delayUs({ drawHash, drawNumber }: ApiCall): Micros {
    return Math.min(this.#timeoutUs, this.#latency.us(drawHash, drawNumber));
  }

  /** False: it has failed the call. */
  review(call: ApiCall): boolean {
    const { name, rejectionRate = 0, failurePolicy = "Fail", message = "" } = this.options;
    if (this.#latency.us(call.drawHash, call.drawNumber) > this.#timeoutUs) {
      if (failurePolicy === "Ignore") return true;
      const text = `Internal error occurred: failed calling webhook "${name}": failed to call webhook: context deadline exceeded`;
      call.fail(500, "InternalError", text);
      return false;
    }
    if (this.#verdicts.uniform(call.drawHash, call.drawNumber) >= rejectionRate) return true;
    const why = message === "" ? " without explanation" : `: ${message}`;
    call.fail(403, "Forbidden", `admission webhook "${name}" denied the request${why}`);
    return false;
  }
}

export class Webhooks implements AdmissionPlugin {
  readonly name: string;
  readonly kinds: readonly string[] | "*";
  readonly #type: WebhookOptions["type"];
  readonly #webhooks: readonly Webhook[];

  constructor(type: WebhookOptions["type"], all: readonly WebhookOptions[], seed: string) {
    this.name = type === "mutating" ? "MutatingAdmissionWebhook" : "ValidatingAdmissionWebhook";
    this.#type = type;
    const own = all.filter((options) => options.type === type);
    this.#webhooks = own.map((options) => new Webhook(options, seed));
    const kinds = own.flatMap((options) => options.kinds);
    this.kinds = kinds.includes("*") ? "*" : kinds;
  }

  admit(attributes: AdmissionAttributes): boolean {
    return this.#type === "validating" || this.#review(attributes);
  }

  validate(attributes: AdmissionAttributes): boolean {
    // Those that may change an object are asked about a deletion too, which has nothing to change.
    return (
      (this.#type === "mutating" && attributes.operation !== "DELETE") || this.#review(attributes)
    );
  }

  /** How much longer the request takes. */
  delayUs(call: ApiCall): Micros {
    const operation = operationOf(call);
    if (operation === undefined) return 0;
    let totalUs = 0;
    for (const webhook of this.#webhooks) {
      if (!webhook.isAskedAbout(operation, call.kind, call.record?.namespace ?? "")) continue;
      const delayUs = webhook.delayUs(call);
      totalUs = this.#type === "mutating" ? totalUs + delayUs : Math.max(totalUs, delayUs);
    }
    return totalUs;
  }

  #review({ operation, call, record }: AdmissionAttributes): boolean {
    for (const webhook of this.#webhooks) {
      if (!webhook.isAskedAbout(operation, record.kind, record.namespace)) continue;
      if (!webhook.review(call)) return false;
    }
    return true;
  }
}

/** What a request is for admission as it comes in; undefined where admission has no part. */
function operationOf({ verb, subresource, record }: ApiCall): Operation | undefined {
  if (subresource !== "") return undefined;
  switch (verb) {
    case "create":
      return "CREATE";
    case "update":
      return "UPDATE";
    case "patch":
      return record?.stored === undefined ? "CREATE" : "UPDATE";
    case "delete":
      return "DELETE";
    default:
      return undefined;
  }
}
