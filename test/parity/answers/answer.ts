/** What a server said to a request. */
export interface Answer {
  readonly status: number
  /** Media type without parameters. */
  readonly type: string
  /** Headers that are compared: `content-bbox`, `content-crs`. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export const comparedHeaders = ['content-bbox', 'content-crs'] as const
