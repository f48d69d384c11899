/** A server with nothing but flow control, for tests: each request runs for a given time. */
import { createMetadata, createTrace, kindNamed, type Manifest } from "../../api/index.ts";
import { Etcd } from "../../etcd/index.ts";
import { type HandlerId, Kernel } from "../../kernel/index.ts";
import { defaultClusterOptions } from "../../options/index.ts";
import { ApiCall, type ApiCallInit } from "../api-call.ts";
import { PriorityAndFairness, type PriorityAndFairnessSettings } from "./priority-and-fairness.ts";
import type { PriorityLevel } from "./priority-level.ts";

export const SECOND = 1_000_000;

/** What a request is, beyond the get of a pod by the client `tenant`, a plain user. */
export type Request = Partial<ApiCallInit> & { readonly serviceUs?: number };

export class FlowControlWorld {
  readonly kernel = new Kernel("1");
  readonly etcd: Etcd;
  readonly fairness: PriorityAndFairness;
  readonly started: ApiCall[] = [];
  readonly refused: ApiCall[] = [];
  readonly finished: ApiCall[] = [];
  /** Called after every start, refusal and finish. */
  watch: (world: FlowControlWorld) => void = () => {};
  watchers = 0;
  readonly #arrive: HandlerId<ApiCall>;
  readonly #finish: HandlerId<ApiCall>;

  constructor(settings: Partial<PriorityAndFairnessSettings> = {}) {
    const { kernel } = this;
    const { latency, etcd: options, apiserver } = defaultClusterOptions;
    this.etcd = new Etcd({ kernel, trace: createTrace(), latency, options });
    this.fairness = new PriorityAndFairness(
      kernel,
      "apf",
      this.etcd,
      { ...apiserver, ...settings },
      {
        start: (call) => this.#start(call),
        refuse: (call) => {
          this.refused.push(call);
          this.watch(this);
        },
        watchCount: () => this.watchers,
        identityOf: ({ clientName, client }) => `${clientName}/${client}`,
      },
    );
    this.#arrive = kernel.handler("test/arrive", (call: ApiCall) => {
      call.arrivedUs = kernel.nowUs;
      this.fairness.arrive(call);
    });
    this.#finish = kernel.handler("test/finish", (call: ApiCall) => {
      this.fairness.finish(call);
      this.finished.push(call);
      this.watch(this);
    });
  }

  /** A request that arrives at a time. */
  send(atUs: number, request: Request = {}): ApiCall {
    const { serviceUs = SECOND, ...rest } = request;
    const call = ApiCall.of({
      ...{ client: 0, clientName: "tenant", life: 0, verb: "get", kind: "Pod", subresource: "" },
      ...{ record: undefined, body: {}, options: {}, callback: 0, context: serviceUs },
      ...{ drawHash: 0, drawNumber: 0, issuedUs: 0 },
      ...rest,
    } as ApiCallInit);
    this.kernel.at(atUs, this.#arrive, call, undefined);
    return call;
  }

  /** Puts an object into the store, as valid as it is. */
  store(manifest: Manifest): void {
    const kind = kindNamed(manifest.kind ?? "");
    const record = this.etcd.record(kind.kind, "", manifest.metadata?.name ?? "");
    const metadata = createMetadata(manifest.metadata ?? {}, record, this.etcd.revision + 1, 0);
    const object = kind.defaults({ ...manifest, metadata });
    if (record.stored === undefined) this.etcd.create(record, object);
    else this.etcd.update(record, object, "");
  }

  settle(untilUs: number = Number.MAX_SAFE_INTEGER): void {
    this.kernel.run(untilUs);
  }

  level(name: string): PriorityLevel {
    const found = this.fairness.levels.find((level) => level.name === name);
    if (found === undefined) throw new Error(`no level ${name}`);
    return found;
  }

  #start(call: ApiCall): void {
    call.startedUs = this.kernel.nowUs;
    this.started.push(call);
    this.kernel.after(call.context as number, this.#finish, call, undefined);
    this.watch(this);
  }
}

/** A priority level with queues. */
export function levelManifest(name: string, limited: object, queuing?: object): Manifest {
  const limitResponse = queuing === undefined ? { type: "Reject" } : { type: "Queue", queuing };
  return {
    apiVersion: "flowcontrol.apiserver.k8s.io/v1",
    kind: "PriorityLevelConfiguration",
    metadata: { name },
    spec: { type: "Limited", limited: { ...limited, limitResponse } },
  };
}

/** A FlowSchema for all that some users ask for. */
export function schemaManifest(
  name: string,
  level: string,
  matchingPrecedence: number,
  users: readonly string[],
): Manifest {
  return {
    apiVersion: "flowcontrol.apiserver.k8s.io/v1",
    kind: "FlowSchema",
    metadata: { name },
    spec: {
      matchingPrecedence,
      priorityLevelConfiguration: { name: level },
      distinguisherMethod: { type: "ByUser" },
      rules: [
        {
          subjects: users.map((user) => ({ kind: "User", user: { name: user } })),
          resourceRules: [
            {
              verbs: ["*"],
              apiGroups: ["*"],
              resources: ["*"],
              namespaces: ["*"],
              clusterScope: true,
            },
          ],
        },
      ],
    },
  };
}
