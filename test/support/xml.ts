/** An element of a document, as far as tests look into one. */
export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly Element[]
  /** Its own text, trimmed. */
  readonly text: string
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** Parses XML 1.0 without comments, CDATA and document types; throws for what is not well-formed. */
export function parseXml(xml: string): Element {
  const body = xml.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\s*/, '')
  const open: { name: string; attributes: Record<string, string>; children: Element[]; text: string }[] = []
  let root: Element | null = null
  let at = 0
  // A tag, or the text before the next one.
  for (const token of body.matchAll(/<(\/?)([\w:]+)((?:\s+[\w:]+="[^"<]*")*)\s*(\/?)>|[^<]+/g)) {
    if (token.index !== at) throw new Error(`not well-formed at ${body.slice(at, at + 60)}`)
    at += token[0].length
    const [text, closing, name, attributes = '', empty] = token
    const top = open.at(-1)
    if (name === undefined) {
      if (top) top.text += decode(text)
      else if (text.trim() !== '') throw new Error(`text outside the root: ${text}`)
      continue
    }
    if (closing) {
      if (top?.name !== name) throw new Error(`</${name}> ends <${top?.name}>`)
    } else {
      if (root) throw new Error(`a second root: ${name}`)
      open.push({ name, attributes: parseAttributes(attributes), children: [], text: '' })
      if (!empty) continue
    }
    const ended = open.pop()!
    const element = { ...ended, text: ended.text.trim() }
    const parent = open.at(-1)
    if (parent) parent.children.push(element)
    else root = element
  }
  if (at !== body.length || open.length > 0 || !root) throw new Error(`not well-formed at ${body.slice(at, at + 60)}`)
  return root
}

/** All elements of the name, in the document's order. */
export function elementsNamed({ children }: Element, name: string): Element[] {
  return children.flatMap((child) => [...(child.name === name ? [child] : []), ...elementsNamed(child, name)])
}

function parseAttributes(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/([\w:]+)="([^"]*)"/g)].map(
    ([, name = '', value = '']) => [name, decode(value)] as const,
  )
  if (new Set(pairs.map(([name]) => name)).size < pairs.length) throw new Error(`an attribute twice: ${text}`)
  return Object.fromEntries(pairs)
}

function decode(text: string): string {
  return text.replace(/&(\w*);?/g, (whole, name: string) => {
    const character = whole.endsWith(';') ? entities[name] : undefined
    if (character === undefined) throw new Error(`an unknown entity: ${whole}`)
    return character
  })
}
