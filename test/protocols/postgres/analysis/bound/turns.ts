/** The thread's own time so far, in milliseconds: others that use the same machine do not count. */
const spent = (): number => {
  const { system, user } = process.threadCpuUsage()
  return (user + system) / 1000
}

/**
 * Watches how long each turn of this thread's event loop takes, in milliseconds of the processor: a timer is due in every
 * turn, so what was spent since it last ran was spent in one turn, or in a few short ones.
 */
export class Turns {
  longest = 0
  #last = spent()
  #timer = setTimeout(() => this.#look(), 1)

  #look(): void {
    this.note()
    this.#timer = setTimeout(() => this.#look(), 1)
  }

  /** The turn that is under way counts as well. */
  note(): number {
    this.longest = Math.max(this.longest, spent() - this.#last)
    this.#last = spent()
    return this.longest
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}
