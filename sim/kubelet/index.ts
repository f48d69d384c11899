export type { ImageSettings } from "./image-puller.ts";
export { type KubeletSettings, Kubelets } from "./kubelets.ts";
