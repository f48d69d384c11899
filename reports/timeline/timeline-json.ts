/** A timeline for programs. The fields are explained in docs/outputs.md; times are microseconds. */
import type { Micros } from "../../sim/kernel/index.ts";
import {
  type Hop,
  type PodMilestones,
  sharesOf,
  type Timeline,
  type Verification,
} from "./timeline.ts";

/** Changes when a field changes its meaning or goes. */
export const TIMELINE_FORMAT = "stowage-timeline/1";

export function timelineJson(timeline: Timeline, verified: Verification): string {
  const { object, run, hops, afterwards, startUs, endUs, pods } = timeline;
  const shares = sharesOf(hops.map(durationOf));
  const document = {
    format: TIMELINE_FORMAT,
    run,
    verified: { commits: verified.commits, whole: verified.isWhole },
    object,
    ready: timeline.isReady,
    reason: timeline.reason,
    beginning: timeline.beginning,
    start_us: startUs,
    end_us: endUs,
    total_us: endUs - startUs,
    hops: hops.map((hop, index) => ({ ...hopFields(hop), share: (shares[index] ?? 0) / 10_000 })),
    components: componentsOf(timeline).map(({ component, durationUs, share }) => ({
      component,
      duration_us: durationUs,
      share: share / 10_000,
    })),
    afterwards: afterwards.map(hopFields),
    pods:
      pods === undefined
        ? null
        : {
            count: pods.count,
            ready: pods.ready,
            first: milestoneFields(pods.first),
            median: milestoneFields(pods.median),
            last: milestoneFields(pods.last),
          },
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

export const durationOf = ({ startUs, endUs }: Hop): Micros => endUs - startUs;

/** The time of each component, the longest first; its share is the sum of its hops' shares. */
export function componentsOf({ hops }: Timeline): {
  readonly component: string;
  readonly durationUs: Micros;
  /** In hundredths of a percent. */
  readonly share: number;
}[] {
  const shares = sharesOf(hops.map(durationOf));
  const sums = new Map<string, { component: string; durationUs: Micros; share: number }>();
  for (const [index, hop] of hops.entries()) {
    const { component } = hop;
    const sum = sums.get(component) ?? { component, durationUs: 0, share: 0 };
    sum.durationUs += durationOf(hop);
    sum.share += shares[index] ?? 0;
    sums.set(component, sum);
  }
  return [...sums.values()].sort(
    (a, b) => b.durationUs - a.durationUs || (a.component < b.component ? -1 : 1),
  );
}

function hopFields(hop: Hop): object {
  return {
    start_us: hop.startUs,
    end_us: hop.endUs,
    duration_us: durationOf(hop),
    component: hop.component,
    step: hop.step,
    object: hop.object,
    text: hop.text,
  };
}

function milestoneFields(pod: PodMilestones | undefined): object | null {
  if (pod === undefined) return null;
  return {
    name: pod.name,
    node: pod.node,
    created_us: pod.createdUs,
    bound_us: pod.boundUs ?? null,
    observed_us: pod.observedUs ?? null,
    started_us: pod.startedUs ?? null,
    ready_us: pod.readyUs ?? null,
  };
}
