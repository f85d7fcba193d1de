import fc from "fast-check"

/**
 * How often a property runs: 1,000 random cases, or as many as fit into `FUZZ_SECONDS` of the environment for long
 * hunts. The seed is printed with every failure, so that it can be run again.
 */
export const runs = (cases = 1000): fc.Parameters<unknown> => {
  const seconds = Number(process.env["FUZZ_SECONDS"] ?? 0)
  return seconds > 0
    ? { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: seconds * 1000, markInterruptAsFailure: false }
    : { numRuns: cases }
}

/** Where to cut a stream of bytes into chunks. */
export const cuts: fc.Arbitrary<ReadonlyArray<number>> = fc.array(fc.nat({ max: 1 << 16 }), { maxLength: 24 })
