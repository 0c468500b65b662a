import type { Expression } from './expression.ts'

/** What each block's band shows: its text with the bands' descriptions in the place of their names, `b1-b2` as `red-nir`. */
export function describeBlocks(expression: Expression, descriptions: ReadonlyMap<number, string>): string[] {
  return expression.blocks.map(({ text }) =>
    text.replace(/\bb([1-9]\d*)\b/g, (name, band: string) => descriptions.get(Number(band)) ?? name),
  )
}
