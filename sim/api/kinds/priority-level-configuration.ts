/**
 * PriorityLevelConfiguration: how many requests of a level run at once, and what becomes of more.
 * Source: pkg/apis/flowcontrol/v1/defaults.go and pkg/apis/flowcontrol/validation of v1.30.
 */
import { forbidden, invalid, required, unsupported } from "../field-error.ts";
import { defaultPriorityLevels } from "../flow-control-defaults.ts";
import type { FieldError, Kind } from "../kind.ts";
import { withGeneration } from "../metadata.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../object-meta.ts";
import type { flowcontrol, PriorityLevelConfiguration } from "../objects.ts";
import { AGE } from "../printer-text.ts";
import { semanticallyEqual } from "../semantic-equal.ts";

const QUEUES_MAX = 10_000_000;
/** shufflesharding.MaxHashBits. */
const HASH_BITS_MAX = 60;
const TYPES = ["Exempt", "Limited"];
const RESPONSES = ["Queue", "Reject"];

export const priorityLevelConfigurationKind: Kind<PriorityLevelConfiguration> = {
  kind: "PriorityLevelConfiguration",
  apiVersion: "flowcontrol.apiserver.k8s.io/v1",
  resource: "prioritylevelconfigurations",
  namespaced: false,
  fields: ["spec", "status"],
  fieldTypes: {
    PriorityLevelConfiguration:
      "apiVersion kind metadata:ObjectMeta spec:PriorityLevelConfigurationSpec status:PriorityLevelConfigurationStatus",
    PriorityLevelConfigurationSpec: "exempt:ExemptLevel limited:LimitedLevel type",
    ExemptLevel: "lendablePercent:int nominalConcurrencyShares:int",
    LimitedLevel:
      "borrowingLimitPercent:int lendablePercent:int limitResponse:LimitResponse nominalConcurrencyShares:int",
    LimitResponse: "queuing:QueuingConfiguration type",
    QueuingConfiguration: "handSize:int queueLengthLimit:int queues:int",
    PriorityLevelConfigurationStatus: "conditions:Condition[type]",
  },

  defaults(given) {
    return {
      apiVersion: "flowcontrol.apiserver.k8s.io/v1",
      kind: "PriorityLevelConfiguration",
      metadata: withGeneration(given.metadata),
      spec: defaultedSpec((given.spec ?? {}) as PriorityLevelConfiguration["spec"]),
      status: (given.status ?? {}) as PriorityLevelConfiguration["status"],
    };
  },

  validate({ metadata, spec }) {
    const errors: FieldError[] = [];
    const { name } = metadata;
    validateObjectMeta(metadata, { namespaced: false }, errors);
    if ((name === "exempt") !== (spec.type === "Exempt")) {
      const detail = "type must be 'Exempt' if and only if name is 'exempt'";
      errors.push(invalid("spec.type", spec.type, detail));
    }
    validateUnion(spec, errors);
    const fixed = defaultPriorityLevels.find((each) => each.isMandatory && each.name === name);
    if (fixed === undefined) return errors;
    const comparable = name === "exempt" ? { ...spec, exempt: fixed.spec.exempt } : spec;
    if (semanticallyEqual(comparable, fixed.spec)) return errors;
    const except = name === "exempt" ? " except the 'spec.exempt' field" : "";
    errors.push(invalid("spec", spec, `spec of '${name}'${except} must equal the fixed value`));
    return errors;
  },

  validateUpdate(object, old) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(object, old, errors);
    return errors;
  },

  printerColumns: [
    { name: "TYPE", value: ({ spec }) => spec.type },
    {
      name: "NOMINALCONCURRENCYSHARES",
      value: ({ spec }) => String(spec.limited?.nominalConcurrencyShares ?? "<none>"),
    },
    { name: "QUEUES", value: ({ spec }) => String(queuingOf(spec)?.queues ?? "<none>") },
    { name: "HANDSIZE", value: ({ spec }) => String(queuingOf(spec)?.handSize ?? "<none>") },
    {
      name: "QUEUELENGTHLIMIT",
      value: ({ spec }) => String(queuingOf(spec)?.queueLengthLimit ?? "<none>"),
    },
    AGE,
  ],
};

function queuingOf(
  spec: flowcontrol.PriorityLevelConfigurationSpec,
): flowcontrol.QueuingConfiguration | undefined {
  return spec.limited?.limitResponse?.queuing;
}

