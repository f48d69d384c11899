/** A command line that cannot be understood: exit 2, one line, and a hint where to look. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
