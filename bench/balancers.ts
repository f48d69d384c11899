/**
 * The balancers that an experiment names: built-in ones, and files of the user. In a resolved
 * experiment a file is written as a path from the workload's folder, so that run.json names none of
 * this machine's folders.
 */
import { relative, resolve } from "node:path";
import { balancerByName, balancerFault } from "../policies/balance/index.ts";
import type { ManifestInput } from "../reports/index.ts";
import { InputError } from "../sim/kernel/index.ts";
import { type Balancer, balancerNameOf, type ServiceModelSettings } from "../sim/network/index.ts";
import type { Experiment } from "./experiment.ts";
import type { RunHooks } from "./run-hooks.ts";

/** The balancer of a client that leaves the choice to its node. */
const OF_NODE = "node";

/** A balancer with a slash or a file's ending is a path; others are names of built-in ones. */
export const isBalancerFile = (text: string): boolean =>
  /[/\\]/.test(text) || /\.(ts|mts|js|mjs)$/.test(text);

/** What is wrong with the name of a balancer; `undefined`: nothing, or it is a path. */
export const balancerNameFault = (text: string): string | undefined =>
  isBalancerFile(text) ? undefined : balancerFault(text);

/** A name as it is; a path from `base` as one from `workloadBase`, both absolute. */
export function balancerFrom(text: string, base: string, workloadBase: string): string {
  if (!isBalancerFile(text)) return text;
  const path = relative(workloadBase, resolve(base, text)).replaceAll("\\", "/");
  return path.startsWith("../") ? path : `./${path}`;
}

/** The models with the balancers of their calls as `balancerFrom` writes them. */
export function withBalancersFrom(
  models: Readonly<Record<string, ServiceModelSettings>>,
  base: string,
  workloadBase: string,
): Readonly<Record<string, ServiceModelSettings>> {
  return Object.fromEntries(
    Object.entries(models).map(([service, model]) => [
      service,
      {
        ...model,
        calls: model.calls.map((stage) =>
          stage.map((call) => ({
            ...call,
            client: {
              ...call.client,
              balancer: balancerFrom(call.client.balancer, base, workloadBase),
            },
          })),
        ),
      },
    ]),
  );
}

export interface LoadedBalancers {
  /** The kube-proxies' own. */
  readonly ofProxies: Balancer;
  /** By the text in the experiment, or a balancer's own name. Throws InputError when unknown. */
  readonly named: (text: string) => Balancer;
  /** The users' files, for run.json. */
  readonly inputs: readonly ManifestInput[];
}

type Naming = Pick<Experiment, "cluster" | "traffic" | "services" | "workloadBase">;

/** Makes or loads all balancers that the experiment names. Rejects with InputError. */
export async function loadBalancers(
  experiment: Naming,
  hooks: Pick<RunHooks, "loadBalancer">,
): Promise<LoadedBalancers> {
  const { network } = experiment.cluster;
  const ofProxies = balancerNameOf(network);
  const byText = new Map<string, Balancer>();
  const fileOf = new Map<string, string>();
  const inputs: ManifestInput[] = [];
  for (const text of new Set([ofProxies, ...clientsBalancers(experiment)])) {
    if (!isBalancerFile(text)) {
      byText.set(text, balancerByName(text));
      continue;
    }
    const path = resolve(experiment.workloadBase, text);
    const { balancer, sha256 } = await hooks.loadBalancer(path);
    const { name } = balancer;
    const other = fileOf.get(name);
    if (other !== undefined)
      throw new InputError(
        `balancer ${path}: name: got "${name}", which the balancer ${other} has too. Rename one.`,
      );
    fileOf.set(name, path);
    byText.set(text, balancer).set(name, balancer);
    inputs.push({ path: text.replace(/^\.\//, ""), sha256, balancer: name });
  }
  const named = (text: string): Balancer => {
    const known = byText.get(text);
    if (known !== undefined) return known;
    const made = balancerByName(text);
    byText.set(text, made);
    return made;
  };
  return { ofProxies: named(ofProxies), named, inputs };
}

function clientsBalancers({ cluster, services, traffic }: Naming): string[] {
  const calls = Object.values(services).flatMap((model) => model.calls.flat());
  const ofClients = [...traffic, ...calls].map(({ client }) => client.balancer);
  return [cluster.ingress.balancer, ...ofClients].filter((text) => text !== OF_NODE);
}
