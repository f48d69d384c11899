/**
 * How far and how fast a recommendation is followed: stabilisation, policies, and the bounds.
 * Source: normalizeDesiredReplicas and normalizeDesiredReplicasWithBehaviors in
 * pkg/controller/podautoscaler/horizontal.go of v1.30.
 */
import type { autoscaling } from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";

const SECOND_US = 1_000_000;
/** Without a behavior: at most twice as many at once, or four. */
const SCALE_UP_LIMIT_FACTOR = 2;
const SCALE_UP_LIMIT_MINIMUM = 4;

/** A number of replicas, or a change of it, and when. */
export interface TimedCount {
  readonly count: number;
  readonly timeUs: Micros;
}

/** What is remembered of one autoscaler. */
export interface AutoscalerHistory {
  /** What the metrics asked for, not yet stabilised. */
  recommendations: readonly TimedCount[];
  /** Replicas added and taken away, each above 0; kept only with a behavior. */
  scaleUps: readonly TimedCount[];
  scaleDowns: readonly TimedCount[];
}

export interface NormalizationInput {
  readonly behavior: autoscaling.HorizontalPodAutoscalerBehavior | undefined;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly currentReplicas: number;
  readonly desiredReplicas: number;
  /** --horizontal-pod-autoscaler-downscale-stabilization. */
  readonly downscaleStabilizationUs: Micros;
  readonly nowUs: Micros;
}

/** Why and in which words, as a condition has it. */
interface Verdict {
  readonly replicas: number;
  readonly reason: string;
  readonly message: string;
}

export interface Normalization {
  readonly replicas: number;
  /** Of the condition AbleToScale, which is True. */
  readonly stabilization: Omit<Verdict, "replicas">;
  readonly isLimited: boolean;
  /** Of the condition ScalingLimited. */
  readonly limit: Omit<Verdict, "replicas">;
}

/** The replicas to have now. Adds the recommendation to the history. */
export function normalizeReplicas(
  input: NormalizationInput,
  history: AutoscalerHistory,
): Normalization {
  const { behavior, desiredReplicas } = input;
  const stabilized =
    behavior === undefined
      ? stabilize(input, history)
      : stabilizeWithBehavior(input, behavior, history);
  const limited =
    behavior === undefined
      ? limit(input, stabilized.replicas)
      : limitWithBehavior(input, stabilized.replicas, behavior, history);
  return {
    replicas: limited.replicas,
    stabilization: stabilized.replicas === desiredReplicas ? READY : stabilized,
    isLimited: limited.replicas !== stabilized.replicas,
    limit: limited,
  };
}

/** Remembers a change of the replicas, and forgets those that no policy looks back to. */
export function storeScaleEvent(
  history: AutoscalerHistory,
  behavior: autoscaling.HorizontalPodAutoscalerBehavior | undefined,
  before: number,
  after: number,
  nowUs: Micros,
): void {
  if (behavior === undefined || before === after) return;
  const event = { count: Math.abs(after - before), timeUs: nowUs };
  const rules = after > before ? behavior.scaleUp : behavior.scaleDown;
  const periods = (rules?.policies ?? []).map(({ periodSeconds }) => periodSeconds);
  const cutoffUs = nowUs - Math.max(0, ...periods) * SECOND_US;
  const list = after > before ? history.scaleUps : history.scaleDowns;
  const kept = [...list.filter(({ timeUs }) => timeUs >= cutoffUs), event];
  if (after > before) history.scaleUps = kept;
  else history.scaleDowns = kept;
}

const READY = { reason: "ReadyForNewScale", message: "recommended size matches current size" };
const WITHIN = {
  reason: "DesiredWithinRange",
  message: "the desired count is within the acceptable range",
};
const TOO_FEW = {
  reason: "TooFewReplicas",
  message: "the desired replica count is less than the minimum replica count",
};
const TOO_MANY = {
  reason: "TooManyReplicas",
  message: "the desired replica count is more than the maximum replica count",
};
const UP_LIMIT = {
  reason: "ScaleUpLimit",
  message: "the desired replica count is increasing faster than the maximum scale rate",
};
const DOWN_LIMIT = {
  reason: "ScaleDownLimit",
  message: "the desired replica count is decreasing faster than the maximum scale rate",
};
const DOWN_STABILIZED = {
  reason: "ScaleDownStabilized",
  message:
    "recent recommendations were higher than current one, applying the highest recent recommendation",
};
const UP_STABILIZED = {
  reason: "ScaleUpStabilized",
  message:
    "recent recommendations were lower than current one, applying the lowest recent recommendation",
};

/** The highest recommendation of the window. */
function stabilize(input: NormalizationInput, history: AutoscalerHistory): Verdict {
  const { desiredReplicas, nowUs, downscaleStabilizationUs } = input;
  const cutoffUs = nowUs - downscaleStabilizationUs;
  const recent = history.recommendations.filter(({ timeUs }) => timeUs >= cutoffUs);
  let replicas = desiredReplicas;
  for (const { count } of recent) replicas = Math.max(replicas, count);
  history.recommendations = [...recent, { count: desiredReplicas, timeUs: nowUs }];
  return { replicas, ...DOWN_STABILIZED };
}

