/**
 * What plugins write through the API. Requests of a PostFilter or a PreBind are collected, since
 * the scheduler waits for their answers; those of other extension points are sent at once, and
 * nobody looks at the answers.
 */
import type { ApiObject, KeyRecord, Manifest } from "../api/index.ts";
import type { ApiClient, CallbackId, EventRecorder } from "../client/index.ts";
import type { ObjectKey, PluginRequests } from "./framework/index.ts";

/** One write that a plugin asked for. Plain data. */
export type PluginRequest =
  | {
      readonly verb: "patch";
      readonly record: KeyRecord;
      readonly patch: Manifest;
      readonly subresource: "" | "status";
    }
  | { readonly verb: "delete"; readonly record: KeyRecord }
  | {
      readonly verb: "event";
      readonly object: ApiObject;
      readonly type: "Normal" | "Warning";
      readonly reason: string;
      readonly message: string;
    };

export interface SchedulerRequestsSettings {
  readonly client: ApiClient;
  readonly events: EventRecorder;
  /** The key of an object that an informer knows; undefined: it knows none. */
  readonly recordOf: (target: ObjectKey) => KeyRecord | undefined;
}

export class SchedulerRequests implements PluginRequests {
  readonly #settings: SchedulerRequestsSettings;
  readonly #ignored: CallbackId<undefined>;
  #collected: PluginRequest[] | undefined;

  constructor(settings: SchedulerRequestsSettings) {
    this.#settings = settings;
    this.#ignored = settings.client.callback(() => {});
  }

  patch(target: ObjectKey, patch: Manifest, subresource: string): void {
    if (subresource !== "" && subresource !== "status") {
      throw new Error(`patch of subresource "${subresource}", want "" or "status"`);
    }
    this.#take({ verb: "patch", record: this.#recordOf(target), patch, subresource });
  }

  delete(record: KeyRecord): void {
    this.#take({ verb: "delete", record });
  }

  event(object: ApiObject, type: "Normal" | "Warning", reason: string, message: string): void {
    this.#take({ verb: "event", object, type, reason, message });
  }

  /** Runs plugins; what they ask for meanwhile is not sent, but handed back. */
  collect<T>(run: () => T): { readonly result: T; readonly requests: readonly PluginRequest[] } {
    const requests: PluginRequest[] = [];
    this.#collected = requests;
    try {
      return { result: run(), requests };
    } finally {
      this.#collected = undefined;
    }
  }

  /** Sends one request. False: it was an event, which has no answer. */
  send<C>(request: PluginRequest, onAnswer: CallbackId<C>, context: C): boolean {
    const { client, events } = this.#settings;
    switch (request.verb) {
      case "patch":
        client.patch(request.record, request.patch, request.subresource, onAnswer, context);
        return true;
      case "delete":
        client.delete(request.record, {}, onAnswer, context);
        return true;
      case "event":
        events.event(request.object, request.type, request.reason, request.message);
        return false;
    }
  }

  #take(request: PluginRequest): void {
    if (this.#collected === undefined) this.send(request, this.#ignored, undefined);
    else this.#collected.push(request);
  }

  #recordOf(target: ObjectKey): KeyRecord {
    const record =
      "requestCounts" in target ? (target as KeyRecord) : this.#settings.recordOf(target);
    if (record !== undefined) return record;
    const { kind, namespace, name } = target;
    throw new Error(
      `patch of ${kind} ${namespace}/${name}, which no informer of the scheduler knows`,
    );
  }
}