function defaultedSpec(
  spec: flowcontrol.PriorityLevelConfigurationSpec,
): flowcontrol.PriorityLevelConfigurationSpec {
  const { exempt, limited } = spec;
  if (spec.type === "Exempt") {
    return {
      ...spec,
      exempt: {
        nominalConcurrencyShares: exempt?.nominalConcurrencyShares ?? 0,
        lendablePercent: exempt?.lendablePercent ?? 0,
      },
    };
  }
  if (limited === undefined) return spec;
  const { limitResponse } = limited;
  const queuing = limitResponse?.queuing;
  return {
    ...spec,
    limited: {
      ...limited,
      nominalConcurrencyShares: limited.nominalConcurrencyShares ?? 30,
      lendablePercent: limited.lendablePercent ?? 0,
      limitResponse:
        queuing === undefined
          ? (limitResponse ?? { type: "" })
          : {
              ...limitResponse,
              type: limitResponse?.type ?? "",
              queuing: {
                queues: queuing.queues ?? 64,
                handSize: queuing.handSize ?? 8,
                queueLengthLimit: queuing.queueLengthLimit ?? 50,
              },
            },
    },
  };
}

function validateUnion(
  { type, exempt, limited }: flowcontrol.PriorityLevelConfigurationSpec,
  errors: FieldError[],
): void {
  if (type === "Exempt") {
    if (limited !== undefined) {
      errors.push(forbidden("spec.limited", "must be nil if the type is not Limited"));
    }
    validateShares(exempt ?? {}, "spec.exempt", errors);
    return;
  }
  if (type !== "Limited") {
    errors.push(unsupported("spec.type", type, TYPES));
    return;
  }
  if (exempt !== undefined) {
    errors.push(forbidden("spec.exempt", "must be nil if the type is Limited"));
  }
  if (limited === undefined) {
    errors.push(required("spec.limited", "must not be empty when type is Limited"));
    return;
  }
  validateShares(limited, "spec.limited", errors);
  const { borrowingLimitPercent: borrowing } = limited;
  if (borrowing !== undefined && borrowing < 0) {
    const path = "spec.limited.borrowingLimitPercent";
    errors.push(invalid(path, borrowing, "if specified, must be a non-negative integer"));
  }
  validateResponse(limited.limitResponse ?? { type: "" }, errors);
}

/** What exempt and limited levels have in common. */
function validateShares(
  level: { readonly nominalConcurrencyShares?: number; readonly lendablePercent?: number },
  path: string,
  errors: FieldError[],
): void {
  const { nominalConcurrencyShares: shares = 0, lendablePercent: lendable = 0 } = level;
  if (shares < 0) {
    const at = `${path}.nominalConcurrencyShares`;
    errors.push(invalid(at, shares, "must be a non-negative integer"));
  }
  if (lendable < 0 || lendable > 100) {
    const at = `${path}.lendablePercent`;
    errors.push(invalid(at, lendable, "must be between 0 and 100, inclusive"));
  }
}

function validateResponse(response: flowcontrol.LimitResponse, errors: FieldError[]): void {
  const path = "spec.limited.limitResponse";
  const { type, queuing } = response;
  if (type === "Reject") {
    const detail = "must be nil if limited.limitResponse.type is not Limited";
    if (queuing !== undefined) errors.push(forbidden(`${path}.queuing`, detail));
  } else if (type !== "Queue") {
    errors.push(unsupported(`${path}.type`, type, RESPONSES));
  } else if (queuing === undefined) {
    const detail = "must not be empty if limited.limitResponse.type is Limited";
    errors.push(required(`${path}.queuing`, detail));
  } else validateQueuing(queuing, `${path}.queuing`, errors);
}

function validateQueuing(
  queuing: flowcontrol.QueuingConfiguration,
  path: string,
  errors: FieldError[],
): void {
  const { queueLengthLimit = 50, queues = 64, handSize = 8 } = queuing;
  if (queueLengthLimit <= 0) {
    errors.push(invalid(`${path}.queueLengthLimit`, queueLengthLimit, "must be positive"));
  }
  if (queues <= 0) errors.push(invalid(`${path}.queues`, queues, "must be positive"));
  else if (queues > QUEUES_MAX) {
    errors.push(invalid(`${path}.queues`, queues, `must not be greater than ${QUEUES_MAX}`));
  }
  const at = `${path}.handSize`;
  if (handSize <= 0) errors.push(invalid(at, handSize, "must be positive"));
  else if (handSize > queues) {
    errors.push(invalid(at, handSize, `should not be greater than queues (${queues})`));
  } else if (entropyBits(queues, handSize) > HASH_BITS_MAX) {
    const detail = `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${HASH_BITS_MAX}`;
    errors.push(invalid(at, handSize, detail));
  }
}

/** shufflesharding.RequiredEntropyBits: the bits of a hash that a deal uses up. */
function entropyBits(queues: number, handSize: number): number {
  return Math.ceil(Math.log2(queues) * handSize);
}
