import { accessSync, constants, existsSync, readFileSync, statSync } from "node:fs"
import { basename, dirname, extname, relative, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { cosmiconfig } from "cosmiconfig"
import { type Document, readText, readValue } from "./document.ts"
import { error, type Path } from "./problem.ts"

/** The operator's file, found and read; whether it makes sense is not known yet. */
export interface Found {
  /** Absolute. */
  readonly path: string
  /** Absolute: what `./` in the file means. */
  readonly directory: string
  readonly document: Document
}

/** No file, or one that cannot be read: misuse, in words for the operator. */
export interface NotFound {
  readonly _tag: "NotFound"
  readonly message: string
}

const places = [
  "sluice.config.yaml",
  "sluice.config.yml",
  "sluice.config.json",
  "sluice.config.ts",
  "sluice.config.js",
  "sluice.config.mjs",
  ".sluicerc",
  ".sluicerc.yaml",
  ".sluicerc.yml",
  ".sluicerc.json",
  ".sluicerc.ts",
  ".sluicerc.js",
  ".sluicerc.mjs",
  "package.json"
]

/**
 * Finds the file in `from`, and nowhere above it: a file that lies in a parent folder, which others may write to, is
 * never taken by accident.
 */
export const discover = async (from: string, named: string | undefined): Promise<Found | NotFound> => {
  if (named !== undefined) {
    const path = resolve(from, named)
    return existsSync(path) ? await readFile(path, from) : notFound(`There is no file ${named}.`)
  }
  const path = await search(from)
  if (path !== undefined) return await readFile(path, from)
  return notFound(
    `No sluice.config.yaml in ${from} (or .yml, .json, .ts, .js, .mjs, .sluicerc, or \`sluice\` in package.json).\n`
      + "Name a file with --config FILE, or write one with `sluice init`."
  )
}

/** What holds `sluice`: only package.json has to be looked into, everything else counts by its name. */
const search = async (from: string): Promise<string | undefined> => {
  const here = (path: string): { readonly path: string } => ({ path })
  const loaders = Object.fromEntries(
    [".yaml", ".yml", ".ts", ".js", ".mjs", "noExt"].map((extension) => [extension, here])
  )
  const json = (path: string, text: string): unknown => basename(path) === "package.json" ? packageJson(text) : { path }
  const explorer = cosmiconfig("sluice", {
    searchPlaces: places,
    searchStrategy: "none",
    cache: false,
    ignoreEmptySearchPlaces: false,
    loaders: { ...loaders, ".json": json }
  })
  const found = await explorer.search(from)
  return found?.isEmpty === true && basename(found.filepath) === "package.json" ? undefined : found?.filepath
}

/** A package.json that is broken is someone else's trouble here. */
const packageJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

const readFile = async (path: string, from: string): Promise<Found | NotFound> => {
  const file = shown(path, from)
  const directory = dirname(path)
  if (!statSync(path).isFile()) return notFound(`${file} is not a file.`)
  if (!isReadable(path)) return notFound(`${file} may not be read by the user that this runs as.`)
  switch (extname(path)) {
    case ".ts":
    case ".mts":
    case ".js":
    case ".mjs":
      return { path, directory, document: await readModule(path, file) }
    default: {
      const under: Path = basename(path) === "package.json" ? ["sluice"] : []
      return { path, directory, document: read(path, file, under) }
    }
  }
}

const isReadable = (path: string): boolean => {
  try {
    accessSync(path, constants.R_OK)
    return true
  } catch {
    return false
  }
}

const read = (path: string, file: string, under: Path): Document => {
  const text = readFileSync(path, "utf8")
  const document = readText(file, text, under)
  if (extname(path) !== ".json" || document.problems.length > 0) return document
  try {
    JSON.parse(text.replace(/^\uFEFF/, ""))
    return document
  } catch {
    const problem = error([], "this is not valid JSON", "the file's name ends in .json", "mend it, or name it .yaml")
    return { ...document, value: undefined, problems: [problem] }
  }
}

let versions = 0

/** A module's default export is the document. A reload reads it anew: hence the query. */
const readModule = async (path: string, file: string): Promise<Document> => {
  try {
    const { default: value } = await import(`${pathToFileURL(path).href}?read=${versions++}`)
    if (value !== null && typeof value === "object") return readValue(file, value)
    const problem = error(
      [],
      "the module has no default export that is a map",
      undefined,
      "`export default { version: 1, … }`"
    )
    return { ...readValue(file, undefined), problems: [problem] }
  } catch (cause) {
    const problem = error([], `the module cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`)
    return { ...readValue(file, undefined), problems: [problem] }
  }
}

const shown = (path: string, from: string): string => {
  const short = relative(from, path)
  return short === "" || short.startsWith("..") ? path : short
}

const notFound = (message: string): NotFound => ({ _tag: "NotFound", message })
