/**
 * FlowSchema: which requests belong together, and to which priority level.
 * Source: pkg/apis/flowcontrol/v1/defaults.go and pkg/apis/flowcontrol/validation of v1.30.
 */
import { invalid, required, unsupported } from "../field-error.ts";
import { defaultFlowSchemas } from "../flow-control-defaults.ts";
import { policyRuleFaults } from "../flow-schema-rules-validation.ts";
import type { FieldError, Kind } from "../kind.ts";
import { withGeneration } from "../metadata.ts";
import { subdomainError } from "../name-format.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../object-meta.ts";
import type { FlowSchema } from "../objects.ts";
import { AGE } from "../printer-text.ts";
import { semanticallyEqual } from "../semantic-equal.ts";

const PRECEDENCE_DEFAULT = 1000;
const PRECEDENCE_MAX = 10_000;
const DISTINGUISHERS = ["ByNamespace", "ByUser"];

export const flowSchemaKind: Kind<FlowSchema> = {
  kind: "FlowSchema",
  apiVersion: "flowcontrol.apiserver.k8s.io/v1",
  resource: "flowschemas",
  namespaced: false,
  fields: ["spec", "status"],
  fieldTypes: {
    FlowSchema: "apiVersion kind metadata:ObjectMeta spec:FlowSchemaSpec status:FlowSchemaStatus",
    FlowSchemaSpec:
      "distinguisherMethod:FlowDistinguisherMethod matchingPrecedence:int priorityLevelConfiguration:PriorityLevelReference rules:PolicyRules[]",
    FlowDistinguisherMethod: "type",
    PriorityLevelReference: "name",
    PolicyRules:
      "~nonResourceRules:NonResourceRule[] resourceRules:ResourceRule[] subjects:FlowSubject[]",
    NonResourceRule: "nonResourceURLs:string[] verbs:string[]",
    ResourceRule:
      "apiGroups:string[] clusterScope:bool namespaces:string[] resources:string[] verbs:string[]",
    FlowSubject: "group:NamedSubject kind serviceAccount:ServiceAccountSubject user:NamedSubject",
    NamedSubject: "name",
    ServiceAccountSubject: "name namespace",
    FlowSchemaStatus: "conditions:Condition[type]",
  },

  defaults(given) {
    const spec = (given.spec ?? {}) as FlowSchema["spec"];
    return {
      apiVersion: "flowcontrol.apiserver.k8s.io/v1",
      kind: "FlowSchema",
      metadata: withGeneration(given.metadata),
      spec: {
        ...spec,
        priorityLevelConfiguration: spec.priorityLevelConfiguration ?? { name: "" },
        matchingPrecedence: spec.matchingPrecedence ?? PRECEDENCE_DEFAULT,
      },
      status: (given.status ?? {}) as FlowSchema["status"],
    };
  },

  validate({ metadata, spec }) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { namespaced: false }, errors);
    validatePrecedence(metadata.name, spec.matchingPrecedence ?? PRECEDENCE_DEFAULT, errors);
    const method = spec.distinguisherMethod;
    if (method !== undefined && method !== null && !DISTINGUISHERS.includes(method.type)) {
      errors.push(unsupported("spec.distinguisherMethod.type", method.type, DISTINGUISHERS));
    }
    const level = spec.priorityLevelConfiguration.name;
    const path = "spec.priorityLevelConfiguration.name";
    if (level === "") errors.push(required(path, "must reference a priority level"));
    else if (subdomainError(level) !== "") {
      errors.push(invalid(path, level, subdomainError(level)));
    }
    spec.rules?.forEach((rule, i) => {
      errors.push(...policyRuleFaults(rule, `spec.rules[${i}]`));
    });
    const fixed = defaultFlowSchemas.find(
      ({ name, isMandatory }) => isMandatory && name === metadata.name,
    );
    if (fixed !== undefined && !semanticallyEqual(spec, fixed.spec)) {
      errors.push(invalid("spec", spec, `spec of '${fixed.name}' must equal the fixed value`));
    }
    return errors;
  },

  validateUpdate(object, old) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(object, old, errors);
    return errors;
  },

  printerColumns: [
    { name: "PRIORITYLEVEL", value: ({ spec }) => spec.priorityLevelConfiguration.name },
    { name: "MATCHINGPRECEDENCE", value: ({ spec }) => String(spec.matchingPrecedence) },
    {
      name: "DISTINGUISHERMETHOD",
      value: ({ spec }) => spec.distinguisherMethod?.type ?? "<none>",
    },
    AGE,
    {
      name: "MISSINGPL",
      value: ({ status }) =>
        status.conditions?.find(({ type }) => type === "Dangling")?.status ?? "?",
    },
  ],
};

function validatePrecedence(name: string, precedence: number, errors: FieldError[]): void {
  const path = "spec.matchingPrecedence";
  if (precedence <= 0) errors.push(invalid(path, precedence, "must be a positive value"));
  if (precedence > PRECEDENCE_MAX) {
    errors.push(invalid(path, precedence, `must not be greater than ${PRECEDENCE_MAX}`));
  }
  if (precedence === 1 && name !== "exempt") {
    const detail = "only the schema named 'exempt' may have matchingPrecedence 1";
    errors.push(invalid(path, precedence, detail));
  }
}
