export { type ControllersSettings, createControllers } from "./controllers.ts";
export { allControllerNames } from "./registry.ts";
