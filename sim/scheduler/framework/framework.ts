/**
 * Framework: one profile's plugins, run at their extension points in profile order, with the
 * plugin's name added to each verdict.
 *
 * Source: kubernetes/pkg/scheduler/framework/runtime/framework.go, v1.30.
 */
import { InputError, type Kernel, type Micros } from "../../kernel/index.ts";
import { checkProfile } from "./check-profile.ts";
import type { Diagnosis, Evaluation, Evaluator, TieBreak } from "./evaluator.ts";
import { type CycleDetail, explainCycle } from "./explain.ts";
import { explainSearch, type SearchDetail } from "./explain-search.ts";
import { FullPass } from "./full-pass.ts";
import { IncrementalEvaluator } from "./incremental.ts";
import type {
  AnyPlugin,
  CycleContext,
  PluginError,
  PluginRequests,
  PodNominator,
  PreemptionDetail,
  Profile,
  QueuedPod,
  RetryLater,
  Verdict,
} from "./interface.ts";
import { NO_NOMINATIONS } from "./no-nominations.ts";
import { type EvaluationPlan, planEvaluation } from "./plan.ts";
import { PluginCaller } from "./plugin-caller.ts";
import { policyTitle } from "./plugin-origin.ts";
import type { PluginRejection } from "./plugin-rejection.ts";
import type { PodInfo } from "./pod-info.ts";
import { type PostFilterAttempt, type PostFilterOutcome, PostFilters } from "./post-filters.ts";
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
  /** Pods that were promised a place; none without it. */
  readonly nominator?: PodNominator;
  /** Where plugins' writes go; without it a plugin that writes fails. */
  readonly requests?: PluginRequests;
}

/** How far PreBind has come: the plugin that is not done, and when it was asked first. */
export interface PreBindProgress {
  readonly resumeAt: string;
  readonly startedUs: Micros;
}

/** A preBind plugin is not done yet: ask again after this time, with this progress. */
export interface PreBindPause extends RetryLater {
  readonly progress: PreBindProgress;
}

/** A preBind plugin met an error that is not the pod's fault. */
export interface PreBindFailure extends PluginError {
  readonly plugin: string;
}

export class Framework {
  readonly profile: Profile;
  /** schedulerName of the pods that it serves. */
  readonly schedulerName: string;
  readonly evaluator: Evaluator;
  readonly #cache: SchedulerCache;
  /** Beside the evaluator: for explanations and what-ifs. */
  readonly #full: FullPass;
  readonly #context: CycleContext;
  readonly #plugins: readonly AnyPlugin[];
  readonly #queueSort: AnyPlugin;
  readonly #caller = new PluginCaller();
  readonly #postFilters: PostFilters;

  /** Throws InputError for a profile that cannot work. */
  constructor({
    profile,
    cache,
    kernel,
    evaluation,
    nominator = NO_NOMINATIONS,
    requests = NO_REQUESTS,
  }: FrameworkOptions) {
    this.profile = profile;
    this.schedulerName = profile.schedulerName;
    this.#cache = cache;
    this.#context = {
      kernel,
      cluster: cache.cluster,
      assumed: cache.objects,
      requests,
    };
    this.#plugins = profile.plugins.map(({ plugin }) => plugin);
    this.#queueSort = checkProfile(profile);
    const plan = planEvaluation(profile);
    this.evaluator = createEvaluator(plan, cache, evaluation, nominator);
    this.#full = new FullPass(plan, cache, nominator);
    this.#postFilters = new PostFilters(this.#full, this.#plugins, this.#context, this.#caller);
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

  /** PostFilter: the first plugin that nominates a node, or all that the others said. */
  postFilter(pod: PodInfo, attempt: PostFilterAttempt): PostFilterOutcome {
    return this.#postFilters.run(pod, attempt);
  }

  /** What the first plugin that preempts would weigh; undefined: the profile has none. */
  explainPostFilter(pod: PodInfo, attempt: PostFilterAttempt): PreemptionDetail | undefined {
    return this.#postFilters.explain(pod, attempt);
  }

