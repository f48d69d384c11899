/** The schema of the experiment file's requests: `traffic`, and `services` that answer them. */
import { z } from "zod";
import { nearestName } from "../sim/kernel/index.ts";
import {
  checkModels,
  parseArrivalProcess,
  splitTarget,
  TARGET_WANTED,
} from "../sim/network/index.ts";
import { balancerNameFault } from "./balancers.ts";
import { fillServices } from "./fill-services.ts";
import {
  distribution,
  duration,
  fields,
  flag,
  judged,
  list,
  share,
  text,
  whole,
} from "./schema-parts.ts";
import { arrivalsFault, faultOf, namesCountsFile } from "./setting-checks.ts";

const target = z
  .string({ error: TARGET_WANTED })
  .refine((value) => splitTarget(value) !== undefined, { error: TARGET_WANTED });
const headers = z.record(z.string(), z.string({ error: "text; put numbers in quotes" }), {
  error: "names with values",
});
const NUMBER_WANTED = "a number, 0 or more";
const number = z.number({ error: NUMBER_WANTED }).min(0, { error: NUMBER_WANTED });
const CPU_WANTED = "a share of a core, 0 to 64";

/** The name or path of a balancer, or `besides`, which means none of its own. */
export const balancer = (besides: "" | "node" | undefined) =>
  z.string({ error: "the name or path of a load balancer" }).superRefine((value, context) => {
    const fault = value === besides ? undefined : balancerNameFault(value);
    if (fault !== undefined)
      context.addIssue({ code: "custom", message: fault, params: { whole: true } });
  });

/** How a client treats its requests. */
const clientShape = {
  timeout: duration.optional(),
  attemptTimeout: duration.optional(),
  connectTimeout: duration.optional(),
  retries: whole(0, "a whole number of retries, 0 or more").optional(),
  backoff: duration.optional(),
  backoffMax: duration.optional(),
  retryBudget: number.optional(),
  connections: whole(0, "a whole number, 0 or more").optional(),
  exclusive: flag.optional(),
  balancer: balancer("node").optional(),
};

export const traffic = fields({
  name: text("a name").optional(),
  service: target.optional(),
  ingress: fields({
    host: text("the name of a host").optional(),
    path: z.string({ error: "a path" }).startsWith("/", { error: "a path from /" }).optional(),
    headers: headers.optional(),
    cookies: headers.optional(),
    class: text("the name of an IngressClass").optional(),
  }).optional(),
  from: text("the name of a node, random-node, each-node or outside").optional(),
  arrivals: judged(
    "the time between requests, or a process such as poisson(rate=100/s)",
    arrivalsFault,
  ).optional(),
  clients: whole(1, "a whole number of clients, 1 or more").optional(),
  thinkTime: distribution.optional(),
  serviceTime: distribution.optional(),
  addresses: whole(1, "a whole number of addresses, 1 or more").optional(),
  keys: whole(0, "a whole number of keys, 0 or more").optional(),
  keySkew: number.optional(),
  ...clientShape,
  start: duration.optional(),
  requests: whole(1, "a whole number of requests, 1 or more").optional(),
  until: duration.optional(),
}).superRefine((value, context) => {
  const fault = loadFault(value);
  if (fault !== undefined)
    context.addIssue({ code: "custom", message: fault, params: { whole: true } });
});

const call = fields({
  to: target,
  probability: share.optional(),
  times: whole(1, "a whole number of times, 1 or more").optional(),
  cacheHits: share.optional(),
  optional: flag.optional(),
  ...clientShape,
});

const model = fields({
  serviceTime: distribution,
  concurrency: whole(1, "a whole number of requests, 1 or more").optional(),
  queueLimit: whole(-1, "a whole number of requests, 0 or more, or -1: any number").optional(),
  cpu: z
    .number({ error: CPU_WANTED })
    .min(0, { error: CPU_WANTED })
    .max(64, { error: CPU_WANTED })
    .optional(),
  errors: share.optional(),
  calls: list(
    z.union([call, list(call, "calls that are made at once")], {
      error: "a call such as {to: default/db}, or a list of calls that are made at once",
    }),
    "a list of calls",
  ).optional(),
});

