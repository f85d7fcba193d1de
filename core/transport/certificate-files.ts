import { readFileSync, unwatchFile, watchFile } from "node:fs"

/** PEM texts of a certificate chain and its key. */
export interface CertificatePair {
  readonly certificate: string
  readonly key: string
}

const POLL_MILLISECONDS = 2000

/** A certificate and its key in files that someone else renews. Polled, because renewers replace files and links. */
export class CertificateFiles {
  private readonly certificate: string
  private readonly key: string

  constructor(certificate: string, key: string) {
    this.certificate = certificate
    this.key = key
  }

  /** Throws when a file cannot be read. */
  read(): CertificatePair {
    return { certificate: readFileSync(this.certificate, "utf8"), key: readFileSync(this.key, "utf8") }
  }

  /** Calls `changed` when either file changed, until what is returned is called. */
  watch(changed: () => void, pollMilliseconds = POLL_MILLISECONDS): () => void {
    const paths = [this.certificate, this.key]
    const listener = (now: { readonly mtimeMs: number }, before: { readonly mtimeMs: number }): void => {
      if (now.mtimeMs !== before.mtimeMs) changed()
    }
    for (const path of paths) watchFile(path, { interval: pollMilliseconds, persistent: false }, listener)
    return () => {
      for (const path of paths) unwatchFile(path, listener)
    }
  }
}
