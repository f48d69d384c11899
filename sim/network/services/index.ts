export { checkModels } from "./check-model.ts";
export { clientPolicy, defaultClient, wholeNumber } from "./client-policy.ts";
export type { ClientSettings, ServiceCallSettings, ServiceModelSettings } from "./service-model.ts";
export { ServiceModels, type ServiceModelsWiring } from "./service-models.ts";
export { splitTarget, TARGET_WANTED, type TargetName } from "./target-name.ts";
