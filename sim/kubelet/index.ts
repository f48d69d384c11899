export type { ImageSettings } from "./image-puller.ts";
export {
  type KubeletBehaviour,
  type KubeletSettings,
  Kubelets,
  type RunningContainer,
  type RunningPod,
} from "./kubelets.ts";
