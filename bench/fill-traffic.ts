/** The request loads of an experiment with every default filled in. */
import { InputError, parseDuration } from "../sim/kernel/index.ts";
import { isEndless, splitTarget, type TrafficSettings } from "../sim/network/index.ts";
import { resolveCounts } from "./counts-file.ts";
import type { Experiment } from "./experiment.ts";
import type { ExperimentInput } from "./experiment-schema.ts";
import { fillClient } from "./fill-services.ts";

type LoadInput = NonNullable<ExperimentInput["traffic"]>[number];

/** Exponent of Zipf's law among keys. Our assumption. */
const KEY_SKEW = 1;

/**
 * One load. `where` names it in messages; files of counts start from `base`. Rejects with
 * InputError for such a file.
 */
export async function fillTraffic(
  load: LoadInput,
  base: string,
  where: string,
): Promise<TrafficSettings> {
  const { ingress } = load;
  const { service, port } = splitTarget(load.service ?? "") ?? { service: "", port: "" };
  return {
    name: load.name ?? "",
    service,
    port,
    ingress:
      ingress === undefined
        ? undefined
        : {
            host: ingress.host ?? "",
            path: ingress.path ?? "/",
            headers: ingress.headers ?? {},
            cookies: ingress.cookies ?? {},
            ingressClass: ingress.class ?? "",
          },
    from: load.from ?? (ingress === undefined ? "random-node" : "outside"),
    arrivals: await resolveCounts(load.arrivals ?? "", base, `${where}.arrivals`),
    clients: load.clients ?? 0,
    thinkTime: load.thinkTime ?? "",
    serviceTime: load.serviceTime ?? "",
    addresses: load.addresses ?? 1,
    keys: load.keys ?? 0,
    keySkew: load.keySkew ?? KEY_SKEW,
    client: fillClient(load),
    startUs: load.start === undefined ? 0 : durationUs(load.start),
    requests: load.requests,
    untilUs: load.until === undefined ? undefined : durationUs(load.until),
  };
}

/** Refuses a load that would keep a run without horizon from ending. Throws InputError. */
export function refuseEndless({ traffic, horizonUs }: Experiment, where: string): void {
  const endless = traffic.findIndex(isEndless);
  if (endless < 0 || horizonUs !== "auto") return;
  throw new InputError(
    `${where}traffic[${endless}]: got neither requests nor a horizon, so the run would never end. ` +
      "Set traffic's requests or until, or horizon, such as 1h.",
  );
}

function durationUs(text: string): number {
  const us = parseDuration(text);
  if (us === undefined) throw new Error(`duration "${text}" was not checked`);
  return us;
}
