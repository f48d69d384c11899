/** Refuses models of services that no pod could follow. */
import { InputError, nearestName, parseTimeDistribution } from "../../kernel/index.ts";
import { refuseEndlessCalls } from "./call-graph.ts";
import { clientPolicy, wholeNumber } from "./client-policy.ts";
import type { ServiceCallSettings, ServiceModelSettings } from "./service-model.ts";
import { parseTarget, splitTarget } from "./target-name.ts";

type Models = Readonly<Record<string, ServiceModelSettings>>;

/**
 * Throws InputError for the first of the models that can not be, in order of their names: a value
 * out of range, a call to a Service that has no model, calls without end.
 */
export function checkModels(models: Models): void {
  const names = Object.keys(models).sort();
  for (const name of names) {
    const model = models[name];
    const { port } = parseTarget(name, "services");
    if (port !== "")
      throw new InputError(`services: got "${name}", want namespace/name of a Service.`);
    if (model !== undefined) checkModel(model, `services."${name}"`, names);
  }
  refuseEndlessCalls(models);
}

function checkModel(model: ServiceModelSettings, where: string, names: readonly string[]): void {
  parseTimeDistribution(model.serviceTime, `${where}: serviceTime`);
  wholeNumber(model.concurrency, 0, `${where}: concurrency`);
  wholeNumber(model.queueLimit, -1, `${where}: queueLimit`);
  inRange(model.cpu, 64, `${where}: cpu`);
  inRange(model.errors, 1, `${where}: errors`);
  for (const [stage, calls] of model.calls.entries())
    for (const [index, call] of calls.entries())
      checkCall(call, `${where}: calls[${stage}][${index}]`, names);
}

function checkCall(call: ServiceCallSettings, where: string, names: readonly string[]): void {
  parseTarget(call.to, `${where}: to`);
  inRange(call.probability, 1, `${where}: probability`);
  wholeNumber(call.times, 1, `${where}: times`);
  inRange(call.cacheHits, 1, `${where}: cacheHits`);
  clientPolicy(call.client, where);
  const service = splitTarget(call.to)?.service ?? "";
  if (names.includes(service)) return;
  const near = nearestName(service, names);
  const meant = near === undefined ? "" : ` Did you mean "${near}"?`;
  throw new InputError(
    `${where}: to: got "${service}", which has no model, want one that has. ` +
      `Say its serviceTime under services."${service}".${meant}`,
  );
}

function inRange(value: number, max: number, where: string): void {
  if (value >= 0 && value <= max) return;
  throw new InputError(`${where}: got ${value}, want a number from 0 to ${max}.`);
}
