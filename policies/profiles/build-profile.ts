/**
 * buildProfile makes a profile of one entry of `profiles`, as NewFramework does
 * (kubernetes/pkg/scheduler/framework/runtime/framework.go, v1.30), with its messages.
 */
import type { FieldError } from "../../sim/api/index.ts";
import { InputError, nearestName } from "../../sim/kernel/index.ts";
import type { AnyPlugin, Profile, ProfilePlugin } from "../../sim/scheduler/index.ts";
import type { TypedArgs } from "../plugin-args.ts";
import { profileOf } from "./default-profile.ts";
import {
  interfaceOf,
  missingPreparation,
  POINTS,
  type Point,
  pointsOf,
  restrict,
} from "./extension-points.ts";
import { DEFAULT_PLUGINS, makePlugin, pluginNames, UNSUPPORTED_PLUGINS } from "./in-tree.ts";
import {
  disables,
  type EnabledPlugin,
  enabledAt,
  enabledIn,
  mergedMultiPoint,
  type PluginSets,
} from "./plugin-sets.ts";

/** A profile as it is configured, its fields decoded and valid. */
export interface ProfileConfiguration {
  readonly schedulerName?: string;
  readonly percentageOfNodesToScore?: number;
  readonly plugins?: PluginSets;
  readonly pluginConfig?: readonly { readonly name?: string; readonly args?: TypedArgs }[];
}

/** Highest total of weights: each weighs a score of up to 100, and totals are exact below 2^53. */
const WEIGHTS_MAX = Math.floor(Number.MAX_SAFE_INTEGER / 100);
const INT32_MAX = 2_147_483_647;

/** `path` is the entry's. Faults are appended; the profile is of use only when there are none. */
export function buildProfile(
  configuration: ProfileConfiguration,
  options: { readonly schedulerName: string; readonly percentageOfNodesToScore: number },
  path: string,
  errors: FieldError[],
): Profile {
  const builder = new ProfileBuilder(configuration, options.schedulerName, path, errors);
  return profileOf(builder.build(), options);
}

class ProfileBuilder {
  readonly #sets: PluginSets;
  readonly #multiPoint: readonly EnabledPlugin[];
  readonly #configuration: ProfileConfiguration;
  readonly #schedulerName: string;
  readonly #path: string;
  readonly #errors: FieldError[];
  readonly #made = new Map<string, AnyPlugin>();

  constructor(
    configuration: ProfileConfiguration,
    schedulerName: string,
    path: string,
    errors: FieldError[],
  ) {
    this.#configuration = configuration;
    this.#schedulerName = schedulerName;
    this.#path = path;
    this.#errors = errors;
    this.#sets = configuration.plugins ?? {};
    this.#multiPoint = mergedMultiPoint(this.#sets.multiPoint, `${path}.plugins.multiPoint`);
  }

