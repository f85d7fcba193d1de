import { isIP } from "node:net"
import * as Schema from "effect/Schema"

/** A name that people give: of a pipeline, a service, a gateway. */
export const Name = (description: string) =>
  Schema.String.annotate({ description }).check(
    Schema.isPattern(/^[A-Za-z][A-Za-z0-9_-]{0,62}$/u, {
      message: "must be a name: a letter, then at most 62 letters, digits, `-` and `_`"
    })
  )

/** Text that is not empty. */
export const Text = (description: string) =>
  Schema.String.annotate({ description }).check(
    Schema.isNonEmpty({ message: "must not be empty" }),
    Schema.isMaxLength(65_536, { message: "must not be longer than 65536 characters" })
  )

/** A whole number within bounds. */
export const Count = (description: string, minimum: number, maximum: number) =>
  Schema.Int.annotate({ description }).check(
    Schema.isBetween({ minimum, maximum }, { message: `must be a whole number from ${minimum} to ${maximum}` })
  )

/** `host:port`. An IPv6 address stands in brackets. */
export const Address = (description: string, port: "required" | "optional") =>
  Schema.String.annotate({ description }).check(
    Schema.makeFilter((text) => parseAddress(text, port === "optional") === undefined ? wrongAddress(port) : true)
  )

const wrongAddress = (port: "required" | "optional"): string =>
  port === "required"
    ? "must be `host:port`, such as `127.0.0.1:6432` or `[::1]:6432`"
    : "must be `host` or `host:port`, such as `db.internal:5432` or `[::1]:5432`"

/** The two parts of an address; undefined when it is none. Port 0 means any that is free. */
export const parseAddress = (
  text: string,
  portOptional: boolean
): { readonly host: string; readonly port: number | undefined } | undefined => {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})?))(?::(\d{1,5}))?$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  if (host === undefined) return undefined
  const port = match?.[3] === undefined ? undefined : Number(match[3])
  if (port === undefined ? !portOptional : port > 65_535) return undefined
  return { host, port }
}

/** An IP address, or a block of them in CIDR notation. */
export const Range = Schema.String.annotate({ description: "An IP address, or a block such as `10.20.0.0/16`." }).check(
  Schema.makeFilter((text) => {
    const [address = "", prefix, ...more] = text.split("/")
    const bits = isIP(address) === 6 ? 128 : 32
    const fits = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits)
    return isIP(address) !== 0 && fits && more.length === 0
      || "must be an IP address or a CIDR block, such as `10.20.0.0/16` or `2001:db8::/32`"
  })
)

/** An absolute URI without a fragment, as RFC 8707 (2) wants resources named: `https://…`, `api://…`, `urn:…`. */
export const isResource = (text: string): boolean => /^[a-z][a-z0-9+.-]*:[^\s#]+$/i.test(text)

/** Whether only this machine can be reached by, or reach, `host`. */
export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || /^127\.(?:\d{1,3}\.){2}\d{1,3}$/.test(host)

/** What is named by `use:` and given its own options. */
export const Used = (what: string) =>
  Schema.Struct({
    use: Text(
      `Which ${what}: a built-in's name, a package resolved from the file's folder, or a file as \`./file.ts\`.`
    ),
    with: Schema.optionalKey(Schema.Unknown.annotate({ description: `The ${what}'s own options.` }))
  })
