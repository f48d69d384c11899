export { type ControllersSettings, createControllers } from "./controllers.ts";
