import type { Exchange } from "../exchange/index.ts"
import type { Family, OutputOf, RunOf } from "../family/index.ts"
import type { Alike, Event } from "../protocol/index.ts"
import { type Driver, fail } from "./driver.ts"
import type { Heard, Hearing } from "./hearing.ts"
import type { Surroundings } from "./surroundings.ts"
import type { Waiting } from "./waiting.ts"

type Of<F extends Family, Tag extends Event["_tag"]> = Extract<Event<F>, { readonly _tag: Tag }>

/** Carries out on a codec what the hearing decided: what was allowed is forwarded, what was not is refused. */
export class Court<F extends Family> {
  private readonly driver: Driver
  private readonly around: Surroundings<F>
  private readonly hearing: Hearing<F>
  private readonly waiting: Waiting

  constructor(driver: Driver, around: Surroundings<F>, hearing: Hearing<F>, waiting: Waiting) {
    this.driver = driver
    this.around = around
    this.hearing = hearing
    this.waiting = waiting
  }

  onAsked(event: Of<F, "Asked">): void {
    this.hearing.ask(event.exchange, this.waiting, (heard) => this.carryOut(event, heard))
  }

  onInput(event: Of<F, "Input">): void {
    this.hearing.input(event.exchange, event.input, this.waiting, (heard) => {
      if (heard === undefined) return fail(this.driver, "Input came for an operation that is not known.")
      this.carryOut(event, heard)
    })
  }

  private carryOut(event: Of<F, "Asked" | "Input">, heard: Heard<F>): void {
    if (this.driver.closed) return
    if (!heard.recorded) return fail(this.driver, "An operation could not be recorded, so it does not run.")
    const { codec } = this.around
    if (heard.verdict._tag === "Deny") codec.reject(event.exchange, heard.verdict)
    else {
      const { asked, operation } = heard.known
      if (event._tag === "Asked" && operation !== asked && operation.note !== undefined) codec.notice(operation.note)
      codec.forward(event, operation)
    }
    this.driver.pump()
  }

  onOutput(event: Of<F, "Output">): void {
    const { codec } = this.around
    if (!this.shown(event.output, event.exchange)) return
    codec.forward(event)
    if (event.output.kind === "row") codec.follow?.(this.shown, () => this.alike(event))
  }

  /** Shows a piece of an answer to the stages. False: it must not leave, and the session is over. */
  private readonly shown = (output: OutputOf<F>, exchange: Exchange<F> | undefined): boolean => {
    const { around, driver, hearing } = this
    if (!around.stages.watchesAnswers) return true
    const refusal = hearing.answer(output, exchange)
    if (refusal !== undefined) driver.close(refusal.code === "fault" ? "fault" : "refused", refusal)
    return !driver.closed
  }

  /** What becomes of all rows of a result alike. Undefined: somebody must see each of them. */
  private alike({ exchange, output }: Of<F, "Output">): Alike<F> | undefined {
    const { around: { stages }, driver, hearing } = this
    const constants = hearing.constants(output, exchange)
    if (constants === undefined || !stages.recordsAnswers) return constants && { constants, show: undefined }
    const show = (rows: RunOf<F>): boolean => {
      const refusal = hearing.answerRun(rows, exchange!)
      if (refusal !== undefined) driver.close("fault", refusal)
      return !driver.closed
    }
    return { constants, show }
  }

  onSettled(event: Of<F, "Settled">): void {
    if (!this.hearing.settle(event.exchange, event.outcome)) fail(this.driver, "An outcome could not be recorded.")
  }
}
