/** How users write whom a request is for: `namespace/name` of a Service, or `namespace/name:port`. */
import { InputError } from "../../kernel/index.ts";

export interface TargetName {
  /** `namespace/name` */
  readonly service: string;
  /** Name or number of the Service's port; "": its first. */
  readonly port: string;
}

/** What a target should look like, for messages. */
export const TARGET_WANTED = "namespace/name of a Service, or namespace/name:port";

const FORM = /^([^/:\s]+\/[^/:\s]+)(?::([^/:\s]+))?$/;

/** undefined: the text has another form. */
export function splitTarget(text: string): TargetName | undefined {
  const [, service, port = ""] = FORM.exec(text) ?? [];
  return service === undefined ? undefined : { service, port };
}

/** `where` begins the message. Throws InputError. */
export function parseTarget(text: string, where: string): TargetName {
  const target = splitTarget(text);
  if (target !== undefined) return target;
  throw new InputError(`${where}: got "${text}", want ${TARGET_WANTED}.`);
}