/** The current replicas, brought between the lowest and the highest of their windows. */
function stabilizeWithBehavior(
  input: NormalizationInput,
  { scaleUp, scaleDown }: autoscaling.HorizontalPodAutoscalerBehavior,
  history: AutoscalerHistory,
): Verdict {
  const { desiredReplicas, currentReplicas, nowUs, downscaleStabilizationUs } = input;
  const upCutoffUs = nowUs - (scaleUp?.stabilizationWindowSeconds ?? 0) * SECOND_US;
  const downWindowSeconds = scaleDown?.stabilizationWindowSeconds;
  const downCutoffUs =
    nowUs -
    (downWindowSeconds === undefined ? downscaleStabilizationUs : downWindowSeconds * SECOND_US);
  let lowest = desiredReplicas;
  let highest = desiredReplicas;
  for (const { count, timeUs } of history.recommendations) {
    if (timeUs > upCutoffUs) lowest = Math.min(lowest, count);
    if (timeUs > downCutoffUs) highest = Math.max(highest, count);
  }
  const replicas = Math.min(Math.max(currentReplicas, lowest), highest);
  const cutoffUs = Math.min(upCutoffUs, downCutoffUs);
  const recent = history.recommendations.filter(({ timeUs }) => timeUs >= cutoffUs);
  history.recommendations = [...recent, { count: desiredReplicas, timeUs: nowUs }];
  return {
    replicas,
    ...(desiredReplicas >= currentReplicas ? UP_STABILIZED : DOWN_STABILIZED),
  };
}

function limit(
  { minReplicas, maxReplicas, currentReplicas }: NormalizationInput,
  desired: number,
): Verdict {
  const upLimit = Math.max(SCALE_UP_LIMIT_FACTOR * currentReplicas, SCALE_UP_LIMIT_MINIMUM);
  const most = Math.min(maxReplicas, upLimit);
  if (desired < minReplicas) return { replicas: minReplicas, ...TOO_FEW };
  if (desired > most) {
    return { replicas: most, ...(maxReplicas > upLimit ? UP_LIMIT : TOO_MANY) };
  }
  return { replicas: desired, ...WITHIN };
}

function limitWithBehavior(
  { minReplicas, maxReplicas, currentReplicas, nowUs }: NormalizationInput,
  desired: number,
  { scaleUp, scaleDown }: autoscaling.HorizontalPodAutoscalerBehavior,
  history: AutoscalerHistory,
): Verdict {
  if (desired > currentReplicas) {
    const rate = scaleUpLimit(currentReplicas, scaleUp, history, nowUs);
    const upLimit = Math.max(rate, currentReplicas);
    const most = Math.min(maxReplicas, upLimit);
    if (desired > most) {
      return { replicas: most, ...(maxReplicas > upLimit ? UP_LIMIT : TOO_MANY) };
    }
  } else if (desired < currentReplicas) {
    const rate = scaleDownLimit(currentReplicas, scaleDown, history, nowUs);
    const downLimit = Math.min(rate, currentReplicas);
    const least = Math.max(minReplicas, downLimit);
    if (desired < least) {
      return { replicas: least, ...(minReplicas < downLimit ? DOWN_LIMIT : TOO_FEW) };
    }
  }
  return { replicas: desired, ...WITHIN };
}

/** The most replicas that the rules allow now. */
function scaleUpLimit(
  current: number,
  rules: autoscaling.HPAScalingRules | undefined,
  history: AutoscalerHistory,
  nowUs: Micros,
): number {
  if (rules?.selectPolicy === "Disabled") return current;
  const proposals = (rules?.policies ?? []).map(({ type, value, periodSeconds }) => {
    const begin = periodStart(current, history, periodSeconds, nowUs);
    return type === "Pods" ? begin + value : Math.ceil(begin * (1 + value / 100));
  });
  return rules?.selectPolicy === "Min" ? Math.min(...proposals) : Math.max(...proposals);
}

/** The fewest replicas that the rules allow now. */
function scaleDownLimit(
  current: number,
  rules: autoscaling.HPAScalingRules | undefined,
  history: AutoscalerHistory,
  nowUs: Micros,
): number {
  if (rules?.selectPolicy === "Disabled") return current;
  const proposals = (rules?.policies ?? []).map(({ type, value, periodSeconds }) => {
    const begin = periodStart(current, history, periodSeconds, nowUs);
    return type === "Pods" ? begin - value : Math.trunc(begin * (1 - value / 100));
  });
  return rules?.selectPolicy === "Min" ? Math.max(...proposals) : Math.min(...proposals);
}

/** How many replicas there were when the period began. */
function periodStart(
  current: number,
  { scaleUps, scaleDowns }: AutoscalerHistory,
  periodSeconds: number,
  nowUs: Micros,
): number {
  const cutoffUs = nowUs - periodSeconds * SECOND_US;
  let replicas = current;
  for (const { count, timeUs } of scaleUps) if (timeUs > cutoffUs) replicas -= count;
  for (const { count, timeUs } of scaleDowns) if (timeUs > cutoffUs) replicas += count;
  return replicas;
}
