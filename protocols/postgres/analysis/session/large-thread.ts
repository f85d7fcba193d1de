import { Worker } from "node:worker_threads"
import { partsOf } from "../catalogue/parts.ts"
import type { Snapshot } from "../catalogue/snapshot.ts"
import type { FromThread, LargeQuestion, ToThread } from "./large-question.ts"

/** The most of a processor's time that one question may take, in milliseconds. */
const cpuMax = 2000
/** The longest that it may take on a machine that has other things to do, and that a thread may take to start. */
const wallMax = 15_000

/** An answer, or why there is none. */
export type ThreadAnswer = FromThread | { readonly _tag: "Failed"; readonly reason: string }

/**
 * A thread that examines texts, one at a time. It starts with the first of them. One that takes too long ends with the
 * thread, which starts anew for the next.
 */
export class LargeThread {
  #worker: Worker | undefined
  /** The snapshot that the thread has. */
  #snapshot: Snapshot | undefined
  #done: ((answer: ThreadAnswer) => void) | undefined
  #timer: NodeJS.Timeout | undefined

  /** Asks one question; none is under way. */
  async ask(question: LargeQuestion, snapshot: Snapshot): Promise<ThreadAnswer> {
    const { promise, resolve } = Promise.withResolvers<ThreadAnswer>()
    this.#done = resolve
    const worker = this.#worker ??= this.#start()
    this.#timer = setTimeout(() => this.#fail(worker, "a thread for long statements did not start"), wallMax)
    if (snapshot !== this.#snapshot) await this.#feed(worker, snapshot)
    this.#tell(worker, { _tag: "Question", question })
    return promise
  }

  async close(): Promise<void> {
    const worker = this.#worker
    if (worker !== undefined) this.#fail(worker, "the gateway is closing")
    await worker?.terminate()
  }

  /** A large catalogue is copied a piece in each turn, so that nobody else waits for it. */
  async #feed(worker: Worker, snapshot: Snapshot): Promise<void> {
    this.#snapshot = undefined
    for (const part of partsOf(snapshot)) {
      if (worker !== this.#worker) return
      this.#tell(worker, { _tag: "Part", part })
      await new Promise((resolve) => setImmediate(resolve))
    }
    if (worker === this.#worker) this.#snapshot = snapshot
  }

  #tell(worker: Worker, told: ToThread): void {
    if (worker === this.#worker) worker.postMessage(told)
  }

  #start(): Worker {
    const worker = new Worker(new URL("./large-texts-worker.ts", import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: 1024, stackSizeMb: 4 }
    })
    worker.unref()
    worker.on("message", (said: FromThread) => {
      if (worker !== this.#worker) return
      if (said._tag === "Begun") void this.#watch(worker)
      else this.#finish(said)
    })
    worker.on("error", () => this.#fail(worker, "the statement could not be analysed"))
    return worker
  }

  /** Counts the thread's own time: on a busy machine, a question takes longer without being any harder. */
  async #watch(worker: Worker): Promise<void> {
    const done = this.#done
    const began = performance.now()
    const before = await cpuOf(worker)
    const look = async (): Promise<void> => {
      const used = await cpuOf(worker) - before
      if (done !== this.#done || worker !== this.#worker) return
      if (used >= cpuMax || performance.now() - began >= wallMax) {
        this.#fail(worker, "the statement took too long to analyse")
      } else this.#timer = setTimeout(() => void look(), Math.max(50, cpuMax - used))
    }
    if (done !== this.#done || worker !== this.#worker) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void look(), cpuMax)
  }

  #fail(worker: Worker, reason: string): void {
    if (worker !== this.#worker) return
    this.#worker = undefined
    this.#snapshot = undefined
    worker.terminate().catch(() => undefined)
    this.#finish({ _tag: "Failed", reason })
  }

  #finish(answer: ThreadAnswer): void {
    clearTimeout(this.#timer)
    const done = this.#done
    this.#done = undefined
    done?.(answer)
  }
}

/** The processor's time that a thread has used, in milliseconds; of one that is gone, none. */
const cpuOf = (worker: Worker): Promise<number> =>
  worker.cpuUsage().then(({ system, user }) => (system + user) / 1000, () => 0)
