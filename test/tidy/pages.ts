import { roomOf } from "./import-table.ts"
import { type Breach, isProduct, type Sources } from "./sources.ts"

/** The folder at whose top a room's page stands. */
const folderOf = (path: string): string => {
  const depth = path.startsWith("config/")
    ? 1
    : path.startsWith("plugins/services/")
    ? 2
    : path.split("/").length > 2
    ? 2
    : 1
  return path.split("/").slice(0, depth).join("/")
}

/** Rooms without the page that says what they are. */
export const pageBreaches = (sources: Sources): ReadonlyArray<Breach> => {
  const folders = new Set([...sources.keys()].filter((path) => isProduct(path) && roomOf(path)).map(folderOf))
  return [...folders].filter((folder) => !sources.has(`${folder}/README.md`))
    .map((folder) => `${folder}: has no README.md`)
}

/** Names that are not kebab-case: they differ between file systems, and nobody remembers which is which. */
export const nameBreaches = (sources: Sources): ReadonlyArray<Breach> =>
  [...sources.keys()]
    .filter((path) => path.endsWith(".ts"))
    .filter((path) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|test-d|bench|d|config))?\.ts$/.test(path.split("/").at(-1)!))
    .map((path) => `${path}: a file's name is kebab-case`)
