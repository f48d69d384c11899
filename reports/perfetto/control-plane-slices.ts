/** What the components do: scheduling cycles, bindings, API requests, syncs, operations, faults. */
import type { ApiRequestFact, ReconcileFact, Trace } from "../../sim/api/index.ts";
import type { Micros } from "../../sim/kernel/index.ts";
import type { TraceTrack, TraceWriter } from "./trace-writer.ts";

interface OpenSync {
  readonly controller: string;
  readonly key: string;
  readonly fromUs: Micros;
}

interface OpenFault {
  readonly name: string;
  readonly fromUs: Micros;
}

export class ControlPlaneSlices {
  readonly #writer: TraceWriter;
  readonly #users: TraceTrack;
  readonly #apiserver: TraceTrack;
  readonly #scheduler: TraceTrack;
  readonly #controllers: TraceTrack;
  readonly #faults: TraceTrack;
  /** A controller never works on one key twice at a time. By controller and key record. */
  readonly #syncs = new Map<string, OpenSync>();
  readonly #struck = new Map<string, OpenFault>();

  constructor(writer: TraceWriter) {
    this.#writer = writer;
    this.#users = writer.process("users", 1);
    this.#apiserver = writer.process("kube-apiserver", 2);
    this.#scheduler = writer.process("kube-scheduler", 3);
    this.#controllers = writer.process("kube-controller-manager", 4);
    this.#faults = writer.process("faults", 5);
  }

  /** Where counters of the scheduler and of the API server belong. */
  get tracks(): { readonly scheduler: TraceTrack; readonly apiserver: TraceTrack } {
    return { scheduler: this.#scheduler, apiserver: this.#apiserver };
  }

  attach(trace: Trace): void {
    trace.apiRequest.subscribe((fact) => this.#request(fact));
    trace.reconcile.subscribe((fact) => this.#reconcile(fact));
    const writer = this.#writer;
    trace.schedulingAttempt.subscribe(({ record, startUs, endUs, ...fact }) => {
      const { result, node, attempt, feasibleNodes, message } = fact;
      const args = { result, node, attempt, feasibleNodes, message };
      const span = { category: "scheduling", fromUs: startUs, toUs: endUs, args };
      writer.slice(this.#scheduler, { name: record.key, ...span });
    });
    trace.binding.subscribe(({ record, node, assumedUs, endUs }) => {
      const args = { pod: record.key, node };
      const slice = { name: "bind", category: "binding", fromUs: assumedUs, toUs: endUs, args };
      writer.async(this.#scheduler, [slice]);
    });
    trace.userOperation.subscribe(({ verb, kind, key, code, reason, issuedUs, endUs }) => {
      const args = { key, code, reason };
      const span = { category: "operation", fromUs: issuedUs, toUs: endUs, args };
      writer.async(this.#users, [{ name: `${verb} ${kind}`, ...span }]);
    });
    trace.fault.subscribe(({ fault, target, step, timeUs }) => {
      const name = `${fault} ${target}`;
      if (step === "struck") this.#struck.set(name, { name, fromUs: timeUs });
      else this.#recovered(name, timeUs);
    });
    trace.leadership.subscribe(({ component, leader, step, timeUs }) =>
      writer.instant(this.#faults, `${component}: ${leader} ${step}`, timeUs),
    );
  }

  /** Ends what is open. */
  finish(endUs: Micros): void {
    for (const sync of this.#syncs.values()) this.#synced(sync, endUs, "(still open at the end)");
    for (const name of [...this.#struck.keys()]) this.#recovered(name, endUs);
    this.#syncs.clear();
  }

  #request(fact: ApiRequestFact): void {
    const { client, verb, kind, subresource, code, record, attempt } = fact;
    const name = `${verb} ${kind}${subresource === "" ? "" : `/${subresource}`}`;
    const args = { client, key: record?.key ?? "", code, attempt };
    const all = { name, category: "api", fromUs: fact.issuedUs, toUs: fact.answeredUs, args };
    const parts = [
      { name: "throttled", fromUs: fact.issuedUs, toUs: fact.sentUs },
      { name: "queued", fromUs: fact.arrivedUs, toUs: fact.startedUs },
      { name: "etcd", fromUs: fact.proposedUs, toUs: fact.proposedUs > 0 ? fact.handledUs : 0 },
    ].filter(({ fromUs, toUs }) => toUs > fromUs);
    const inner = parts.map((part) => ({ ...part, category: "api" }));
    this.#writer.async(this.#apiserver, [all, ...inner]);
  }

  #reconcile({ controller, record, step, error, timeUs }: ReconcileFact): void {
    if (step === "queued") return;
    const id = `${controller} ${record.id}`;
    const open = this.#syncs.get(id);
    if (open !== undefined) this.#synced(open, timeUs, step === "started" ? "(crashed)" : error);
    this.#syncs.delete(id);
    if (step === "started") this.#syncs.set(id, { controller, key: record.key, fromUs: timeUs });
  }

  #synced({ controller, key, fromUs }: OpenSync, toUs: Micros, error: string): void {
    const slice = { name: controller, category: "sync", fromUs, toUs, args: { key, error } };
    this.#writer.async(this.#controllers, [slice]);
  }

  #recovered(name: string, toUs: Micros): void {
    const open = this.#struck.get(name);
    if (open === undefined) return;
    this.#struck.delete(name);
    this.#writer.async(this.#faults, [{ ...open, category: "fault", toUs }]);
  }
}
