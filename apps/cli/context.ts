/** Where a command reads and writes: the process's own streams, or a test's. */
export interface CliContext {
  /** Address of the API unless --url names another. */
  readonly url: string
  /** Key for the write endpoints, unless --key-file names another. */
  readonly apiKey: string | null
  /** Where settings of API and worker are read from, for what checks them. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Data. */
  readonly out: (text: string) => void
  /** Messages, for people. */
  readonly say: (text: string) => void
  /** The line that is redrawn, when stderr is a terminal that can; else null. */
  readonly terminal: { readonly columns: number; readonly write: (text: string) => void } | null
  /** A file's text; `-` is standard input. */
  readonly read: (path: string) => Promise<string>
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal
}

/** Ends the command with one sentence for people on stderr. */
export class CliError extends Error {
  readonly exitCode: number
  /** The same command may succeed a moment later. */
  readonly passing: boolean

  constructor(message: string, options: { exitCode?: number; passing?: boolean } = {}) {
    super(message)
    this.exitCode = options.exitCode ?? exitCodes.failure
    this.passing = options.passing ?? false
  }
}

export const exitCodes = { success: 0, failure: 1, usage: 2, interrupted: 130 } as const
