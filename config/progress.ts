import type { Surroundings } from "./command.ts"

const width = 24

/** What is told of something long: how far it has come, and that it is over. */
export interface Progress {
  /** 0 to 1. */
  readonly show: (share: number) => void
  readonly end: () => void
}

/**
 * A bar on stderr for what takes long, drawn at most ten times a second and only on a terminal. It shows nothing for
 * what is over within the first half second, and leaves nothing behind.
 */
export const progressBar = (io: Surroundings, what: string): Progress => {
  const began = performance.now()
  let last = began + 400
  let drawn = false
  return {
    show: (share) => {
      const now = performance.now()
      if (!process.stderr.isTTY || !io.colour.err || now - last < 100) return
      last = now
      drawn = true
      const full = Math.round(share * width)
      const bar = "█".repeat(full) + "░".repeat(width - full)
      process.stderr.write(`\r${bar} ${String(Math.floor(share * 100)).padStart(3)} %  ${what}\u001b[K`)
    },
    end: () => {
      if (drawn) process.stderr.write("\r\u001b[K")
    }
  }
}
