/**
 * Thrown inside the analysis of one text, and caught by `examine`, when something in it is not understood. Analysis
 * runs
 * once per text and catalogue, so a throw is affordable here; nothing of it reaches the path of a cached statement.
 */
export class Unresolved extends Error {
  static {
    // Made for its message only: without this, each one would capture a stack.
    this.prototype.name = "Unresolved"
  }
}

/** Ends the analysis. `reason` names the construct and quotes no data. */
export const unresolved = (reason: string): never => {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  const error = new Unresolved(reason)
  Error.stackTraceLimit = limit
  throw error
}

/** Ends the analysis at a construct that nobody taught it. */
export const notUnderstood = (construct: string): never => unresolved(`${construct} is not understood`)
