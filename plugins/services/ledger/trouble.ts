const KNOWN: { readonly [code: string]: string } = {
  ENOENT: "the ledger's folder or one of its files was removed: bring it back",
  ENOSPC: "the ledger's disk is full: make room on it",
  EDQUOT: "the ledger's quota is used up: raise it, or make room",
  EROFS: "the ledger's file system is read-only: mount it for writing",
  EACCES: "the ledger's folder may not be written: give this process the right to",
  EPERM: "the ledger's folder may not be written: give this process the right to",
  EIO: "the ledger's disk does not work: see the system's log",
  EMFILE: "too many files are open: raise the limit of this process",
  ENFILE: "too many files are open on this machine"
}

/** What keeps the ledger from being written, and the remedy. */
export const troubleOf = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException
  return KNOWN[code ?? ""] ?? `the ledger cannot be written (${code ?? message})`
}
