/**
 * InputError is a mistake in what the user gave: a file, a value, a policy. Its message says where
 * the mistake is, what was found, what was wanted and what to do. The command line prints the
 * message without a stack and exits with 1.
 */
export class InputError extends Error {
  override readonly name = "InputError";
}
