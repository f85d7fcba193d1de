import type { Constants } from "../family/index.ts"

/** What comes of two plugins' constants where `later` goes over what `earlier` left: NULL stays NULL. */
export const merged = (earlier: Constants, later: Constants): Constants => {
  if (earlier.length === 0) return later
  if (later.length === 0) return earlier
  return Array.from({ length: Math.max(earlier.length, later.length) }, (_, i) => {
    const [before, after] = [earlier[i], later[i]]
    return before === null || after === undefined ? before : after
  })
}
