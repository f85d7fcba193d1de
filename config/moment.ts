const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/**
 * A time as people write it on a command line: `30d` (that long before `now`), or ISO 8601. Milliseconds since the
 * epoch; undefined for what is neither.
 */
export const readMoment = (text: string, now: number): number | undefined => {
  const ago = /^(\d{1,6})([mhdw])$/.exec(text)
  if (ago !== null) return now - Number(ago[1]) * units[ago[2]!]!
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : at
}
