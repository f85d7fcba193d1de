/** What went wrong with a socket, for people: the system's code and nothing that a peer sent. */
export const socketError = (error: unknown): string => {
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : ""
  switch (code) {
    case "ECONNREFUSED":
      return "nothing listens there (ECONNREFUSED)"
    case "ECONNRESET":
    case "EPIPE":
      return `the peer broke the connection (${code})`
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `the name cannot be resolved (${code})`
    case "ETIMEDOUT":
    case "UND_ERR_CONNECT_TIMEOUT":
      return "it did not answer in time"
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return `there is no route to it (${code})`
    case "ERR_SSL_NO_APPLICATION_PROTOCOL":
    case "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL":
      return "TLS failed: the peers share no application protocol (ALPN)"
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return "TLS failed: the certificate is for another name"
    case "ERR_TLS_HANDSHAKE_TIMEOUT":
      return "the TLS handshake was not finished in time"
    case "":
      return "an error without a code"
    default:
      return /^ERR_SSL|^ERR_TLS|CERT|VERIFY|SIGN|ISSUER|CRL|CHAIN/.test(code) ? `TLS failed: ${code}` : code
  }
}
