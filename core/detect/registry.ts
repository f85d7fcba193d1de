import type { Characters } from "./arithmetic.ts"
import type { Candidate } from "./candidate.ts"
import type { Definition } from "./definition.ts"
import { africaAndOceania } from "./ids/africa-oceania.ts"
import { americas } from "./ids/americas.ts"
import { asia } from "./ids/asia.ts"
import { cards } from "./ids/card.ts"
import { easternEurope } from "./ids/europe-east.ts"
import { northernEurope } from "./ids/europe-north.ts"
import { southernEurope } from "./ids/europe-south.ts"
import { westernEurope } from "./ids/europe-west.ts"
import { places } from "./ids/places.ts"
import { type WordList, wordList } from "./vocabulary.ts"

/** Every sort of identifier that is checked by its characters. A type may have several definitions. */
export const definitions: ReadonlyArray<Definition> = [
  ...cards,
  ...northernEurope,
  ...westernEurope,
  ...southernEurope,
  ...easternEurope,
  ...americas,
  ...asia,
  ...africaAndOceania,
  ...places
]

/** One shape of one definition, ready to be compared. Positions are bits, so shapes have at most thirty of them. */
export interface Shape {
  readonly definition: Definition
  /** ln(.99 / pass rate), and the shape's own. */
  readonly weight: number
  /** The most that it can come to without a word near it. */
  readonly weightMost: number
  /** Positions that must be letters, and those that may be. */
  readonly must: number
  readonly may: number
  readonly layouts: ReadonlyArray<Layout>
  /** The definition's words, ready to be looked for. */
  readonly words: WordList
}

interface Layout {
  /** Before which positions a separator stands. */
  readonly mask: number
  /** The separators, in order; 126 (`~`) where any will do that is the same throughout. */
  readonly separators: ReadonlyArray<number>
}

const anySeparator = 126

const bits = (shape: string, of: string): number =>
  Array.from(shape).reduce((mask, character, i) => of.includes(character) ? mask | (1 << i) : mask, 0)

const layoutOf = (text: string): Layout & { readonly length: number } => {
  let mask = 0
  let length = 0
  const separators: Array<number> = []
  for (const character of text) {
    if (/[0-9A-Za-z]/.test(character)) length++
    else if (!")]".includes(character)) {
      mask |= 1 << length
      separators.push(character.charCodeAt(0))
    }
  }
  return { mask, separators, length }
}

/** How much a match of this definition says, by itself. */
export const weightOf = ({ passRate, shapeWeight = 0 }: Definition): number => Math.log(0.99 / passRate) + shapeWeight

const shapesOf = (definition: Definition): ReadonlyArray<Shape & { readonly length: number }> => {
  const layouts = (definition.layouts ?? []).map(layoutOf)
  const words = wordList(definition.words)
  return definition.shapes.map((shape) => ({
    definition,
    weight: weightOf(definition),
    weightMost: weightOf(definition) + (layouts.length === 0 ? 0 : definition.layoutWeight ?? 3),
    must: bits(shape, "A"),
    may: bits(shape, "AX"),
    layouts: layouts.filter(({ length }) => length === shape.length),
    words,
    length: shape.length
  }))
}

const longest = 30
const byLength: ReadonlyArray<ReadonlyArray<Shape>> = Array.from(
  { length: longest + 1 },
  (_, length) => definitions.flatMap(shapesOf).filter((shape) => shape.length === length)
)
const isApart = ({ definition, layouts }: Shape): boolean => definition.strictLayout === true && layouts.length > 0

/**
 * Shapes of one length, the weightiest first; by where their layouts have separators, 0 for what stands together. Of
 * digits alone are most candidates, and most shapes are not.
 */
const grouped = (length: number, isFit: (shape: Shape) => boolean): ReadonlyMap<number, ReadonlyArray<Shape>> => {
  const shapes = byLength[length]!.filter(isFit).toSorted((a, b) => b.weight - a.weight)
  const masks = new Set(shapes.flatMap(({ layouts }) => layouts.map(({ mask }) => mask)))
  return new Map([
    ...[...masks].map((mask) => [mask, shapes.filter(({ layouts }) => layouts.some((l) => l.mask === mask))] as const),
    [0, shapes.filter((shape) => !isApart(shape))]
  ])
}
const digitsByLength = byLength.map((_, length) => grouped(length, ({ must }) => must === 0))
const lettersByLength = byLength.map((_, length) => grouped(length, ({ may }) => may !== 0))

const none: ReadonlyArray<Shape> = []

/**
 * The shapes that a candidate may have of this length, with letters and separators at these places: those that weigh
 * most come first.
 */
export const shapesFor = ({ length, letters, separators }: Candidate): ReadonlyArray<Shape> =>
  length > longest ? none : (letters === 0 ? digitsByLength : lettersByLength)[length]!.get(separators) ?? none

/** Whether the letters stand where the shape wants them. */
export const isShaped = ({ may, must }: Shape, letters: number): boolean =>
  (letters & ~may) === 0 && (letters & must) === must

/** Whether the check holds. */
export const holds = ({ definition }: Shape, text: Characters, length: number): boolean =>
  definition.check === undefined || definition.check(text, length)

/** What the separators say: 0 where there are none, more where they are as they should be, -1 where they are not. */
export const layoutWeight = (shape: Shape, candidate: Candidate): number => {
  if (candidate.separators === 0) return 0
  for (const layout of shape.layouts) {
    if (layout.mask !== candidate.separators) continue
    if (sameSeparators(layout, candidate)) return shape.definition.layoutWeight ?? 3
  }
  return -1
}

const sameSeparators = ({ separators }: Layout, candidate: Candidate): boolean => {
  for (let i = 0; i < separators.length; i++) {
    const found = candidate.separatorAt[i]!
    if (separators[i] === anySeparator ? found !== candidate.separatorAt[0] || found === 47 : found !== separators[i]) {
      return false
    }
  }
  return true
}

/** The names of all types in the registry. */
export const identifierTypes: ReadonlyArray<string> = [...new Set(definitions.map(({ type }) => type))]
