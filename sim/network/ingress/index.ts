export { INGRESS_SERVICE, ingressManifests } from "./ingress-addon.ts";
export { IngressController, type IngressControllerSettings } from "./ingress-controller.ts";
export type { IngressEntry, IngressRequest } from "./ingress-entry.ts";
