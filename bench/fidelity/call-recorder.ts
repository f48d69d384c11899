/**
 * How long API calls take, as the SLOs and kube-apiserver's own metric have it: from the arrival of
 * a request at the server until the answer is ready, by verb and scope. Watches are none of them,
 * and neither are calls that were refused for the load.
 */
import { SampleSeries } from "../../reports/index.ts";
import type { Trace } from "../../sim/api/index.ts";
import type { Span } from "./fidelity-cluster.ts";

const LISTS = ["list", "deletecollection"];

export class CallRecorder {
  /** By verb, with the subresource for those of pods that have a name of their own: `create binding`. */
  readonly byVerb = new Map<string, SampleSeries>();
  readonly mutating = new SampleSeries();
  /** Reads of one object, and of many. */
  readonly gets = new SampleSeries();
  readonly lists = new SampleSeries();

  /** Mutating calls count in that span, reads always: informers list when they start. */
  attach(trace: Trace, { fromUs, toUs }: Span): void {
    trace.apiRequest.subscribe(({ verb, subresource, arrivedUs, handledUs, code }) => {
      if (verb === "watch" || code === 429 || code >= 500) return;
      const isRead = verb === "get" || verb === "list";
      if (!isRead && (arrivedUs < fromUs || arrivedUs >= toUs)) return;
      const tookUs = handledUs - arrivedUs;
      const scope = LISTS.includes(verb) ? this.lists : isRead ? this.gets : this.mutating;
      scope.add(tookUs);
      const name = subresource === "" ? verb : `${verb} ${subresource}`;
      let series = this.byVerb.get(name);
      if (series === undefined) {
        series = new SampleSeries();
        this.byVerb.set(name, series);
      }
      series.add(tookUs);
    });
  }
}
