/**
 * Arguments of kube-scheduler's plugins: strict decoding and validation, with the real component's
 * messages and the path of each fault.
 *
 * Source: kubernetes/pkg/scheduler/apis/config/validation/validation_pluginargs.go and the types of
 * staging/src/k8s.io/kube-scheduler/config/v1/types_pluginargs.go, v1.30. Missing fields are as
 * apis/config/v1/defaults.go leaves them: a resource's weight of 0 is 1.
 */
import {
  type core,
  duplicate,
  type FieldError,
  type FieldTypes,
  forbidden,
  invalid,
  nodeSelectorTermFaults,
  qualifiedNameError,
  required,
  strictDecodeStruct,
  unsupported,
} from "../sim/api/index.ts";
import { InputError } from "../sim/kernel/index.ts";
import { API_VERSION, faultsError } from "./configuration-faults.ts";
import type { ResourceSpec, TypedArgs } from "./plugin-args.ts";

type Args = TypedArgs & Readonly<Record<string, unknown>>;
type Validation = (args: Args, path: string, errors: FieldError[]) => void;

const ARGS_TYPES: FieldTypes = {
  DefaultPreemption:
    "apiVersion kind minCandidateNodesPercentage:int minCandidateNodesAbsolute:int",
  InterPodAffinity:
    "apiVersion kind hardPodAffinityWeight:int ignorePreferredTermsOfExistingPods:bool",
  NodeAffinity: "apiVersion kind addedAffinity:NodeAffinityTerms",
  NodeAffinityTerms:
    "preferredDuringSchedulingIgnoredDuringExecution:PreferredSchedulingTerm[] requiredDuringSchedulingIgnoredDuringExecution:NodeSelector",
  NodeResourcesBalancedAllocation: "apiVersion kind resources:ResourceSpec[]",
  NodeResourcesFit:
    "apiVersion kind ignoredResources:string[] ignoredResourceGroups:string[] scoringStrategy:ScoringStrategy",
  PodTopologySpread: "apiVersion kind defaultConstraints:TopologySpreadConstraint[] defaultingType",
  VolumeBinding: "apiVersion kind bindTimeoutSeconds:int shape:ShapePoint[]",
  ScoringStrategy: "type resources:ResourceSpec[] requestedToCapacityRatio:CapacityRatio",
  CapacityRatio: "shape:ShapePoint[]",
  ShapePoint: "utilization:int score:int",
  ResourceSpec: "name weight:int",
};

const VALIDATIONS: ReadonlyMap<string, Validation> = new Map<string, Validation>([
  ["DefaultPreemption", validateDefaultPreemption],
  ["InterPodAffinity", validateInterPodAffinity],
  ["NodeAffinity", validateNodeAffinity],
  ["NodeResourcesBalancedAllocation", validateBalancedAllocation],
  ["NodeResourcesFit", validateNodeResourcesFit],
  ["PodTopologySpread", validatePodTopologySpread],
  ["VolumeBinding", validateVolumeBinding],
]);

/**
 * The faults of a plugin's arguments, which stand at `path`; none for plugins whose arguments are
 * not kube-scheduler's. Fields set to null are taken away: `args` must be the caller's own.
 */
export function validatePluginArgs(plugin: string, args: unknown, path: string): FieldError[] {
  const validate = VALIDATIONS.get(plugin);
  if (validate === undefined) return [];
  const errors = strictDecodeStruct(ARGS_TYPES, plugin, args, path);
  if (errors.length > 0) return errors;
  const typed = args as Args;
  const kind = `${plugin}Args`;
  if ((typed.kind ?? kind) !== kind || (typed.apiVersion ?? API_VERSION) !== API_VERSION) {
    const wanted = `${kind}.kubescheduler.config.k8s.io`;
    const got = `${typed.kind ?? kind} of ${typed.apiVersion ?? API_VERSION}`;
    const message = `args for plugin ${plugin} were not of type ${wanted}, got ${got}`;
    return [{ path, message }];
  }
  validate(typed, path, errors);
  return errors;
}

/** The arguments without their nulls. Throws InputError with all faults. */
export function checkPluginArgs<T extends TypedArgs>(plugin: string, args: T): T {
  if (!VALIDATIONS.has(plugin)) return args;
  const own = structuredClone(args);
  const errors = validatePluginArgs(plugin, own, `${plugin}Args`);
  if (errors.length > 0) throw new InputError(faultsError(errors, () => ""));
  return own;
}

