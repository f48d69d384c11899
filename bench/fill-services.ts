/** The models of an experiment's services, and its clients' settings, with every default filled in. */
import { parseDuration } from "../sim/kernel/index.ts";
import {
  type ClientSettings,
  defaultClient,
  type ServiceCallSettings,
  type ServiceModelSettings,
} from "../sim/network/index.ts";

/** How a client treats its requests, as written. */
export interface ClientInput {
  readonly timeout?: string | undefined;
  readonly attemptTimeout?: string | undefined;
  readonly connectTimeout?: string | undefined;
  readonly retries?: number | undefined;
  readonly backoff?: string | undefined;
  readonly backoffMax?: string | undefined;
  readonly retryBudget?: number | undefined;
  readonly connections?: number | undefined;
  readonly exclusive?: boolean | undefined;
  readonly balancer?: string | undefined;
}

interface CallInput extends ClientInput {
  readonly to: string;
  readonly probability?: number | undefined;
  readonly times?: number | undefined;
  readonly cacheHits?: number | undefined;
  readonly optional?: boolean | undefined;
}

interface ModelInput {
  readonly serviceTime: string;
  readonly concurrency?: number | undefined;
  readonly queueLimit?: number | undefined;
  readonly cpu?: number | undefined;
  readonly errors?: number | undefined;
  readonly calls?: readonly (CallInput | readonly CallInput[])[] | undefined;
}

/**
 * Defaults of models are our assumptions: a pod serves one request at a time, with a queue without
 * end; a request keeps one core busy; no errors.
 */
export function fillServices(
  models: Readonly<Record<string, ModelInput>>,
): Readonly<Record<string, ServiceModelSettings>> {
  return Object.fromEntries(
    Object.entries(models).map(([name, model]) => [
      name,
      {
        serviceTime: model.serviceTime,
        concurrency: model.concurrency ?? 0,
        queueLimit: model.queueLimit ?? -1,
        cpu: model.cpu ?? 1,
        errors: model.errors ?? 0,
        calls: (model.calls ?? []).map((stage) => (isStage(stage) ? stage : [stage]).map(fillCall)),
      },
    ]),
  );
}

const isStage = (stage: CallInput | readonly CallInput[]): stage is readonly CallInput[] =>
  Array.isArray(stage);

function fillCall(call: CallInput): ServiceCallSettings {
  return {
    to: call.to,
    probability: call.probability ?? 1,
    times: call.times ?? 1,
    cacheHits: call.cacheHits ?? 0,
    isOptional: call.optional ?? false,
    client: fillClient(call),
  };
}

/** The largest wait is ten times the first one unless it is said, as Envoy's is. */
export function fillClient(input: ClientInput): ClientSettings {
  const backoffUs = durationUs(input.backoff) ?? defaultClient.backoffUs;
  return {
    timeoutUs: durationUs(input.timeout) ?? defaultClient.timeoutUs,
    attemptTimeoutUs: durationUs(input.attemptTimeout) ?? defaultClient.attemptTimeoutUs,
    connectTimeoutUs: durationUs(input.connectTimeout) ?? defaultClient.connectTimeoutUs,
    attempts: input.retries === undefined ? defaultClient.attempts : input.retries + 1,
    backoffUs,
    backoffMaxUs: durationUs(input.backoffMax) ?? 10 * backoffUs,
    retryBudget: input.retryBudget ?? defaultClient.retryBudget,
    connections: input.connections ?? defaultClient.connections,
    isExclusive: input.exclusive ?? defaultClient.isExclusive,
    balancer: input.balancer ?? defaultClient.balancer,
  };
}

function durationUs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const us = parseDuration(text);
  if (us === undefined) throw new Error(`duration "${text}" was not checked`);
  return us;
}
