/**
 * Conditions of a status: at most one per type, and lastTransitionTime moves only with the status.
 * Source: SetStatusCondition in apimachinery/pkg/api/meta/conditions.go of v1.30.
 */

/** What the condition types of all kinds share. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

/** The condition of this type, if the list has one. */
export function findCondition<C extends Condition>(
  conditions: readonly C[] | undefined,
  type: string,
): C | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Whether the condition of this type has status "True". */
export function isConditionTrue(
  conditions: readonly Condition[] | undefined,
  type: string,
): boolean {
  return findCondition(conditions, type)?.status === "True";
}

/**
 * A list with the condition set. `condition.lastTransitionTime` is the time of now; where the
 * status stays what it was, the old time is kept. When nothing but the time would change, the old
 * list itself is returned, so that a caller sees by identity that there is nothing to write.
 */
export function setCondition<C extends Condition>(
  conditions: readonly C[] | undefined,
  condition: C,
): readonly C[] {
  const list = conditions ?? [];
  const index = list.findIndex(({ type }) => type === condition.type);
  const old = list[index];
  if (old === undefined) return [...list, condition];
  let next = condition;
  if (old.status === condition.status && old.lastTransitionTime !== undefined) {
    next = { ...condition, lastTransitionTime: old.lastTransitionTime };
  }
  if (isEqual(old, next)) return list;
  return list.map((each, i) => (i === index ? next : each));
}

/** The list without the condition of this type; the list itself when it has none. */
export function removeCondition<C extends Condition>(
  conditions: readonly C[] | undefined,
  type: string,
): readonly C[] {
  const list = conditions ?? [];
  return findCondition(list, type) === undefined ? list : list.filter((each) => each.type !== type);
}

function isEqual<C extends Condition>(a: C, b: C): boolean {
  const fields = new Map(Object.entries(a).filter(([, value]) => value !== undefined));
  let count = 0;
  for (const [name, value] of Object.entries(b)) {
    if (value === undefined) continue;
    if (fields.get(name) !== value) return false;
    count++;
  }
  return count === fields.size;
}
