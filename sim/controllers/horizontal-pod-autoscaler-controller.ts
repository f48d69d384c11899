/**
 * HorizontalPodAutoscalerController: sets the replicas of a target so that its metrics come near to
 * what is asked for, every sync period.
 *
 *   get scale -> list the metrics, one after the other -> decide -> update scale -> update status
 *
 * Source: pkg/controller/podautoscaler/horizontal.go of v1.30. An autoscaler that is added or changed
 * waits for one period, too. Looking again is no news: it does not keep a run alive.
 */
import {
  allKinds,
  type autoscaling,
  type HorizontalPodAutoscaler,
  type KeyRecord,
  type Pod,
  type Scale,
  semanticallyEqual,
} from "../api/index.ts";
import type { ApiClient, EventRecorder, Indexer } from "../client/index.ts";
import type { Kernel, Micros } from "../kernel/index.ts";
import { AutoscaledPods } from "./autoscaled-pods.ts";
import {
  type AutoscalerHistory,
  normalizeReplicas,
  storeScaleEvent,
} from "./autoscaler-behavior.ts";
import { type MetricOutcome, metricOutcome, metricQuery } from "./autoscaler-metrics.ts";
import { ReplicaCalculator } from "./autoscaler-replicas.ts";
import { AutoscalerWork, autoscalerStatus } from "./autoscaler-work.ts";
import type { Controller, ControllerContext } from "./controller.ts";
import { Reconciler } from "./reconciler.ts";

const SECOND_US = 1_000_000;

interface AutoscalerState {
  readonly histories: Map<KeyRecord, AutoscalerHistory>;
}

export class HorizontalPodAutoscalerController implements Controller {
  state: AutoscalerState = { histories: new Map() };
  readonly #kernel: Kernel;
  readonly #client: ApiClient;
  readonly #events: EventRecorder;
  readonly #autoscalers: Indexer<HorizontalPodAutoscaler>;
  readonly #pods: AutoscaledPods;
  readonly #calculator: ReplicaCalculator;
  readonly #reconciler: Reconciler<AutoscalerWork, undefined>;
  readonly #syncPeriodUs: Micros;
  readonly #downscaleStabilizationUs: Micros;

