/** IngressEntry: where requests to an Ingress go. `IngressController` implements it. */
import type { Edge } from "../call/index.ts";
import type { Target } from "../proxy/index.ts";

/** A request as an ingress controller sees it. */
export interface IngressRequest {
  readonly host: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: Readonly<Record<string, string>>;
  /** ingressClassName; "": any class of the controller's. */
  readonly ingressClass: string;
}

export interface IngressEntry {
  /** The ingress controller's own Service, and whether its clients come from outside. Throws InputError. */
  edgeFor(request: IngressRequest): { readonly target: Target; readonly isExternal: boolean };
  /** All calls of this edge, which goes to that Service, ask for this. */
  asks(edge: Edge, request: IngressRequest): void;
}
