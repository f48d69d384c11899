/** The resources that a comparison reports, and what their columns are called. */
import type { Node } from "../sim/api/index.ts";

/** Counted by the running-pods columns, or reserved page sizes that no model here uses. */
const unreported = (resource: string): boolean =>
  resource === "pods" || resource.startsWith("hugepages-");

const standard = ["cpu", "memory", "ephemeral-storage"];

/**
 * The resources to report for these nodes: cpu and memory always, then what any node offers:
 * ephemeral-storage, then extended resources by name.
 */
export function reportedResources(nodes: readonly Node[]): string[] {
  const found = new Set(["cpu", "memory"]);
  for (const node of nodes)
    for (const resource of Object.keys(node.status.allocatable ?? {})) found.add(resource);
  const extended = [...found].filter((name) => !standard.includes(name) && !unreported(name));
  return [...standard.filter((name) => found.has(name)), ...extended.sort()];
}

/**
 * Column stems of the resources, in their order: the part after the slash with `_` for what is
 * neither letter nor digit (`alibabacloud.com/gpu-milli` is `gpu_milli`); the whole name where two
 * resources share that part.
 */
export function resourceStems(resources: readonly string[]): string[] {
  const short = resources.map((name) => identifier(name.slice(name.lastIndexOf("/") + 1)));
  return resources.map((name, index) => {
    const stem = short[index] ?? "";
    const isShared = short.filter((other) => other === stem).length > 1;
    return isShared ? identifier(name) : stem;
  });
}

function identifier(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9]/g, "_");
}

/** What a resource is counted in, as part of a column's name; "" for extended resources. */
export function resourceUnit(resource: string): string {
  if (resource === "cpu") return "_milli";
  return standard.includes(resource) ? "_bytes" : "";
}
