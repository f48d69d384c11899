/**
 * What a pod requests: exact quantities are summed first and rounded up once (cpu to milli-CPU,
 * everything else to whole units). The scheduler, the kubelets and the reports count alike.
 *
 * Source: kubernetes/pkg/api/v1/resource/helpers.go (PodRequests), v1.30.
 */
import type { Container, PodSpec } from "./objects.ts";
import { mustParseQuantity, type Quantity } from "./quantity.ts";

/** Quantities by resource name, in order of first mention. */
export type Quantities = Map<string, Quantity>;

/** Amounts by resource name: cpu in milli-CPU, all else in whole units (bytes, pieces). */
export function podRequests(spec: PodSpec): Map<string, number> {
  const amounts = new Map<string, number>();
  for (const [name, quantity] of effectiveRequests(spec)) {
    amounts.set(name, quantityAmount(name, quantity));
  }
  return amounts;
}

/**
 * The larger of what all containers and sidecars need together and the most that initialisation
 * needs at one time, plus overhead. `defaults`: what each container counts as that says nothing.
 */
export function effectiveRequests(
  spec: PodSpec,
  defaults: ReadonlyMap<string, Quantity> = NO_DEFAULTS,
): Quantities {
  const total: Quantities = new Map();
  for (const container of spec.containers) addQuantities(total, requestsOf(container, defaults));
  const sidecars: Quantities = new Map();
  const init: Quantities = new Map();
  for (const container of spec.initContainers ?? []) {
    const own = requestsOf(container, defaults);
    if (isSidecar(container)) {
      addQuantities(total, own);
      addQuantities(sidecars, own);
      raiseAll(init, sidecars);
    } else {
      addQuantities(own, sidecars);
      raiseAll(init, own);
    }
  }
  raiseAll(total, init);
  return addQuantities(total, asQuantities(spec.overhead));
}

const NO_DEFAULTS: ReadonlyMap<string, Quantity> = new Map();

/** An init container that runs on beside the others (KEP-753). */
export function isSidecar(container: Container): boolean {
  return container.restartPolicy === "Always";
}

/** What one container requests. The map is the caller's own. */
export function requestsOf(
  container: Container,
  defaults: ReadonlyMap<string, Quantity> = NO_DEFAULTS,
): Quantities {
  const requests = asQuantities(container.resources?.requests);
  for (const [name, quantity] of defaults) if (!requests.has(name)) requests.set(name, quantity);
  return requests;
}

/** A list of resources as quantities; its texts must have passed validation. */
export function asQuantities(list: Readonly<Record<string, string>> | undefined): Quantities {
  const quantities: Quantities = new Map();
  for (const [name, text] of Object.entries(list ?? {})) {
    quantities.set(name, mustParseQuantity(String(text)));
  }
  return quantities;
}

/** Adds `more` to `total`, which is changed and returned. */
export function addQuantities(total: Quantities, more: Quantities): Quantities {
  for (const [name, quantity] of more) {
    const sum = total.get(name);
    total.set(name, sum === undefined ? quantity : sum.add(quantity));
  }
  return total;
}

function raiseAll(total: Quantities, more: Quantities): void {
  for (const [name, quantity] of more) {
    const present = total.get(name);
    if (present === undefined || quantity.compare(present) > 0) total.set(name, quantity);
  }
}

/** The number that is counted: milli-CPU for cpu, whole units otherwise; 0 for none. */
export function quantityAmount(name: string, quantity: Quantity | undefined): number {
  if (quantity === undefined) return 0;
  return Number(name === "cpu" ? quantity.milliValue() : quantity.value());
}