export const services = z
  .record(z.string(), model, { error: "namespace/name of Services with their models" })
  .superRefine((value, context) => {
    if (context.issues.length > 0) return; // what is wrong within a model has been said
    const names = Object.keys(value);
    let isWhole = true;
    const refuse = (path: (string | number)[], message: string): void => {
      isWhole = false;
      context.addIssue({ code: "custom", message, path, params: { whole: true } });
    };
    for (const name of names) {
      if (!/^[^/:\s]+\/[^/:\s]+$/.test(name))
        refuse([name], `got "${name}", want namespace/name of a Service.`);
      for (const { to, path } of callsOf(value[name])) {
        const fault = unknownService(to, names);
        if (fault !== undefined) refuse([name, "calls", ...path, "to"], fault);
      }
    }
    if (!isWhole) return;
    const fault = faultOf(() => checkModels(fillServices(value)));
    if (fault !== undefined) refuse([], fault.replace(/^services: /, ""));
  });

type Load = z.infer<typeof traffic>;
type Model = z.infer<typeof model>;

/** What does not go together in one load. */
function loadFault({
  service,
  ingress,
  arrivals,
  clients,
  thinkTime,
  connections,
  exclusive,
  requests,
}: Load): string | undefined {
  if (service !== undefined && ingress !== undefined)
    return "got service and ingress, want one of them. Take out the other.";
  if (service === undefined && ingress === undefined)
    return "got neither service nor ingress, want one of them. Say whom the requests are for.";
  if (arrivals !== undefined && clients !== undefined)
    return (
      "got arrivals and clients, want one of them: arrivals do not wait for answers (open loop), " +
      "clients do (closed loop)."
    );
  if (arrivals === undefined && clients === undefined)
    return "got neither arrivals nor clients, want one of them. Say when requests come.";
  if (arrivals !== undefined && requests === undefined && isStandstill(arrivals))
    return (
      `got arrivals "${arrivals}" without requests, want gaps above 0: time would never pass. ` +
      "Say how many requests, or give the gaps a length."
    );
  if (clients !== undefined && thinkTime === undefined)
    return "got clients without thinkTime. Say how long one waits after an answer.";
  if (clients === undefined && thinkTime !== undefined)
    return "got thinkTime without clients. Leave it out, or say clients instead of arrivals.";
  if (exclusive === true && (connections ?? 0) === 0)
    return "got exclusive without connections, want 1 or more connections. Set it, or leave exclusive out.";
  return undefined;
}

/** Whether requests come all at once, and for ever. */
function isStandstill(arrivals: string): boolean {
  if (namesCountsFile(arrivals) || arrivalsFault(arrivals) !== undefined) return false;
  return parseArrivalProcess(arrivals, "arrivals").isStandstill;
}

/** The calls of a model, with their places in its list. */
function callsOf(model: Model | undefined): { to: string; path: number[] }[] {
  return (model?.calls ?? []).flatMap((stage, i) =>
    Array.isArray(stage)
      ? stage.map(({ to }, j) => ({ to, path: [i, j] }))
      : [{ to: stage.to, path: [i] }],
  );
}

function unknownService(to: string, names: readonly string[]): string | undefined {
  const service = splitTarget(to)?.service ?? "";
  if (names.includes(service)) return undefined;
  const near = nearestName(service, names);
  const meant =
    near === undefined
      ? `Say its serviceTime under services."${service}".`
      : `Did you mean "${near}"?`;
  return `got "${to}", a Service without a model, want one under services. ${meant}`;
}

/** Loads whose requests nobody has said the work of. */
export function refuseUnserved(
  experiment: { traffic?: Load[] | undefined; services?: Record<string, Model> | undefined },
  context: z.core.$RefinementCtx,
): void {
  const known = Object.keys(experiment.services ?? {});
  for (const [i, { service, serviceTime }] of (experiment.traffic ?? []).entries()) {
    if (service === undefined || serviceTime !== undefined) continue;
    const name = splitTarget(service)?.service ?? "";
    if (known.includes(name)) continue;
    const near = nearestName(name, known);
    const meant = near === undefined ? "" : ` Did you mean "${near}"?`;
    context.addIssue({
      code: "custom",
      message:
        `got no serviceTime, and ${name} has no model under services. ` +
        `Say how long a pod takes for a request, in one of them.${meant}`,
      path: ["traffic", i],
      params: { whole: true },
    });
  }
}
