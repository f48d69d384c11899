/**
 * Framework: one profile's plugins, run at their extension points in profile order, with the
 * plugin's name added to each verdict.
 *
 * Source: kubernetes/pkg/scheduler/framework/runtime/framework.go, v1.30.
 */
import { InputError, type Kernel } from "../../kernel/index.ts";
import { CallSite } from "./call-site.ts";
import type { Diagnosis, Evaluation, Evaluator, TieBreak } from "./evaluator.ts";
import { FullPass } from "./full-pass.ts";
import { IncrementalEvaluator } from "./incremental.ts";
import type {
  AnyPlugin,
  CycleContext,
  Profile,
  QueuedPod,
  Rejection,
  Verdict,
} from "./interface.ts";
import { planEvaluation } from "./plan.ts";
import { policyTitle } from "./plugin-origin.ts";
import type { PodInfo } from "./pod-info.ts";
import type { SchedulerCache } from "./scheduler-cache.ts";
import { rejectionOf } from "./verdicts.ts";
import { VerifyingEvaluator } from "./verify.ts";

/** How nodes are evaluated; the results are equal. */
export type EvaluationMode = "full" | "incremental" | "verify";

export interface FrameworkOptions {
  readonly profile: Profile;
  readonly cache: SchedulerCache;
  readonly kernel: Kernel;
  readonly evaluation: EvaluationMode;
}

/** A rejection with the name of the plugin that gave it. */
export interface PluginRejection extends Rejection {
  readonly plugin: string;
}

export class Framework {
  readonly profile: Profile;
  /** schedulerName of the pods that it serves. */
  readonly schedulerName: string;
  readonly evaluator: Evaluator;
  readonly #cache: SchedulerCache;
  readonly #context: CycleContext;
  readonly #plugins: readonly AnyPlugin[];
  readonly #queueSort: AnyPlugin;
  readonly #site = new CallSite();

  /** Throws InputError for a profile that cannot work. */
  constructor({ profile, cache, kernel, evaluation }: FrameworkOptions) {
    this.profile = profile;
    this.schedulerName = profile.schedulerName;
    this.#cache = cache;
    this.#context = { kernel, cluster: cache.cluster };
    this.#plugins = profile.plugins.map(({ plugin }) => plugin);
    this.#queueSort = checkProfile(profile);
    this.evaluator = createEvaluator(profile, cache, evaluation);
  }

  /** The first PreEnqueue rejection: the pod is gated. */
  preEnqueue(pod: PodInfo): PluginRejection | undefined {
    return this.#firstRejection("preEnqueue", pod, "", (plugin) => plugin.preEnqueue?.(pod));
  }

  /** QueueSort: the order of the active queue. Never 0 for two pods. */
  compare(a: QueuedPod, b: QueuedPod): number {
    return this.#queueSort.compare?.(a, b) || a.seq - b.seq;
  }

  /** PreFilter to selectHost. Moves the cache's start index. The result is reused: read it at once. */
  evaluate(pod: PodInfo, tie: TieBreak): Evaluation {
    const result = this.evaluator.evaluate(pod, tie);
    this.#cache.state.nextStartIndex = result.nextStartIndex;
    return result;
  }

  /** Why the pod fits nowhere. */
  diagnose(pod: PodInfo): Diagnosis {
    return this.evaluator.diagnose(pod);
  }

  get hasPostFilter(): boolean {
    return this.#plugins.some(({ postFilter }) => postFilter !== undefined);
  }

  /** PostFilter: the first plugin that nominates a node, or the last message. */
  postFilter(pod: PodInfo): { readonly nominatedNode: string; readonly message: string } {
    let message = "";
    for (const plugin of this.#plugins) {
      const result = this.#call(plugin, "postFilter", pod, "", () =>
        plugin.postFilter?.(pod, this.#context),
      );
      if (result === undefined) continue;
      message = result.message ?? message;
      if (result.nominatedNode !== "") return { nominatedNode: result.nominatedNode, message };
    }
    return { nominatedNode: "", message };
  }

  /** Reserve. On a rejection the caller runs `unreserve`, as kube-scheduler does. */
  reserve(pod: PodInfo, nodeName: string): PluginRejection | undefined {
    return this.#firstRejection("reserve", pod, nodeName, (plugin) =>
      plugin.reserve?.(pod, nodeName, this.#context),
    );
  }

