import { Sketch, type StoredSketch } from "./sketch.ts"

/** Which meter: a transfer's count for one data set and one recipient, `*` where the cap is for all of them. */
export interface MeterName {
  readonly transfer: string
  readonly data_set: string
  readonly recipient: string
}

/** One slice of a meter as it is stored, versioned. Holds digests of subjects, never their values. */
export interface SliceRecord {
  readonly sketch: Sketch
  /** People that could not be told apart: each row of them was a new one. */
  readonly unnamed: number
  /** By gateway: people whom it may be letting out, or have let out before it fell. */
  readonly reserved: Readonly<Record<string, number>>
}

export const emptyRecord = (): SliceRecord => ({ sketch: new Sketch(), unnamed: 0, reserved: {} })

export const writeRecord = ({ reserved, sketch, unnamed }: SliceRecord): string =>
  JSON.stringify({ v: 1, sketch: sketch.toStored(), unnamed, reserved })

/** Undefined when the text is not a slice of this version: then nothing is known, and nobody may leave. */
export const readRecord = (text: string): SliceRecord | undefined => {
  try {
    const { v, sketch: stored, unnamed, reserved } = JSON.parse(text) as {
      readonly v: unknown
      readonly sketch: StoredSketch
      readonly unnamed: unknown
      readonly reserved: Record<string, unknown>
    }
    const sketch = v === 1 ? Sketch.from(stored) : undefined
    const counts = [unnamed, ...Object.values(reserved)]
    if (sketch === undefined || !counts.every((one) => typeof one === "number" && one >= 0)) return undefined
    return { sketch, unnamed: unnamed as number, reserved: reserved as Record<string, number> }
  } catch {
    return undefined
  }
}

/** The key of a slice in the state's space `meters`. */
export const keyOf = ({ transfer, data_set, recipient }: MeterName, window: string, start: number): string =>
  JSON.stringify([transfer, data_set, recipient, window, start])

/** What a key is of; undefined for one that is not ours. */
export const nameOf = (key: string): (MeterName & { readonly window: string }) | undefined => {
  try {
    const [transfer, data_set, recipient, window] = JSON.parse(key) as ReadonlyArray<unknown>
    const parts = { transfer, data_set, recipient, window }
    return Object.values(parts).every((part) => typeof part === "string") ? parts as never : undefined
  } catch {
    return undefined
  }
}
