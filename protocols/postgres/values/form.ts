import { networkForms } from "./network-forms.ts"
import { numberForms } from "./number-forms.ts"
import { stringForms } from "./string-forms.ts"
import { timeForms } from "./time-forms.ts"

/** How the values of one type are written. */
export interface Form {
  /** `text` as the type's output function spells it, or undefined when the type cannot hold it. */
  text(text: string): string | undefined
  /** The binary form (the type's send function) of what `text` returned. */
  binary(text: string): Uint8Array
}

const forms: ReadonlyMap<string, Form> = new Map([
  ...Object.entries(numberForms),
  ...Object.entries(stringForms),
  ...Object.entries(timeForms),
  ...Object.entries(networkForms)
])

/** The form of the type with this catalogue name; undefined for those whose values are not made here. */
export const formOf = (type: string): Form | undefined => forms.get(type)