  /** Unreserve of all plugins, last one first. */
  unreserve(pod: PodInfo, nodeName: string): void {
    for (let i = this.#plugins.length - 1; i >= 0; i--) {
      const plugin = this.#plugins[i] as AnyPlugin;
      this.#call(plugin, "unreserve", pod, nodeName, () =>
        plugin.unreserve?.(pod, nodeName, this.#context),
      );
    }
  }

  /** Permit: a rejection, or the longest wait in microseconds (0: go on). */
  permit(pod: PodInfo, nodeName: string): PluginRejection | { readonly waitUs: number } {
    let waitUs = 0;
    for (const plugin of this.#plugins) {
      const result = this.#call(plugin, "permit", pod, nodeName, () =>
        plugin.permit?.(pod, nodeName, this.#context),
      );
      if (typeof result === "object" && result !== null && "waitUs" in result) {
        waitUs = Math.max(waitUs, this.#checkWait(plugin, result.waitUs));
        continue;
      }
      const rejection = rejectionOf(result, this.#site);
      if (rejection !== undefined) return { ...rejection, plugin: plugin.name };
    }
    return { waitUs };
  }

  preBind(pod: PodInfo, nodeName: string): PluginRejection | undefined {
    return this.#firstRejection("preBind", pod, nodeName, (plugin) =>
      plugin.preBind?.(pod, nodeName, this.#context),
    );
  }

  /** Bind: the name of the plugin that binds the pod, or "" when none does. */
  bind(pod: PodInfo, nodeName: string): string {
    for (const plugin of this.#plugins) {
      const isBound = this.#call(plugin, "bind", pod, nodeName, () =>
        plugin.bind?.(pod, nodeName, this.#context),
      );
      if (isBound === true) return plugin.name;
    }
    return "";
  }

  postBind(pod: PodInfo, nodeName: string): void {
    for (const plugin of this.#plugins) {
      this.#call(plugin, "postBind", pod, nodeName, () =>
        plugin.postBind?.(pod, nodeName, this.#context),
      );
    }
  }

  #firstRejection(
    point: string,
    pod: PodInfo,
    nodeName: string,
    ask: (plugin: AnyPlugin) => Verdict,
  ): PluginRejection | undefined {
    for (const plugin of this.#plugins) {
      const verdict = this.#call(plugin, point, pod, nodeName, () => ask(plugin));
      const rejection = rejectionOf(verdict, this.#site);
      if (rejection !== undefined) return { ...rejection, plugin: plugin.name };
    }
    return undefined;
  }

  #call<T>(plugin: AnyPlugin, point: string, pod: PodInfo, nodeName: string, run: () => T): T {
    this.#site.enter(plugin, point, pod.record.key);
    this.#site.nodeName = nodeName;
    try {
      return run();
    } catch (error) {
      throw this.#site.explain(error);
    }
  }

  #checkWait(plugin: AnyPlugin, waitUs: number): number {
    if (Number.isSafeInteger(waitUs) && waitUs >= 0) return waitUs;
    throw new InputError(
      `${policyTitle(plugin)} permit: got waitUs ${waitUs}, want whole microseconds, 0 or more. ` +
        "Correct waitUs.",
    );
  }
}

/** The queue sort plugin of a profile that has what every profile needs. */
function checkProfile(profile: Profile): AnyPlugin {
  const where = `profile "${profile.schedulerName}"`;
  const names = new Set<string>();
  for (const { plugin } of profile.plugins) {
    if (names.has(plugin.name)) {
      throw new InputError(`${where}: plugin "${plugin.name}" is listed twice. Remove one.`);
    }
    names.add(plugin.name);
  }
  const sorts = profile.plugins.filter(({ plugin }) => plugin.compare !== undefined);
  const [first] = sorts;
  if (first === undefined || sorts.length > 1) {
    const found = sorts.map(({ plugin }) => plugin.name).join(", ") || "none";
    throw new InputError(
      `${where}: got queue sort plugins ${found}, want exactly one. Keep one (PrioritySort by default).`,
    );
  }
  return first.plugin;
}

function createEvaluator(
  profile: Profile,
  cache: SchedulerCache,
  evaluation: EvaluationMode,
): Evaluator {
  const plan = planEvaluation(profile);
  switch (evaluation) {
    case "full":
      return new FullPass(plan, cache);
    case "incremental":
      return new IncrementalEvaluator(plan, cache);
    case "verify":
      return new VerifyingEvaluator(plan, cache);
  }
}
