import type { Rejection } from "./interface.ts";

/** A rejection with the name of the plugin that gave it. */
export interface PluginRejection extends Rejection {
  readonly plugin: string;
}
