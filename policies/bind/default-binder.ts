/**
 * DefaultBinder binds by the Binding subresource: the scheduler sends POST pods/NAME/binding.
 *
 * Source: kubernetes/pkg/scheduler/framework/plugins/defaultbinder, v1.30.
 */
import { type AnyPlugin, definePlugin } from "../../sim/scheduler/index.ts";

export function defaultBinder(): AnyPlugin {
  return definePlugin({
    name: "DefaultBinder",
    locality: "spec",
    reads: [],
    requeueOn: [], // it never rejects
    bind: () => true,
  });
}
