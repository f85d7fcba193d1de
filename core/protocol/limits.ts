/** Everything has a limit. What would exceed one ends the session or is denied; nothing is silently cut. */
export interface Limits {
  /** The longest message, header included. */
  readonly messageBytesMax: number
  /** Bytes received and not understood, per side. */
  readonly bufferedBytesMax: number
  /** Operations asked and not yet answered. */
  readonly exchangesInFlightMax: number
  /** Named statements and portals that a session may keep. */
  readonly statementsMax: number
  /** From the accepted socket to a finished login. */
  readonly loginSeconds: number
  /** Without a byte from the client while nothing runs. */
  readonly idleSeconds: number
  readonly sessionsMax: number
}

export const defaultLimits: Limits = {
  messageBytesMax: 16_777_216,
  bufferedBytesMax: 33_554_432,
  exchangesInFlightMax: 64,
  statementsMax: 4096,
  loginSeconds: 10,
  idleSeconds: 3600,
  sessionsMax: 1000
}