  /** One cycle in full detail, by the full pass. Changes nothing. */
  explain(pod: PodInfo): CycleDetail {
    return explainCycle(this.#full, pod);
  }

  /** What a cycle looks at and finds whose walk begins at `startIndex` of the node order. Changes nothing. */
  explainSearch(pod: PodInfo, startIndex: number): SearchDetail {
    return explainSearch(this.#full, pod, startIndex);
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
      this.#caller.call(plugin, "unreserve", pod, nodeName, () =>
        plugin.unreserve?.(pod, nodeName, this.#context),
      );
    }
  }

  /** Permit: a rejection, or the longest wait in microseconds (0: go on). */
  permit(pod: PodInfo, nodeName: string): PluginRejection | { readonly waitUs: number } {
    let waitUs = 0;
    for (const plugin of this.#plugins) {
      const result = this.#caller.call(plugin, "permit", pod, nodeName, () =>
        plugin.permit?.(pod, nodeName, this.#context),
      );
      if (typeof result === "object" && result !== null && "waitUs" in result) {
        waitUs = Math.max(waitUs, this.#checkWait(plugin, "waitUs", result.waitUs));
        continue;
      }
      const rejection = rejectionOf(result, this.#caller.site);
      if (rejection !== undefined) return { ...rejection, plugin: plugin.name };
    }
    return { waitUs };
  }

  /**
   * PreBind of the plugins in turn: a rejection, or who is not done yet and when to ask again with
   * which progress. undefined: all are done.
   */
  preBind(
    pod: PodInfo,
    nodeName: string,
    { resumeAt, startedUs }: PreBindProgress = {
      resumeAt: "",
      startedUs: this.#context.kernel.nowUs,
    },
  ): PluginRejection | PreBindPause | PreBindFailure | undefined {
    const first = this.#plugins.findIndex(({ name }) => name === resumeAt);
    for (const plugin of this.#plugins.slice(Math.max(first, 0))) {
      const since = plugin.name === resumeAt ? startedUs : this.#context.kernel.nowUs;
      const result = this.#caller.call(plugin, "preBind", pod, nodeName, () =>
        plugin.preBind?.(pod, nodeName, this.#context, since),
      );
      if (typeof result === "object" && result !== null && "retryAfterUs" in result) {
        const retryAfterUs = this.#checkWait(plugin, "retryAfterUs", result.retryAfterUs);
        return { retryAfterUs, progress: { resumeAt: plugin.name, startedUs: since } };
      }
      if (typeof result === "object" && result !== null && "error" in result)
        return { error: result.error, plugin: plugin.name };
      const rejection = rejectionOf(result, this.#caller.site);
      if (rejection !== undefined) return { ...rejection, plugin: plugin.name };
    }
    return undefined;
  }

  /** Bind: the name of the plugin that binds the pod, or "" when none does. */
  bind(pod: PodInfo, nodeName: string): string {
    for (const plugin of this.#plugins) {
      const isBound = this.#caller.call(plugin, "bind", pod, nodeName, () =>
        plugin.bind?.(pod, nodeName, this.#context),
      );
      if (isBound === true) return plugin.name;
    }
    return "";
  }

  postBind(pod: PodInfo, nodeName: string): void {
    for (const plugin of this.#plugins) {
      this.#caller.call(plugin, "postBind", pod, nodeName, () =>
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
      const verdict = this.#caller.call(plugin, point, pod, nodeName, () => ask(plugin));
      const rejection = rejectionOf(verdict, this.#caller.site);
      if (rejection !== undefined) return { ...rejection, plugin: plugin.name };
    }
    return undefined;
  }

  #checkWait(plugin: AnyPlugin, field: "waitUs" | "retryAfterUs", us: number): number {
    const min = field === "waitUs" ? 0 : 1;
    if (Number.isSafeInteger(us) && us >= min) return us;
    const point = field === "waitUs" ? "permit" : "preBind";
    throw new InputError(
      `${policyTitle(plugin)} ${point}: got ${field} ${us}, want whole microseconds, ` +
        `${min} or more. Correct ${field}.`,
    );
  }
}

function createEvaluator(
  plan: EvaluationPlan,
  cache: SchedulerCache,
  evaluation: EvaluationMode,
  nominator: PodNominator,
): Evaluator {
  switch (evaluation) {
    case "full":
      return new FullPass(plan, cache, nominator);
    case "incremental":
      return new IncrementalEvaluator(plan, cache, { nominator });
    case "verify":
      return new VerifyingEvaluator(plan, cache, { nominator });
  }
}

/** For frameworks that nobody gave a way to the API server. */
const NO_REQUESTS: PluginRequests = {
  patch: refuseRequest,
  delete: refuseRequest,
  event: refuseRequest,
};

function refuseRequest(): never {
  throw new Error("this framework has no client: a plugin cannot write");
}
