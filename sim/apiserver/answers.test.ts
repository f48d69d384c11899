import { describe, expect, test } from "vitest";
import { ControlPlane, podManifest } from "../../test/control-plane.ts";
import type { ApiObject, KeyRecord } from "../api/index.ts";
import type { PatchType } from "./api-call.ts";

const lease = {
  apiVersion: "coordination.k8s.io/v1",
  kind: "Lease",
  metadata: { name: "l", namespace: "default" },
  spec: { holderIdentity: "a" },
};

/** A plane with a pod, a lease and a namespace, and the records of them. */
function plane(): ControlPlane & { readonly pod: KeyRecord; readonly lease: KeyRecord } {
  const made = new ControlPlane();
  made.create(podManifest("a"));
  made.create(lease);
  const pod = made.client.record("Pod", "default", "a");
  return Object.assign(made, { pod, lease: made.client.record("Lease", "default", "l") });
}

const stored = (record: KeyRecord): ApiObject => record.stored as ApiObject;
const renamed = (object: ApiObject, fields: object): ApiObject => ({
  ...object,
  metadata: { ...object.metadata, ...fields },
});

type Ask = (at: ReturnType<typeof plane>) => void;
const update = (record: "pod" | "lease", fields: object): Ask => {
  return (at) => {
    const object = renamed(stored(at[record]), fields);
    at.client.update(at[record], object, "", at.done, undefined);
  };
};
const NO_ROUTE = "the server could not find the requested resource";

const cases: readonly (readonly [string, Ask, number, string, string])[] = [
  [
    "a body with another name",
    update("pod", { name: "b" }),
    400,
    "BadRequest",
    "the name of the object (b) does not match the name on the URL (a)",
  ],
  [
    "a body without a name",
    update("pod", { name: "" }),
    400,
    "BadRequest",
    "the name of the object (a based on URL) was undeterminable: name must be provided",
  ],
  [
    "a body of another namespace",
    update("pod", { namespace: "other" }),
    400,
    "BadRequest",
    "the namespace of the object (other) does not match the namespace on the request (default)",
  ],
  [
    "a patch that renames",
    ({ client, pod, done }) =>
      client.patch(pod, { metadata: { name: "b" } }, "", done, undefined, { patchType: "merge" }),
    400,
    "BadRequest",
    "the name of the object (b) does not match the name on the URL (a)",
  ],
  [
    "an unconditional update of a kind that allows none",
    update("lease", { resourceVersion: "" }),
    422,
    "Invalid",
    'leases.coordination.k8s.io "l" is invalid: metadata.resourceVersion: Invalid value: 0x0: must be specified for an update',
  ],
  ["an unconditional update of another kind", update("pod", { resourceVersion: "" }), 200, "", ""],
  [
    "the status of a kind that has none",
    ({ client, lease: record, done }) =>
      client.update(record, stored(record), "status", done, undefined),
    404,
    "NotFound",
    NO_ROUTE,
  ],
  [
    "the finalizers of what is no namespace",
    ({ client, pod, done }) => client.update(pod, stored(pod), "finalize", done, undefined),
    404,
    "NotFound",
    NO_ROUTE,
  ],
  [
    "the scale of a pod",
    ({ client, pod, done }) =>
      client.updateScale(pod, { replicas: 1, resourceVersion: "" }, done, undefined),
    404,
    "NotFound",
    NO_ROUTE,
  ],
  [
    "a deletion of all namespaces",
    ({ client, done }) =>
      client.deleteCollection("Namespace", { namespace: "", options: {} }, done, undefined),
    405,
    "MethodNotAllowed",
    "the server does not allow this method on the requested resource",
  ],
  [
    "a patch of an unknown type",
    ({ client, pod, done }) =>
      client.patch(pod, {}, "", done, undefined, { patchType: "cbor" as PatchType }),
    415,
    "UnsupportedMediaType",
    "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml",
  ],
  [
    "a create with a resourceVersion",
    ({ client, done }) => {
      const manifest = podManifest("b");
      const metadata = { ...manifest.metadata, resourceVersion: "7" };
      client.create("Pod", { ...manifest, metadata }, done, undefined);
    },
    500,
    "",
    "resourceVersion should not be set on objects to be created",
  ],
];

describe("the answer to", () => {
  test.each(cases)("%s", (_, ask, code, reason, message) => {
    const at = plane();
    ask(at);
    const answer = at.answer();
    expect([answer.code, answer.reason, answer.message]).toEqual([code, reason, message]);
  });
});

describe("the causes of a refusal", () => {
  const causesOf = (ask: Ask): object => {
    const at = plane();
    ask(at);
    return at.answer().causes;
  };

  test("of an invalid object are its faults, each with its field", () => {
    const spec = { containers: [{ name: "A", image: "" }], restartPolicy: "Sometimes" };
    const causes = causesOf(({ client, done }) =>
      client.create("Pod", { ...podManifest("b"), spec }, done, undefined),
    );
    expect(causes).toMatchObject([
      { reason: "FieldValueInvalid", field: "spec.containers[0].name" },
      {
        reason: "FieldValueRequired",
        field: "spec.containers[0].image",
        message: "Required value",
      },
      {
        reason: "FieldValueNotSupported",
        field: "spec.restartPolicy",
        message: 'Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
      },
    ]);
  });

  test("of a status that cannot be are told the same way, and the status stays", () => {
    const at = plane();
    const status = { conditions: [{ type: "a b", status: "True" }] };
    at.client.patch(at.pod, { status }, "status", at.done, undefined);
    const answer = at.answer();
    expect([answer.code, answer.causes[0]?.field]).toEqual([422, "metadata.conditions[0].Type"]);
    expect(stored(at.pod)).not.toHaveProperty("status.conditions");
  });

  test("of a conflict of appliers are the fields of others", () => {
    const { apiVersion = "", kind = "" } = podManifest("a");
    const metadata = { name: "a", namespace: "default" };
    const spec = { containers: [{ name: "main", image: "app:2" }] };
    const options = { patchType: "apply", fieldManager: "two" } as const;
    const causes = causesOf(({ client, pod, done }) => {
      client.patch(pod, { apiVersion, kind, metadata, spec }, "", done, undefined, options);
    });
    expect(causes).toEqual([
      {
        reason: "FieldManagerConflict",
        message: 'conflict with "before-first-apply" using v1',
        field: '.spec.containers[name="main"].image',
      },
    ]);
  });

  test("of a success are none", () => {
    expect(causesOf(update("pod", {}))).toEqual([]);
  });
});
