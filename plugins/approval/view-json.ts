import type { View } from "./desk.ts"
import type { Grant } from "./grant.ts"

/** A request as programs read it, as far as this visitor may see it. */
export const requestJson = ({ alike, barred, hidden, request }: View) => {
  const { at, binding, clients, id, rules, shown, status, steps, until, votes } = request
  const { asked: _a, parameters: _p, text: _t, ...about } = shown
  return {
    id,
    status,
    clients,
    binding,
    rules,
    at: instant(at),
    until: instant(until),
    shown: hidden === undefined ? shown : about,
    votes: votes.map(({ at, by, reason }) => ({
      by: by.subject,
      at: instant(at),
      ...(reason === undefined ? {} : { reason })
    })),
    steps: steps.map(({ at, ...step }) => ({ ...step, at: instant(at) })),
    alike,
    ...(hidden === undefined ? {} : { hidden }),
    ...(barred === undefined ? {} : { barred })
  }
}

export const grantJson = ({ at, chain, dataSets, until, usesLeft, ...grant }: Grant) => ({
  ...grant,
  who: chain.map(({ issuer, subject }) => ({ issuer, subject })),
  data_sets: dataSets,
  uses_left: usesLeft,
  at: instant(at),
  until: instant(until)
})

export const instant = (milliseconds: number): string => new Date(milliseconds).toISOString()
