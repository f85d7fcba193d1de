/** Where in the document something is wrong: keys and indices from its root. */
export type Path = ReadonlyArray<string | number>

/** Something wrong, or doubtful, with the operator's file. No text in it quotes a secret: the file holds none. */
export interface Problem {
  readonly severity: "error" | "warning"
  readonly path: Path
  /** Points at the key of the last step instead of its value. */
  readonly key?: boolean
  /** Set by what reads text: offsets win over `path`. */
  readonly offset?: number
  readonly what: string
  readonly why?: string
  readonly remedy?: string
}

/** An error at `path`: what is wrong, why it matters, what to do. */
export const error = (path: Path, what: string, why?: string, remedy?: string): Problem => ({
  severity: "error",
  path,
  what,
  ...(why === undefined ? {} : { why }),
  ...(remedy === undefined ? {} : { remedy })
})

export const warning = (path: Path, what: string, why?: string, remedy?: string): Problem => ({
  ...error(path, what, why, remedy),
  severity: "warning"
})

/** How messages spell a path: `pipelines.orders.plugins[2].use`. */
export const spell = (path: Path): string =>
  path.reduce<string>(
    (text, step) => typeof step === "number" ? `${text}[${step}]` : text === "" ? step : `${text}.${step}`,
    ""
  )
