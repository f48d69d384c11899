/**
 * PostFilters: a profile's plugins at PostFilter, asked about a pod that fits nowhere.
 *
 * Source: RunPostFilterPlugins of kubernetes/pkg/scheduler/framework/runtime/framework.go, v1.30.
 */
import type { Diagnosis } from "./evaluator.ts";
import { FruitlessPostFilters } from "./fruitless-post-filters.ts";
import type { FullPass } from "./full-pass.ts";
import type { AnyPlugin, CycleContext, PostFilterContext, PreemptionDetail } from "./interface.ts";
import type { PluginCaller } from "./plugin-caller.ts";
import { isBuiltIn } from "./plugin-origin.ts";
import type { PodInfo } from "./pod-info.ts";
import { DryRunMemos, PodTrials } from "./pod-trials.ts";

/** What postFilter needs to know of the attempt. */
export interface PostFilterAttempt {
  readonly diagnosis: Diagnosis;
  /** A seeded draw of this attempt: a whole number below `count`. */
  readonly draw: (count: number) => number;
  /** Equal candidates: the lowest name instead of a draw. */
  readonly isLowestName: boolean;
}

/** What all postFilter plugins together did for the pod. */
export interface PostFilterOutcome {
  readonly nominatedNode: string;
  readonly message: string;
  readonly victims: readonly string[];
  /** Nodes on which preemption was tried out. */
  readonly dryRunNodes: number;
  readonly keepsNomination: boolean;
}

export class PostFilters {
  /** For what-ifs. */
  readonly #full: FullPass;
  readonly #plugins: readonly AnyPlugin[];
  readonly #context: CycleContext;
  readonly #caller: PluginCaller;
  readonly #memos = new DryRunMemos();
  readonly #fruitless = new FruitlessPostFilters();
  /** No postFilter of a user, which might depend on anything. */
  readonly #areBuiltIn: boolean;

  /** `plugins`: all of the profile, in its order. */
  constructor(
    full: FullPass,
    plugins: readonly AnyPlugin[],
    context: CycleContext,
    caller: PluginCaller,
  ) {
    this.#full = full;
    this.#plugins = plugins;
    this.#context = context;
    this.#caller = caller;
    this.#areBuiltIn = plugins.every(
      (plugin) => plugin.postFilter === undefined || isBuiltIn(plugin),
    );
  }

  /** PostFilter: the first plugin that nominates a node, or all that the others said. */
  run(pod: PodInfo, attempt: PostFilterAttempt): PostFilterOutcome {
    const known = this.#fruitless.of(pod, attempt.diagnosis);
    if (known !== undefined) return known;
    const outcome = this.#run(pod, attempt);
    if (this.#areBuiltIn) this.#fruitless.keep(pod, attempt.diagnosis, outcome);
    return outcome;
  }

  #run(pod: PodInfo, attempt: PostFilterAttempt): PostFilterOutcome {
    const context = this.#contextOf(pod, attempt);
    const messages: string[] = [];
    let keepsNomination = true;
    let dryRunNodes = 0;
    for (const plugin of this.#plugins) {
      if (plugin.postFilter === undefined) continue;
      const result = this.#caller.call(plugin, "postFilter", pod, "", () =>
        plugin.postFilter?.(pod, context),
      );
      if (result === undefined) continue;
      const { nominatedNode, message = "", victims = [] } = result;
      dryRunNodes += result.dryRunNodes ?? 0;
      if (nominatedNode !== "")
        return { nominatedNode, message, victims, dryRunNodes, keepsNomination: false };
      if (message !== "") messages.push(message);
      if (result.keepsNomination !== true) keepsNomination = false;
    }
    const message = messages.join(", ");
    return { nominatedNode: "", message, victims: [], dryRunNodes, keepsNomination };
  }

  /** What the first plugin that preempts would weigh; undefined: the profile has none. */
  explain(pod: PodInfo, attempt: PostFilterAttempt): PreemptionDetail | undefined {
    const plugin = this.#plugins.find(({ explainPostFilter }) => explainPostFilter !== undefined);
    if (plugin === undefined) return undefined;
    const context = this.#contextOf(pod, attempt);
    return this.#caller.call(plugin, "postFilter", pod, "", () =>
      plugin.explainPostFilter?.(pod, context),
    );
  }

  #contextOf(pod: PodInfo, attempt: PostFilterAttempt): PostFilterContext {
    const { diagnosis, draw, isLowestName } = attempt;
    const trials = new PodTrials(this.#full, pod, this.#memos);
    return {
      ...this.#context,
      diagnosis,
      draw,
      isLowestName,
      nominator: this.#full.filters.nominator,
      tryNode: (slot) => trials.tryNode(slot),
      dryRunMemo: (slot) => trials.dryRunMemo(slot),
    };
  }
}