  constructor(context: ControllerContext) {
    const { kernel } = context;
    const { controllerSync } = context.latency;
    const settings = context.options.horizontalPodAutoscaler;
    const client = context.client("horizontal-pod-autoscaler");
    const autoscalers = context.informer<HorizontalPodAutoscaler>("HorizontalPodAutoscaler");
    this.#kernel = kernel;
    this.#client = client;
    this.#events = context.events(client, "horizontal-pod-autoscaler");
    this.#autoscalers = autoscalers.indexer;
    this.#pods = new AutoscaledPods(kernel, context.informer<Pod>("Pod").indexer);
    this.#syncPeriodUs = Math.round(settings.syncPeriodSeconds * SECOND_US);
    this.#downscaleStabilizationUs = settings.downscaleStabilizationSeconds * SECOND_US;
    this.#calculator = new ReplicaCalculator({
      tolerance: settings.tolerance,
      cpuInitializationPeriodUs: settings.cpuInitializationPeriodSeconds * SECOND_US,
      initialReadinessDelayUs: settings.initialReadinessDelaySeconds * SECOND_US,
    });
    const workers = settings.concurrentSyncs;
    this.#reconciler = new Reconciler(
      { kernel, client, name: "horizontal-pod-autoscaler", workers, controllerSync },
      {
        begin: (record) => new AutoscalerWork(record),
        run: (work) => this.#run(work),
        answered: (work, call) => {
          work.answer = call;
        },
      },
    );
    autoscalers.addEventHandler({
      onAdd: (record) => this.#enqueue(record),
      onUpdate: (record) => this.#enqueue(record),
    });
    kernel.keep("controller/horizontal-pod-autoscaler", this);
  }

  /** Starts the workers: once the informers have synced. */
  run(): void {
    this.#reconciler.run();
  }

  /** One sync period from now, unless it is due earlier already. */
  #enqueue(record: KeyRecord): void {
    this.#reconciler.enqueueAfterInBackground(record, this.#syncPeriodUs);
  }

  #run(work: AutoscalerWork): string {
    switch (work.stage) {
      case "start":
        return this.#start(work);
      case "scale":
        return this.#onScale(work);
      case "metric":
        return this.#onMetric(work);
      case "rescaled":
        return this.#onRescaled(work);
      default:
        return this.#onStatus(work);
    }
  }

  #start(work: AutoscalerWork): string {
    const record = work.record as KeyRecord<HorizontalPodAutoscaler>;
    const hpa = this.#autoscalers.get(record);
    if (hpa === undefined) {
      this.state.histories.delete(record);
      this.#pods.forget(record);
      this.#reconciler.forget(record);
      return "done";
    }
    work.begin(hpa);
    const { scaleTargetRef } = hpa.spec;
    const fault = targetFault(scaleTargetRef);
    if (fault !== "") return this.#failToGetScale(work, hpa, fault);
    const { kind, name } = scaleTargetRef;
    work.target = this.#client.record(kind, hpa.metadata.namespace, name);
    this.#reconciler.getScale(work, work.target, undefined);
    return "scale";
  }

  #onScale(work: AutoscalerWork): string {
    const { hpa, answer } = work;
    if (hpa === undefined || answer === undefined) throw new Error("a sync without autoscaler");
    if (!answer.ok || answer.object === undefined) {
      return this.#failToGetScale(work, hpa, answer.message);
    }
    const scale = answer.object as Scale;
    work.scale = scale;
    work.target = answer.record ?? work.target;
    work.condition("AbleToScale", true, GOT_SCALE, this.#kernel.nowUs);
    const current = scale.spec.replicas ?? 0;
    this.#historyOf(work.record, current);
    const { minReplicas = 1, maxReplicas } = hpa.spec;
    if (current === 0 && minReplicas !== 0) {
      work.condition("ScalingActive", false, DISABLED, this.#kernel.nowUs);
      return this.#writeStatus(work, current, current, undefined);
    }
    if (current > maxReplicas) {
      return this.#rescale(work, maxReplicas, "Current number of replicas above Spec.MaxReplicas");
    }
    if (current < minReplicas) {
      return this.#rescale(work, minReplicas, "Current number of replicas below Spec.MinReplicas");
    }
    const fault = this.#pods.select(work.record, scale.status.selector ?? "");
    if (fault !== undefined) {
      this.#events.event(hpa, "Warning", fault.reason, fault.error);
      work.condition("ScalingActive", false, fault, this.#kernel.nowUs);
      return this.#failToCompute(work, hpa, current, fault.error);
    }
    return this.#askForMetric(work, hpa);
  }

  #askForMetric(work: AutoscalerWork, hpa: HorizontalPodAutoscaler): string {
    const spec = hpa.spec.metrics?.[work.outcomes.length];
    if (spec === undefined) return this.#decide(work, hpa);
    const selector = work.scale?.status.selector ?? "";
    const { kind, selection } = metricQuery(spec, hpa.metadata.namespace, selector);
    this.#reconciler.list(work, kind, selection, undefined);
    return "metric";
  }

  #onMetric(work: AutoscalerWork): string {
    const { hpa, scale, answer, outcomes } = work;
    const spec = hpa?.spec.metrics?.[outcomes.length];
    if (hpa === undefined || scale === undefined || spec === undefined || answer === undefined) {
      throw new Error(`an answer to no metric of ${work.record.key}`);
    }
    const outcome = metricOutcome(
      spec,
      answer,
      {
        namespace: hpa.metadata.namespace,
        pods: this.#pods.of(work.record),
        currentReplicas: scale.spec.replicas ?? 0,
        statusReplicas: scale.status.replicas,
        nowUs: this.#kernel.nowUs,
      },
      this.#calculator,
    );
    outcomes.push(outcome);
    if ("reason" in outcome) this.#events.event(hpa, "Warning", outcome.reason, outcome.message);
    return this.#askForMetric(work, hpa);
  }

  /** All metrics are known: the largest proposal, stabilised and limited. */
  #decide(work: AutoscalerWork, hpa: HorizontalPodAutoscaler): string {
    const { outcomes, scale } = work;
    const { nowUs } = this.#kernel;
    const current = scale?.spec.replicas ?? 0;
    work.metricStatuses = outcomes.map((each) => ("status" in each ? each.status : { type: "" }));
    const best = largest(outcomes);
    const failed = outcomes.filter((each) => "reason" in each);
    const first = failed[0];
    if (best === undefined || (first !== undefined && best.replicas < current)) {
      const { reason = "", message = "", error = "" } = first ?? {};
      work.condition("ScalingActive", false, { reason, message: UNABLE + message }, nowUs);
      const count = `${failed.length} invalid out of ${outcomes.length}`;
      const text = `invalid metrics (${count}), first error is: ${error}`;
      return this.#failToCompute(work, hpa, current, text);
    }
    const reason = "ValidMetricFound";
    const message = `the HPA was able to successfully calculate a replica count from ${best.name}`;
    work.condition("ScalingActive", true, { reason, message }, nowUs);
    const { behavior, minReplicas = 1, maxReplicas } = hpa.spec;
    const normalized = normalizeReplicas(
      {
        behavior,
        minReplicas,
        maxReplicas,
        currentReplicas: current,
        desiredReplicas: best.replicas,
        downscaleStabilizationUs: this.#downscaleStabilizationUs,
        nowUs,
      },
      this.#historyOf(work.record, current),
    );
    work.condition("AbleToScale", true, normalized.stabilization, nowUs);
    work.condition("ScalingLimited", normalized.isLimited, normalized.limit, nowUs);
    if (normalized.replicas === current)
      return this.#writeStatus(work, current, current, undefined);
    const isUp = best.replicas > current;
    return this.#rescale(
      work,
      normalized.replicas,
      isUp ? `${best.name} above target` : "All metrics below target",
    );
  }

  #rescale(work: AutoscalerWork, replicas: number, reason: string): string {
    const { scale, target } = work;
    if (scale === undefined || target === undefined) throw new Error("a rescale without scale");
    work.desiredReplicas = replicas;
    work.rescaleReason = reason;
    const { resourceVersion } = scale.metadata;
    this.#reconciler.updateScale(work, target, { replicas, resourceVersion }, undefined);
    return "rescaled";
  }

  #onRescaled(work: AutoscalerWork): string {
    const { hpa, scale, answer, desiredReplicas, rescaleReason } = work;
    if (hpa === undefined || answer === undefined) throw new Error("a rescale without answer");
    const current = scale?.spec.replicas ?? 0;
    const { nowUs } = this.#kernel;
    const size = `New size: ${desiredReplicas}; reason: ${rescaleReason}`;
    if (!answer.ok) {
      this.#events.event(hpa, "Warning", "FailedRescale", `${size}; error: ${answer.message}`);
      const message = `the HPA controller was unable to update the target scale: ${answer.message}`;
      work.condition("AbleToScale", false, { reason: "FailedUpdateScale", message }, nowUs);
      return this.#writeStatus(work, current, hpa.status.desiredReplicas, undefined);
    }
    const message = `the HPA controller was able to update the target scale to ${desiredReplicas}`;
    work.condition("AbleToScale", true, { reason: "SucceededRescale", message }, nowUs);
    this.#events.event(hpa, "Normal", "SuccessfulRescale", size);
    const history = this.#historyOf(work.record, current);
    storeScaleEvent(history, hpa.spec.behavior, current, desiredReplicas, nowUs);
    return this.#writeStatus(work, current, desiredReplicas, nowUs);
  }

  #failToGetScale(work: AutoscalerWork, hpa: HorizontalPodAutoscaler, why: string): string {
    this.#events.event(hpa, "Warning", "FailedGetScale", why);
    const message = `the HPA controller was unable to get the target's current scale: ${why}`;
    const { nowUs } = this.#kernel;
    work.condition("AbleToScale", false, { reason: "FailedGetScale", message }, nowUs);
    work.metricStatuses = hpa.status.currentMetrics ?? [];
    const { currentReplicas = 0, desiredReplicas } = hpa.status;
    return this.#writeStatus(work, currentReplicas, desiredReplicas, undefined);
  }

  #failToCompute(
    work: AutoscalerWork,
    hpa: HorizontalPodAutoscaler,
    current: number,
    error: string,
  ): string {
    this.#events.event(hpa, "Warning", "FailedComputeMetricsReplicas", error);
    return this.#writeStatus(work, current, hpa.status.desiredReplicas, undefined);
  }

  #writeStatus(
    work: AutoscalerWork,
    currentReplicas: number,
    desiredReplicas: number,
    scaledUs: Micros | undefined,
  ): string {
    const { hpa, record } = work;
    const status = autoscalerStatus(work, currentReplicas, desiredReplicas, scaledUs);
    if (hpa === undefined || semanticallyEqual(hpa.status, status)) return this.#again(work);
    work.answer = undefined;
    this.#reconciler.update(work, record, { ...hpa, status } as typeof hpa, "status", undefined);
    return "status";
  }

  #onStatus(work: AutoscalerWork): string {
    const { answer, hpa } = work;
    if (answer?.ok === false && hpa !== undefined) {
      this.#events.event(hpa, "Warning", "FailedUpdateStatus", answer.message);
    }
    return this.#again(work);
  }

  #again(work: AutoscalerWork): string {
    this.#enqueue(work.record);
    return "done";
  }

  /** What is remembered of an autoscaler; it begins with the replicas that it finds. */
  #historyOf(record: KeyRecord, currentReplicas: number): AutoscalerHistory {
    let history = this.state.histories.get(record);
    if (history === undefined) {
      const first = { count: currentReplicas, timeUs: this.#kernel.nowUs };
      history = { recommendations: [first], scaleUps: [], scaleDowns: [] };
      this.state.histories.set(record, history);
    }
    return history;
  }
}

const UNABLE = "the HPA was unable to compute the replica count: ";
const GOT_SCALE = {
  reason: "SucceededGetScale",
  message: "the HPA controller was able to get the target's current scale",
};
const DISABLED = {
  reason: "ScalingDisabled",
  message: "scaling is disabled since the replica count of the target is zero",
};

/** Of the metrics that could be told, the one that asks for the most; the first one on ties. */
function largest(outcomes: readonly MetricOutcome[]) {
  let best: Extract<MetricOutcome, { name: string }> | undefined;
  for (const each of outcomes)
    if ("name" in each && (best === undefined || each.replicas > best.replicas)) best = each;
  return best;
}

/** Why the target's kind cannot be found; "": it can. */
function targetFault({ kind, apiVersion = "" }: autoscaling.CrossVersionObjectReference): string {
  const group = groupOf(apiVersion);
  const known = allKinds.some((each) => each.kind === kind && groupOf(each.apiVersion) === group);
  return known ? "" : `no matches for kind "${kind}" in group "${group}"`;
}

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}
