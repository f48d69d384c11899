/**
 * The scale subresource: spec.replicas of any kind that has it, as an autoscaling/v1 Scale.
 * Source: pkg/registry/apps/deployment/storage/storage.go (ScaleREST) of v1.30.
 */
import { type ApiObject, invalid, type Kind, type Scale, type ScaleOf } from "../../api/index.ts";
import { current, failInvalid, type WriteContext } from "../answers.ts";
import type { ApiCall, ScaleBody } from "../api-call.ts";
import { noRoute } from "../served-resources.ts";
import { change } from "./change.ts";

/** What the scale subresource shows of an object. */
export function scaleOf(object: ApiObject, scale: ScaleOf<ApiObject>): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  return {
    apiVersion: "autoscaling/v1",
    kind: "Scale",
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: scale.replicas(object) },
    status: { replicas: scale.statusReplicas(object), selector: scale.selector(object) },
  };
}

/** GET of the scale subresource; 404 for a kind that has none. */
export function getScale(call: ApiCall, kind: Kind, object: ApiObject): void {
  if (kind.scale === undefined) return noRoute(call);
  call.succeed(200, scaleOf(object, kind.scale));
}

/** PUT of the scale subresource: sets spec.replicas, and nothing else. */
export function updateScale(context: WriteContext): void {
  const { call, kind, record } = context;
  const { replicas, resourceVersion } = call.body as ScaleBody;
  if (kind.scale === undefined) return noRoute(call);
  const old = current(context);
  if (old === undefined) return;
  if (replicas < 0) {
    const fault = invalid("spec.replicas", replicas, "must be greater than or equal to 0");
    return failInvalid(call, `Scale.autoscaling "${record.name}"`, [fault]);
  }
  const scaled = kind.scale.withReplicas(old, replicas);
  change(context, { ...scaled, metadata: { ...scaled.metadata } }, old, resourceVersion);
  if (call.ok && call.object !== undefined) call.succeed(200, scaleOf(call.object, kind.scale));
}
