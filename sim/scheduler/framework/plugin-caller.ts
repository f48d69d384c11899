/** PluginCaller: calls one plugin at one extension point, and says whose mistake an error is. */
import { CallSite } from "./call-site.ts";
import type { AnyPlugin } from "./interface.ts";
import type { PodInfo } from "./pod-info.ts";

export class PluginCaller {
  /** The last call: who was asked what. */
  readonly site = new CallSite();

  /** `nodeName` "": it concerns no single node. Throws InputError for whatever the plugin throws. */
  call<T>(plugin: AnyPlugin, point: string, pod: PodInfo, nodeName: string, run: () => T): T {
    this.site.enter(plugin, point, pod.record.key);
    this.site.nodeName = nodeName;
    try {
      return run();
    } catch (error) {
      throw this.site.explain(error);
    }
  }
}