function validateDefaultPreemption(args: Args, path: string, errors: FieldError[]): void {
  const { minCandidateNodesPercentage = 10, minCandidateNodesAbsolute = 100 } = args as {
    minCandidateNodesPercentage?: number;
    minCandidateNodesAbsolute?: number;
  };
  const percentage = `${path}.minCandidateNodesPercentage`;
  const absolute = `${path}.minCandidateNodesAbsolute`;
  inRange(minCandidateNodesPercentage, 0, 100, percentage, errors);
  if (minCandidateNodesAbsolute < 0) {
    errors.push(invalid(absolute, minCandidateNodesAbsolute, "not in valid range [0, inf)"));
  }
  if (minCandidateNodesPercentage === 0 && minCandidateNodesAbsolute === 0) {
    const zero = "cannot be zero at the same time as";
    errors.push(invalid(percentage, 0, `${zero} minCandidateNodesAbsolute`));
    errors.push(invalid(absolute, 0, `${zero} minCandidateNodesPercentage`));
  }
}

function validateInterPodAffinity(args: Args, path: string, errors: FieldError[]): void {
  const { hardPodAffinityWeight = 1 } = args as { hardPodAffinityWeight?: number };
  inRange(hardPodAffinityWeight, 0, 100, `${path}.hardPodAffinityWeight`, errors);
}

/** As in kube-scheduler: the terms must parse; weights are not looked at. */
function validateNodeAffinity(args: Args, path: string, errors: FieldError[]): void {
  const { addedAffinity = {} } = args as { addedAffinity?: core.NodeAffinity };
  const required = "requiredDuringSchedulingIgnoredDuringExecution";
  const preferred = "preferredDuringSchedulingIgnoredDuringExecution";
  const at = `${path}.addedAffinity`;
  addedAffinity[required]?.nodeSelectorTerms?.forEach((term, i) => {
    nodeSelectorTermFaults(term, `${at}.${required}.nodeSelectorTerms[${i}]`, errors);
  });
  addedAffinity[preferred]?.forEach(({ weight, preference }, i) => {
    if (weight === 0) return;
    nodeSelectorTermFaults(preference ?? {}, `${at}.${preferred}[${i}]`, errors);
  });
}

function validateBalancedAllocation(args: Args, path: string, errors: FieldError[]): void {
  const { resources = [] } = args as { resources?: readonly ResourceSpec[] };
  const seen = new Set<string>();
  resources.forEach(({ name, weight }, i) => {
    const at = `${path}.resources[${i}]`;
    if (seen.has(name)) errors.push(duplicate(`${at}.name`, name));
    seen.add(name);
    if ((weight || 1) !== 1) errors.push(invalid(`${at}.weight`, weight, "must be 1"));
  });
}

const STRATEGIES = ["LeastAllocated", "MostAllocated", "RequestedToCapacityRatio"];

interface Strategy {
  readonly type?: string;
  readonly resources?: readonly ResourceSpec[];
  readonly requestedToCapacityRatio?: { readonly shape?: readonly Point[] };
}

interface Point {
  readonly utilization?: number;
  readonly score?: number;
}

function validateNodeResourcesFit(args: Args, path: string, errors: FieldError[]): void {
  const { ignoredResources = [], ignoredResourceGroups = [] } = args as {
    ignoredResources?: readonly string[];
    ignoredResourceGroups?: readonly string[];
  };
  ignoredResources.forEach((resource, i) => {
    labelName(resource, `${path}.ignoredResources[${i}]`, errors);
  });
  ignoredResourceGroups.forEach((group, i) => {
    const at = `${path}.ignoredResourceGroups[${i}]`;
    if (group.includes("/")) {
      errors.push(invalid(at, group, "resource group name can't contain '/'"));
    }
    labelName(group, at, errors);
  });
  const strategy = args["scoringStrategy"] as Strategy | undefined;
  if (strategy !== undefined) validateStrategy(strategy, `${path}.scoringStrategy`, errors);
}

function validateStrategy(strategy: Strategy, path: string, errors: FieldError[]): void {
  const { type = "", resources = [], requestedToCapacityRatio: ratio } = strategy;
  if (!STRATEGIES.includes(type)) errors.push(unsupported(`${path}.type`, type, STRATEGIES));
  resources.forEach(({ name = "", weight }, i) => {
    const given = weight || 1;
    if (given > 0 && given <= 100) return;
    const detail = `resource weight of ${name} not in valid range (0, 100]`;
    errors.push(invalid(`${path}.resources[${i}].weight`, weight, detail));
  });
  if (ratio !== undefined) validateShape(ratio.shape ?? [], `${path}.shape`, errors);
  else if (type === "RequestedToCapacityRatio") {
    // v1.30 dereferences nil here; later versions say this.
    const detail = "must be specified when type is RequestedToCapacityRatio";
    errors.push(required(`${path}.requestedToCapacityRatio`, detail));
  }
}

