/**
 * A copy of an object with some fields set that it may not have yet.
 *
 * Hot paths use this and not `{ ...object, field }`: V8 (Node 20 to 24) gives every result of such a
 * spread that adds a field a hidden class of its own, which costs half a microsecond and as many
 * bytes again as the object, and makes all who read it slow. Replacing a field is free of that.
 */
export function withFields<T extends object>(object: T, fields: Partial<T>): T {
  return Object.assign({}, object, fields);
}
