/**
 * definePlugin checks what the author of a plugin has written, before anything runs.
 */
import { InputError, nearestName } from "../../kernel/index.ts";
import { describeValue } from "./describe-value.ts";
import type { AnyPlugin, Plugin } from "./interface.ts";
import { ALL_POD_FIELDS } from "./pod-fields.ts";

const LOCALITIES: readonly unknown[] = ["spec", "node", "cluster", "none"];
const NORMALIZATIONS: readonly unknown[] = ["none", "max", "maxReversed", "minMax"];
const EXTENSION_POINTS = [
  "isSchedulableAfter",
  "preEnqueue",
  "compare",
  "preFilter",
  "filter",
  "addPod",
  "removePod",
  "postFilter",
  "explainPostFilter",
  "preScore",
  "score",
  "reserve",
  "unreserve",
  "permit",
  "preBind",
  "bind",
  "postBind",
] as const;
const FIELDS: readonly string[] = [
  "name",
  "locality",
  "reads",
  "requeueOn",
  "normalize",
  "isMonotone",
  ...EXTENSION_POINTS,
];

/** Names that are close in meaning, not in letters, and what to write instead. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  [
    "weight",
    "A weight belongs to the profile: export default { profile: { plugins: [{ plugin, weight }] } }",
  ],
  ["normalizeScore", "Write normalize"],
  ["queueSort", "Write compare"],
  ["less", "Write compare"],
]);

/**
 * Checks a plugin and fixes its types. Throws InputError when it is not usable: no name, a field
 * that does not exist, or one of the wrong type.
 */
export function definePlugin<FilterState = undefined, ScoreState = undefined>(
  plugin: Plugin<FilterState, ScoreState>,
): Plugin<FilterState, ScoreState> {
  if (typeof plugin !== "object" || plugin === null || Array.isArray(plugin)) {
    refuse("policy", plugin, "an object with a name and functions such as filter or score");
  }
  if (typeof plugin.name !== "string" || plugin.name === "") {
    throw new InputError("policy: got no name, want a name: a text that is not empty. Add one.");
  }
  const where = `policy "${plugin.name}"`;
  checkNames(plugin, where);
  checkClaims(plugin, where);
  for (const point of EXTENSION_POINTS) {
    if (plugin[point] === undefined || typeof plugin[point] === "function") continue;
    refuse(`${where} ${point}`, plugin[point], "a function");
  }
  return plugin;
}

/** Objects of a class may hold what they like; of a plain object each field is meant for us. */
function checkNames(plugin: AnyPlugin, where: string): void {
  const prototype: unknown = Object.getPrototypeOf(plugin);
  if (prototype !== Object.prototype && prototype !== null) return;
  for (const field of Object.keys(plugin)) {
    if (FIELDS.includes(field)) continue;
    const near = nearestName(field, FIELDS);
    const hint = near === undefined ? `Known: ${FIELDS.join(", ")}` : `Did you mean ${near}?`;
    const remedy = ELSEWHERE.get(field) ?? hint;
    const stop = remedy.endsWith("?") ? "" : ".";
    throw new InputError(`${where}: there is no field "${field}". ${remedy}${stop}`);
  }
}

function checkClaims(plugin: AnyPlugin, where: string): void {
  const { locality = "none", reads = [], requeueOn = [], normalize = "none" } = plugin;
  const { isMonotone = false } = plugin;
  if (!LOCALITIES.includes(locality)) {
    refuse(`${where} locality`, locality, `one of ${LOCALITIES.join(", ")}`);
  }
  if (!Array.isArray(reads)) refuse(`${where} reads`, reads, "a list of pod fields");
  const unknown: unknown = reads.find((field) => !ALL_POD_FIELDS.includes(field));
  if (unknown !== undefined) {
    refuse(`${where} reads`, unknown, `fields among ${ALL_POD_FIELDS.join(", ")}`);
  }
  if (typeof isMonotone !== "boolean") {
    refuse(`${where} isMonotone`, isMonotone, "true or false");
  }
  if (!Array.isArray(requeueOn) || requeueOn.some((event) => typeof event !== "string")) {
    refuse(`${where} requeueOn`, requeueOn, 'a list of events such as "Node/Add"');
  }
  if (!isNormalize(normalize)) {
    const wanted = `${NORMALIZATIONS.join(", ")}, a function of (raw, min, max), or { all }`;
    refuse(`${where} normalize`, normalize, wanted);
  }
}

function isNormalize(normalize: unknown): boolean {
  if (typeof normalize === "function" || NORMALIZATIONS.includes(normalize)) return true;
  if (typeof normalize !== "object" || normalize === null) return false;
  return typeof (normalize as { readonly all?: unknown }).all === "function";
}

function refuse(where: string, found: unknown, wanted: string): never {
  throw new InputError(`${where}: got ${describeValue(found)}, want ${wanted}. Correct it.`);
}
