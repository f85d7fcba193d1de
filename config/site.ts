import { resolve } from "node:path"

/** A path of the file, which is relative to the file's folder. */
export const absolute = (directory: string, path: string): string => resolve(directory, path)
