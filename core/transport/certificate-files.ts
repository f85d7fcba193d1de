import { readFileSync, unwatchFile, watchFile } from "node:fs"

/** PEM texts of a certificate chain and its key, and of those who sign clients' certificates. */
export interface CertificateTexts {
  readonly certificate: string
  readonly key: string
  /** Undefined where clients are asked for no certificate. */
  readonly clientAuthority: string | undefined
}

/** Paths of the same. */
export interface CertificatePaths {
  readonly certificate: string
  readonly key: string
  readonly clientAuthority?: string
}

const POLL_MILLISECONDS = 2000

/** Certificates in files that someone else renews. Polled, because renewers replace files and links. */
export class CertificateFiles {
  private readonly paths: CertificatePaths

  constructor(paths: CertificatePaths) {
    this.paths = paths
  }

  /** Throws when a file cannot be read. */
  read(): CertificateTexts {
    const { certificate, clientAuthority, key } = this.paths
    return {
      certificate: readFileSync(certificate, "utf8"),
      key: readFileSync(key, "utf8"),
      clientAuthority: clientAuthority === undefined ? undefined : readFileSync(clientAuthority, "utf8")
    }
  }

  /** Calls `changed` when one of the files changed, until what is returned is called. */
  watch(changed: () => void, pollMilliseconds = POLL_MILLISECONDS): () => void {
    const { certificate, clientAuthority, key } = this.paths
    const paths = [certificate, key, ...(clientAuthority === undefined ? [] : [clientAuthority])]
    const listener = (now: { readonly mtimeMs: number }, before: { readonly mtimeMs: number }): void => {
      if (now.mtimeMs !== before.mtimeMs) changed()
    }
    for (const path of paths) watchFile(path, { interval: pollMilliseconds, persistent: false }, listener)
    return () => {
      for (const path of paths) unwatchFile(path, listener)
    }
  }
}