  build(): readonly ProfilePlugin[] {
    const before = this.#errors.length;
    this.#makePlugins();
    for (const point of POINTS) this.#checkSet(point);
    this.#checkMultiPoint();
    if (this.#errors.length > before) return [];
    const enabled = this.#assemble();
    this.#checkWhole(enabled);
    return this.#errors.length > before ? [] : this.#restricted(enabled);
  }

  /** Every plugin that is named anywhere is made once, with its arguments. */
  #makePlugins(): void {
    const argsOf = new Map(
      (this.#configuration.pluginConfig ?? []).map(({ name = "", args }, i) => [
        name,
        { args: args ?? {}, path: `${this.#path}.pluginConfig[${i}]` },
      ]),
    );
    const names = new Set(this.#multiPoint.map(({ name }) => name));
    for (const point of POINTS) for (const { name } of this.#enabledIn(point)) names.add(name);
    for (const [name, { path }] of argsOf) {
      if (isKnown(name)) continue;
      this.#fault(`${path}.name`, `Invalid value: "${name}": no such plugin${hintFor(name)}`);
    }
    for (const name of names) {
      if (!pluginNames().includes(name)) continue;
      const { args = {}, path = this.#path } = argsOf.get(name) ?? {};
      try {
        this.#made.set(name, makePlugin(name, args));
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        this.#fault(`${path}.args`, `initializing plugin "${name}": ${error.message}`);
      }
    }
  }

  /** updatePluginList: what a point names must exist, extend the point, and be named once. */
  #checkSet(point: Point): void {
    const seen = new Set<string>();
    for (const { name, path } of this.#enabledIn(point)) {
      const type = interfaceOf(point);
      if (!isKnown(name)) this.#unknown(name, type, path);
      else if (!pointsOf(name, this.#made.get(name)).includes(point)) {
        this.#profileFault(path, `plugin "${name}" does not extend ${type} plugin`);
      } else if (seen.has(name)) {
        this.#profileFault(path, `plugin "${name}" already registered as "${type}"`);
      }
      seen.add(name);
    }
  }

  #checkMultiPoint(): void {
    const expanded = POINTS.filter((point) => !disables(this.#sets[point])("*"));
    const seen = new Set<string>();
    for (const { name, path } of this.#multiPoint) {
      if (!isKnown(name)) {
        this.#unknown(name, interfaceOf(expanded[0] ?? "preFilter"), path);
        continue;
      }
      const extended = pointsOf(name, this.#made.get(name));
      const point = expanded.find(
        (each) => extended.includes(each) && !disables(this.#sets[each])(name),
      );
      if (point !== undefined && seen.has(name)) {
        const type = interfaceOf(point);
        this.#profileFault(path, `plugin "${name}" already registered as "${type}"`);
      }
      seen.add(name);
    }
  }

  /** The plugins of each point, in the order of the filters and then of the other points. */
  #assemble(): ReadonlyMap<string, EnabledPoints> {
    const all = new Map<string, EnabledPoints>();
    for (const point of ["filter", ...POINTS.filter((each) => each !== "filter")] as Point[]) {
      const path = `${this.#path}.plugins.${point}`;
      for (const plugin of enabledAt(this.#sets[point], path, this.#multiPoint)) {
        const made = this.#made.get(plugin.name);
        if (made === undefined || !pointsOf(plugin.name, made).includes(point)) continue;
        const found = all.get(plugin.name) ?? { points: [], weight: 0 };
        found.points.push(point);
        if (made.score !== undefined && point === "score") found.weight = this.#weightOf(plugin);
        all.set(plugin.name, found);
      }
    }
    return all;
  }

  /** getScoreWeights. A weight of 0 that was written down is refused; the real one takes it as 1. */
  #weightOf({ name, weight, path }: EnabledPlugin): number {
    const standard = DEFAULT_PLUGINS.find((plugin) => plugin.name === name)?.weight;
    if (path === "" || weight === undefined) return weight || 1;
    if (weight === 0 && standard === 0) return 1; // as kube-scheduler --write-config-to writes it
    if (weight >= 1 && weight <= INT32_MAX) return weight;
    this.#fault(
      `${path}.weight`,
      `Invalid value: ${weight}: score plugin "${name}" is not configured with weight: ` +
        `want a whole number from 1 to ${INT32_MAX}; to switch its score off, disable it at score`,
    );
    return 1;
  }

  /** What every profile needs, and what each plugin needs of itself. */
  #checkWhole(enabled: ReadonlyMap<string, EnabledPoints>): void {
    const countAt = (point: Point): number =>
      [...enabled.values()].filter(({ points }) => points.includes(point)).length;
    const suffix = `for profile with scheduler name "${this.#schedulerName}"`;
    const sorts = countAt("queueSort");
    if (sorts !== 1) {
      const message = `only one queue sort plugin required ${suffix}, but got ${sorts}`;
      this.#profileFault(`${this.#path}.plugins.queueSort`, message);
    }
    if (countAt("bind") === 0) {
      const message = `at least one bind plugin is needed ${suffix}`;
      this.#profileFault(`${this.#path}.plugins.bind`, message);
    }
    let total = 0;
    for (const { weight } of enabled.values()) total += weight;
    if (total > WEIGHTS_MAX) {
      const message = "total score of Score plugins could overflow";
      this.#profileFault(`${this.#path}.plugins.score`, message);
    }
    for (const [name, { points }] of enabled) this.#checkPreparation(name, points);
  }

  #checkPreparation(name: string, points: readonly Point[]): void {
    const point = missingPreparation(name, points);
    if (point === undefined) return;
    const user = point === "preFilter" ? "filter" : "score";
    const key = `${point.slice(0, 1).toUpperCase()}${point.slice(1)}${name}`;
    this.#fault(
      `${this.#path}.plugins.${point}`,
      `plugin "${name}" is enabled at ${user} and not at ${point}: kube-scheduler would fail ` +
        `every pod (reading "${key}" from cycleState: not found). Disable it at ${user} too`,
    );
  }

  #restricted(enabled: ReadonlyMap<string, EnabledPoints>): readonly ProfilePlugin[] {
    return [...enabled].map(([name, { points, weight }]) => ({
      plugin: restrict(this.#made.get(name) as AnyPlugin, points),
      weight,
    }));
  }

  #enabledIn(point: Point): readonly EnabledPlugin[] {
    return enabledIn(this.#sets[point], `${this.#path}.plugins.${point}`);
  }

  #unknown(name: string, type: string, path: string): void {
    this.#profileFault(path, `${type} "${name}" does not exist${hintFor(name)}`);
  }

  #profileFault(path: string, message: string): void {
    const prefix = "initializing profiles: creating profile for scheduler name";
    this.#fault(path, `${prefix} ${this.#schedulerName}: ${message}`);
  }

  #fault(path: string, message: string): void {
    this.#errors.push({ path, message });
  }
}

interface EnabledPoints {
  readonly points: Point[];
  weight: number;
}

function isKnown(name: string): boolean {
  return UNSUPPORTED_PLUGINS.includes(name) || pluginNames().includes(name);
}

function hintFor(name: string): string {
  const near = nearestName(name, [...pluginNames(), ...UNSUPPORTED_PLUGINS]);
  return near === undefined ? `. Known: ${pluginNames().join(", ")}` : `. Did you mean ${near}?`;
}
