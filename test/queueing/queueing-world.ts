/** Queueing systems as users would write them: pods, services' models, clients. Hops take 1 us. */
import type { ServiceRequestFact } from "../../sim/api/index.ts";
import { defaultClient, type TrafficSettings } from "../../sim/network/index.ts";
import { NetworkFixture, plainTraffic, SECOND } from "../network-fixture.ts";

type Fixture = ConstructorParameters<typeof NetworkFixture>[0];
type Models = Parameters<NetworkFixture["network"]["setServiceModels"]>[0];
export type Model = Models[string];

export interface QueueingWorld {
  readonly fixture?: Fixture;
  /** Names of the pods behind each Service (without `default/`). */
  readonly pods: Readonly<Record<string, readonly string[]>>;
  readonly models?: Readonly<Record<string, Partial<Model>>>;
  /** Sources that start at 1 s, when all is known. */
  readonly traffic: readonly Partial<TrafficSettings>[];
}

/** One request at a time, as long as it takes: no CPU is needed. */
const PLAIN_MODEL: Model = {
  serviceTime: "exponential(mean=10ms)",
  concurrency: 1,
  queueLimit: -1,
  cpu: 0,
  errors: 0,
  calls: [],
};

/** A call that is always made, as a step of a service's model. */
export function callTo(service: string): Model["calls"][number][number] {
  const once = { probability: 1, times: 1, cacheHits: 0, isOptional: false };
  return { to: `default/${service}`, ...once, client: defaultClient };
}

export function openWorld({ fixture = {}, pods, models = {}, traffic }: QueueingWorld) {
  const world = new NetworkFixture(fixture);
  for (const [service, names] of Object.entries(pods)) world.serve(names, {}, service);
  const full = Object.entries(models).map(
    ([service, model]) => [`default/${service}`, { ...PLAIN_MODEL, ...model }] as const,
  );
  world.network.setServiceModels(Object.fromEntries(full));
  world.network.start();
  for (const source of traffic)
    world.network.addTraffic({ ...plainTraffic, startUs: SECOND, serviceTime: "", ...source });
  return world;
}

/** All requests of a whole run, in the order in which they were sent. */
export function requestsOf(settings: QueueingWorld): ServiceRequestFact[] {
  const world = openWorld(settings);
  world.plane.settle();
  return world.facts.sort((a, b) => a.startUs - b.startUs || a.span - b.span);
}

/** Time in the pod of each request, ms. */
export function sojournsMs(facts: readonly ServiceRequestFact[]): number[] {
  return facts.map(({ queueUs, serviceUs }) => (queueUs + serviceUs) / 1000);
}
