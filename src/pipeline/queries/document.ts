/** A JSON document as an answer's body. JSON has no NaN and no infinity: both are null, as in titiler's answers. */
export function documentOf(value: unknown): {
  readonly outcome: 'image'
  readonly contentType: 'application/json'
  readonly body: Buffer
} {
  return { outcome: 'image', contentType: 'application/json', body: Buffer.from(JSON.stringify(value)) }
}
