/**
 * balancerFromExport makes a balancer of what a user's file exports as default: the fields are
 * checked once, and each of its calls is watched, so that a mistake is told with the balancer, the
 * file and the Service. Built-in balancers are not wrapped: theirs are bugs.
 */
import { InputError, nearestName } from "../../sim/kernel/index.ts";
import {
  type Balancer,
  defineBalancer,
  type EndpointSet,
  type ServiceView,
} from "../../sim/network/index.ts";
import { isBuiltInBalancer } from "./registry.ts";

const HOOKS = ["createMemory", "changed", "opened", "closed"] as const;
const FIELDS = ["name", "choose", ...HOOKS];

/** A balancer's memory beside the Service that it is about: what messages name. */
interface Watched {
  readonly memory: object;
  service: ServiceView | undefined;
}

/**
 * The balancer of `exported`, the default export of the file `where`. Throws InputError when it is
 * none, or has the name of a built-in one.
 */
export function balancerFromExport(exported: unknown, where: string): Balancer {
  const own = checked(exported, where);
  const title = `balancer "${own.name}" (${where})`;
  const { changed, choose, closed, createMemory, opened } = own;
  return defineBalancer<Watched>({
    name: own.name,
    createMemory: () => {
      if (createMemory === undefined) return { memory: {}, service: undefined };
      const memory = watched(title, "createMemory", undefined, createMemory);
      if (typeof memory === "object" && memory !== null) return { memory, service: undefined };
      throw new InputError(
        `${title}: its createMemory gave ${shown(memory)}, want an object of plain data. Correct it.`,
      );
    },
    changed: (watch, set) => {
      watch.service = set.service;
      if (changed !== undefined)
        watched(title, "changed", watch.service, () => changed(watch.memory, set));
    },
    choose: (set, request, { memory }) => {
      try {
        const choice = choose(set, request, memory);
        if (choice === -1 || set.endpoints[choice] !== undefined) return choice;
        return refuseChoice(title, choice, set);
      } catch (error) {
        throw explained(error, title, "choose", set.service);
      }
    },
    ...(opened && {
      opened: ({ memory, service }, endpoint) =>
        watched(title, "opened", service, () => opened(memory, endpoint)),
    }),
    ...(closed && {
      closed: ({ memory, service }, endpoint, latencyUs, isOk, nowUs) =>
        watched(title, "closed", service, () => closed(memory, endpoint, latencyUs, isOk, nowUs)),
    }),
  });
}

function checked(exported: unknown, where: string): Balancer {
  if (typeof exported !== "object" || exported === null) refuse(exported, where);
  const fields = exported as Readonly<Record<string, unknown>>;
  for (const field of Object.keys(fields)) {
    if (FIELDS.includes(field)) continue;
    const near = nearestName(field, FIELDS);
    const meant = near === undefined ? `Known: ${FIELDS.join(", ")}.` : `Did you mean "${near}"?`;
    throw new InputError(`balancer ${where}: unknown field "${field}". ${meant}`);
  }
  if (fields["choose"] === undefined) refuse(exported, where);
  const name = fields["name"];
  if (typeof name !== "string" || name === "")
    throw new InputError(`balancer ${where}: name: got ${shown(name)}, want a name. Give it one.`);
  if (isBuiltInBalancer(name) || name === "node")
    throw new InputError(
      `balancer ${where}: name: got "${name}", which stowage has already. Give it another name.`,
    );
  for (const field of ["choose", ...HOOKS]) {
    const value = fields[field];
    if (typeof value === "function" || (value === undefined && field !== "choose")) continue;
    throw new InputError(
      `balancer "${name}" (${where}): ${field}: got ${shown(value)}, want a function.`,
    );
  }
  return exported as Balancer;
}

function refuse(exported: unknown, where: string): never {
  throw new InputError(
    `balancer ${where}: got ${shown(exported)}, which is no balancer. ` +
      "Export defineBalancer({ name, choose }) as default.",
  );
}

function watched<T>(
  title: string,
  hook: string,
  service: ServiceView | undefined,
  call: () => T,
): T {
  try {
    return call();
  } catch (error) {
    throw explained(error, title, hook, service);
  }
}

function explained(
  error: unknown,
  title: string,
  hook: string,
  service: ServiceView | undefined,
): unknown {
  if (error instanceof InputError && error.message.startsWith(title)) return error;
  const about = service === undefined ? "" : ` for Service "${service.key}"`;
  return new InputError(`${title} failed in ${hook}${about}: ${described(error)}. Correct it.`);
}

function refuseChoice(title: string, choice: unknown, { endpoints, service }: EndpointSet): never {
  throw new InputError(
    `${title}: its choose for Service "${service.key}" gave ${shown(choice)}, want the index of ` +
      `an endpoint, a whole number from 0 to ${endpoints.length - 1}, or -1 for none. Correct it.`,
  );
}

/** The message, and where the user's code threw. */
function described(error: unknown): string {
  if (!(error instanceof Error)) return `threw ${shown(error)}`;
  const frame = (error.stack ?? "").split("\n").find((line) => /^\s*at /.test(line));
  return `${error.name}: ${error.message}${frame === undefined ? "" : ` (${frame.trim()})`}`;
}

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null || typeof value === "number" || typeof value === "boolean")
    return String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return "a list";
  return typeof value === "function" ? "a function" : "an object";
}
