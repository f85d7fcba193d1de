import { escapeMarkup } from "../../../core/index.ts"
import { pieces } from "../inert.ts"

/** Markup that is what it says: everything else is escaped before it gets here. */
export class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Value = Markup | string | number | undefined | ReadonlyArray<Markup | string | undefined>

/** A template whose values are escaped, and whose strange characters are spelt out where people can see them. */
export const html = (literals: TemplateStringsArray, ...values: ReadonlyArray<Value>): Markup =>
  new Markup(literals.map((literal, i) => literal + (i < values.length ? render(values[i]) : "")).join(""))

const render = (value: Value): string => {
  if (value === undefined) return ""
  if (value instanceof Markup) return value.text
  return typeof value === "object" ? value.map(render).join("") : harmless(String(value))
}

const harmless = (text: string): string =>
  pieces(text).map((piece) => piece.spelt ? `<mark>${escapeMarkup(piece.text)}</mark>` : escapeMarkup(piece.text)).join(
    ""
  )
