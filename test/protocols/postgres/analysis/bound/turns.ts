/** The thread's own time so far, in milliseconds: others that use the same machine do not count. */
const spent = (): number => {
  const { system, user } = process.threadCpuUsage()
  return (user + system) / 1000
}

/**
 * Watches how long each turn of this thread's event loop takes, in milliseconds of the processor: a timer is due in
 * every turn, so what was spent since it last ran was spent in one turn, or in a few short ones.
 */
export class Turns {
  longest = 0
  #last = spent()
  #timer = setTimeout(() => this.#look(), 1)

  #look(): void {
    this.note()
    const timer = setTimeout(() => this.#look(), 1)
    this.#timer = this.#timer.hasRef() ? timer : timer.unref()
  }

  /** Watches no longer than there is something else to do. */
  unref(): this {
    this.#timer.unref()
    return this
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
