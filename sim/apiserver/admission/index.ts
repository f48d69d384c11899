export {
  AdmissionChain,
  type AdmissionSettings,
  admissionPluginNames,
} from "./admission-chain.ts";
export type { AdmissionAttributes, Draft } from "./attributes.ts";
