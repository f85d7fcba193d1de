/** Throws when two runs of bytes differ, naming the first offset and showing both from there, in hex. */
export const same = (what: string, actual: Uint8Array, expected: Uint8Array): void => {
  const length = Math.max(actual.length, expected.length)
  for (let i = 0; i < length; i++) {
    if (actual[i] === expected[i]) continue
    throw new Error(
      `${what} differs at byte ${i} of ${actual.length}, expected ${expected.length}:\n`
        + `  actual   ${hex(actual, i)}\n  expected ${hex(expected, i)}`
    )
  }
}

const hex = (bytes: Uint8Array, from: number): string =>
  Buffer.from(bytes.subarray(Math.max(0, from - 8), from + 24)).toString("latin1").replaceAll(
    /[^\x20-\x7e]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`
  )
