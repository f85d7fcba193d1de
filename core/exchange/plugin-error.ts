/** Something outside failed: a plugin's resource, a service, the upstream. A value, so that creating one is cheap. */
export interface PluginError {
  readonly _tag: "PluginError"
  /** The plugin, service or protocol that failed. */
  readonly plugin: string
  /** What failed, and the remedy. Quotes neither data nor secrets. */
  readonly message: string
  readonly cause?: unknown
}

export const pluginError = (plugin: string, message: string, cause?: unknown): PluginError => ({
  _tag: "PluginError",
  plugin,
  message,
  ...(cause === undefined ? {} : { cause })
})
