import type { Command } from "../command.ts"

/** A command that is loaded only when it is called, and the line that the list of commands shows. */
export interface Entry {
  readonly about: string
  readonly load: () => Promise<Command>
}

/** All commands, in the order in which a newcomer meets them. */
export const commands: Readonly<Record<string, Entry>> = {
  demo: {
    about: "see it all at work: a database, an issuer, the gateway, two agents, and a story",
    load: async () => (await import("./demo.ts")).demo
  },
  init: {
    about: "write a first file",
    load: async () => (await import("./init.ts")).init
  },
  discover: {
    about: "look for sensitive columns that the file does not name, and propose entries",
    load: async () => (await import("./discover.ts")).discoverCommand
  },
  check: {
    about: "validate the file and plan it, without opening anything",
    load: async () => (await import("./check.ts")).check
  },
  test: {
    about: "run the file's own tests",
    load: async () => (await import("./test.ts")).test
  },
  explain: {
    about: "show what would be decided for a caller and an operation, and why",
    load: async () => (await import("./explain.ts")).explain
  },
  "explain run": {
    about: "show what a run has seen, when and by which way",
    load: async () => (await import("./explain-run.ts")).explainRun
  },
  "taint reset": {
    about: "end the label of a run or an agent, by an owner's recorded word",
    load: async () => (await import("./taint-reset.ts")).taintReset
  },
  matrix: {
    about: "list everything that the file makes reachable; show what a change opens",
    load: async () => (await import("./matrix.ts")).matrix
  },
  simulate: {
    about: "judge recorded operations under another file, and show what would change",
    load: async () => (await import("./simulate.ts")).simulate
  },
  up: {
    about: "run the gateway",
    load: async () => (await import("./up.ts")).up
  },
  schema: {
    about: "print the JSON Schema of the file",
    load: async () => (await import("./schema.ts")).schema
  },
  "plugins list": {
    about: "list the protocols, plugins and services that the file uses",
    load: async () => (await import("./plugins-list.ts")).pluginsList
  },
  "plugins show": {
    about: "show what one of them needs, gives, and can be told",
    load: async () => (await import("./plugins-show.ts")).pluginsShow
  },
  "plugins new": {
    about: "start a plugin of your own",
    load: async () => (await import("./plugins-new.ts")).pluginsNew
  },
  login: {
    about: "log in at the issuer, and keep the token",
    load: async () => (await import("./login.ts")).login
  },
  connect: {
    about: "open a local port that logs clients in with the kept token",
    load: async () => (await import("./connect.ts")).connect
  },
  coverage: {
    about: "name the upstream's sessions that did not come through the gateway",
    load: async () => (await import("./coverage.ts")).coverage
  },
  "approvals list": {
    about: "list requests that wait for approval, or grants",
    load: async () => (await import("./approvals-list.ts")).approvalsList
  },
  "approvals show": {
    about: "show exactly what a request would run, for whom, and where it would be seen",
    load: async () => (await import("./approvals-show.ts")).approvalsShow
  },
  "approvals approve": {
    about: "approve exactly what a request would run, once",
    load: async () => (await import("./approvals-decide.ts")).approvalsApprove
  },
  "approvals grant": {
    about: "approve a request, and more of the same for a while",
    load: async () => (await import("./approvals-decide.ts")).approvalsGrant
  },
  "approvals deny": {
    about: "deny a request",
    load: async () => (await import("./approvals-decide.ts")).approvalsDeny
  },
  "approvals request": {
    about: "ask for the approval of an operation that was refused",
    load: async () => (await import("./approvals-request.ts")).approvalsRequest
  },
  "approvals revoke": {
    about: "take back a request, an approval that was not used, or a grant",
    load: async () => (await import("./approvals-revoke.ts")).approvalsRevoke
  },
  "sessions list": {
    about: "list recorded sessions",
    load: async () => (await import("./sessions-list.ts")).sessionsList
  },
  "sessions show": {
    about: "show what happened in a recorded session",
    load: async () => (await import("./sessions-show.ts")).sessionsShow
  },
  "sessions replay": {
    about: "replay a recorded session with its own timing",
    load: async () => (await import("./sessions-replay.ts")).sessionsReplay
  },
  "sessions export": {
    about: "write recorded sessions in formats that other programs read",
    load: async () => (await import("./sessions-export.ts")).sessionsExport
  },
  "sessions end": {
    about: "end open sessions, by id, by caller, or by token",
    load: async () => (await import("./sessions-end.ts")).sessionsEnd
  },
  "audit verify": {
    about: "check that a ledger was not tampered with",
    load: async () => (await import("./audit-verify.ts")).auditVerify
  },
  "audit rejudge": {
    about: "make every recorded receipt again, and compare",
    load: async () => (await import("./audit-rejudge.ts")).auditRejudge
  },
  unmask: {
    about: "show the value behind a reversible mask, on the record",
    load: async () => (await import("./unmask.ts")).unmaskCommand
  },
  completions: {
    about: "print a script that completes commands in a shell",
    load: async () => (await import("./completions.ts")).completions
  }
}
