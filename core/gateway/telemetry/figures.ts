import type { Figures } from "../../plugin/index.ts"

/** One count of a plugin or a service. */
export interface Figure {
  readonly description: string
  count: number
}

/** How many counts plugins may have; beyond it they are not kept. */
const FIGURES_MAX = 100

/** The counts of plugins and services, by name: read whenever somebody asks. */
export const figuresIn = (counts: Map<string, Figure>): Figures["Service"] => ({
  counter: (name, description) => {
    const figure = counts.get(name) ?? { description, count: 0 }
    if (counts.size < FIGURES_MAX) counts.set(name, figure)
    return (count) => void (figure.count += count)
  }
})
