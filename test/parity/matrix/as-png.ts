import { type Case, queryText } from './case.ts'

/** The same question as PNG, for a server without NPY: 8 bits, so wide values are stretched first. */
export function asPng(one: Case): Case {
  if (!one.path.includes('.npy')) return one
  const [path = '', query = ''] = one.path.replace('.npy', '.png').split('?')
  const wide = !/^(byte|rgb|jpeg|classes$|palette|sparse|striped|no-over|odd-|blocks-of-512|mosaic\.byte)/.test(
    one.source?.name ?? '',
  )
  const stretched = query.includes('rescale=') ? '' : queryText({ rescale: '-2000,12000' }).replace('?', '&')
  const instead = one.instead && { ...one.instead, path: one.instead.path.replace('.npy', '.png') }
  return { ...one, ...(instead ? { instead } : {}), path: `${path}?${query}${wide ? stretched : ''}` }
}
