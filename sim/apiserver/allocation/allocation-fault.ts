/** Why a write cannot be given its numbers: a fault of a field, or (path "") a 500. */
export interface AllocationFault {
  readonly path: string;
  readonly message: string;
}

/** errors.NewInternalError */
export function internal(why: string): AllocationFault {
  return { path: "", message: `Internal error occurred: ${why}` };
}