function validateShape(shape: readonly Point[], path: string, errors: FieldError[]): void {
  if (shape.length === 0) {
    errors.push(required(path, "at least one point must be specified"));
    return;
  }
  const unsorted = shape.findIndex((point, i) => {
    const before = shape[i - 1];
    return before !== undefined && (before.utilization ?? 0) >= (point.utilization ?? 0);
  });
  if (unsorted > 0) {
    const value = shape[unsorted]?.utilization ?? 0;
    const detail = "values must be sorted in increasing order";
    errors.push(invalid(`${path}[${unsorted}].utilization`, value, detail));
  }
  shape.forEach(({ utilization = 0, score = 0 }, i) => {
    inRange(utilization, 0, 100, `${path}[${i}].utilization`, errors);
    inRange(score, 0, 10, `${path}[${i}].score`, errors);
  });
}

function validatePodTopologySpread(args: Args, path: string, errors: FieldError[]): void {
  const { defaultConstraints = [], defaultingType } = args as {
    defaultConstraints?: readonly Partial<core.TopologySpreadConstraint>[];
    defaultingType?: string;
  };
  const type = defaultingType || "System";
  const typePath = `${path}.defaultingType`;
  if (type !== "System" && type !== "List") {
    errors.push(unsupported(typePath, type, ["System", "List"]));
  } else if (type === "System" && defaultConstraints.length > 0) {
    errors.push(invalid(typePath, type, "when .defaultConstraints are not empty"));
  }
  const seen = new Set<string>();
  defaultConstraints.forEach((constraint, i) => {
    const at = `${path}.defaultConstraints[${i}]`;
    validateDefaultConstraint(constraint, at, errors);
    const pair = `{${constraint.topologyKey ?? ""}, ${constraint.whenUnsatisfiable ?? ""}}`;
    if (seen.has(pair)) errors.push(duplicate(at, pair));
    seen.add(pair);
  });
}

function validateDefaultConstraint(
  constraint: Partial<core.TopologySpreadConstraint>,
  at: string,
  errors: FieldError[],
): void {
  const { maxSkew = 0, topologyKey = "", whenUnsatisfiable = "", labelSelector } = constraint;
  if (maxSkew <= 0) errors.push(invalid(`${at}.maxSkew`, maxSkew, "not in valid range (0, inf)"));
  if (topologyKey === "") errors.push(required(`${at}.topologyKey`, "can not be empty"));
  else labelName(topologyKey, `${at}.topologyKey`, errors);
  const actions = ["DoNotSchedule", "ScheduleAnyway"];
  if (whenUnsatisfiable === "") {
    errors.push(required(`${at}.whenUnsatisfiable`, "can not be empty"));
  } else if (!actions.includes(whenUnsatisfiable)) {
    errors.push(unsupported(`${at}.whenUnsatisfiable`, whenUnsatisfiable, actions));
  }
  if (labelSelector !== undefined) {
    const detail = "constraint must not define a selector, as they deduced for each pod";
    errors.push(forbidden(`${at}.labelSelector`, detail));
  }
}

function validateVolumeBinding(args: Args, path: string, errors: FieldError[]): void {
  const { bindTimeoutSeconds = 600 } = args as { bindTimeoutSeconds?: number };
  if (bindTimeoutSeconds < 0) {
    const detail = "invalid BindTimeoutSeconds, should not be a negative value";
    errors.push(invalid(`${path}.bindTimeoutSeconds`, bindTimeoutSeconds, detail));
  }
  if (args["shape"] === undefined) return;
  const detail =
    "unexpected field `shape`, remove it or turn on the feature gate VolumeCapacityPriority";
  errors.push(invalid(`${path}.shape`, args["shape"], detail));
}

function inRange(
  value: number,
  min: number,
  max: number,
  path: string,
  errors: FieldError[],
): void {
  if (value >= min && value <= max) return;
  errors.push(invalid(path, value, `not in valid range [${min}, ${max}]`));
}

function labelName(name: string, path: string, errors: FieldError[]): void {
  const error = qualifiedNameError(name);
  if (error !== "") errors.push(invalid(path, name, error));
}
