/** Refuses traffic that no source could send. */
import { InputError, parseTimeDistribution } from "../../kernel/index.ts";
import { clientPolicy, wholeNumber } from "../services/index.ts";
import { parseArrivalProcess } from "./parse-arrivals.ts";
import type { TrafficSettings } from "./traffic-settings.ts";

/** Keys have a table of 8 bytes each. Our assumption. */
const KEYS_MAX = 10_000_000;

/** What the traffic is to, as messages and reports name it. */
export function targetText({ service, port, ingress }: TrafficSettings): string {
  if (ingress !== undefined) return `${ingress.host}${ingress.path}`;
  return port === "" ? service : `${service}:${port}`;
}

/** Throws InputError for the first setting that can not be. */
export function checkTraffic(settings: TrafficSettings): void {
  const { service, ingress, from } = settings;
  const where = `traffic to ${targetText(settings)}`;
  if (ingress === undefined && !/^[^/]+\/[^/]+$/.test(service))
    throw new InputError(`traffic: got service "${service}", want namespace/name of a Service.`);
  if (ingress !== undefined && service !== "")
    throw new InputError(`traffic: got service "${service}" and an ingress, want one of them.`);
  if (from === "") throw new InputError(`${where}: from: got nothing, want the name of a node.`);
  checkLoop(settings, where);
  if (settings.serviceTime !== "")
    parseTimeDistribution(settings.serviceTime, `${where}: serviceTime`);
  wholeNumber(settings.addresses, 1, `${where}: addresses`);
  checkKeys(settings, where);
  clientPolicy(settings.client, where);
  wholeNumber(settings.startUs, 0, `${where}: startUs`);
  if (settings.requests !== undefined) wholeNumber(settings.requests, 1, `${where}: requests`);
  if (settings.untilUs !== undefined) wholeNumber(settings.untilUs, 0, `${where}: untilUs`);
}

/** A source is an open loop or a closed one. */
function checkLoop(
  { arrivals, clients, thinkTime, requests }: TrafficSettings,
  where: string,
): void {
  wholeNumber(clients, 0, `${where}: clients`);
  if (arrivals !== "" && clients > 0)
    throw new InputError(
      `${where}: got both arrivals and clients, want one: arrivals do not wait for answers ` +
        "(open loop), clients do (closed loop).",
    );
  if (clients > 0) {
    parseTimeDistribution(thinkTime, `${where}: thinkTime`);
    return;
  }
  if (arrivals === "")
    throw new InputError(
      `${where}: got neither arrivals nor clients, want one of them. ` +
        "Say arrivals, such as poisson(rate=100/s), or clients with a thinkTime.",
    );
  const { isStandstill } = parseArrivalProcess(arrivals, `${where}: arrivals`);
  if (isStandstill && requests === undefined)
    throw new InputError(
      `${where}: arrivals: got "${arrivals}" without a number of requests, want gaps above 0: ` +
        "time would never pass.",
    );
}

function checkKeys({ keys, keySkew }: TrafficSettings, where: string): void {
  wholeNumber(keys, 0, `${where}: keys`);
  if (keys > KEYS_MAX)
    throw new InputError(`${where}: keys: got ${keys}, want ${KEYS_MAX} at most.`);
  if (!(keySkew >= 0 && Number.isFinite(keySkew)))
    throw new InputError(`${where}: keySkew: got ${keySkew}, want a number, 0 or more.`);
}
