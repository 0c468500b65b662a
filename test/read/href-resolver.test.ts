import { describe, expect, test } from 'vitest'
import { AssetHrefResolver } from '../../src/read/href-resolver.ts'

const resolver = new AssetHrefResolver({
  accounts: new Map([
    ['first', 'https://first.blob.core.windows.net'],
    ['second', 'https://127.0.0.1:10000/second'],
  ]),
  defaultAccount: 'first',
  prefixes: ['/data/', 'https://open.example/'],
  headerFile: '/tmp/tilepress-x/headers',
  maxRetry: 3,
  retryDelay: 0.3,
})

describe('a href', () => {
  test.each([
    ['/vsiaz/c-1/a/b.tif', 'https://first.blob.core.windows.net/c-1/a/b.tif'],
    ['az://c-1/a/b.tif', 'https://first.blob.core.windows.net/c-1/a/b.tif'],
    ['abfs://c-1@second.dfs.core.windows.net/a/b.tif', 'https://127.0.0.1:10000/second/c-1/a/b.tif'],
    ['abfss://c-1@second.dfs.core.windows.net/a/b.tif', 'https://127.0.0.1:10000/second/c-1/a/b.tif'],
    ['https://first.blob.core.windows.net/c-1/a/b.tif', 'https://first.blob.core.windows.net/c-1/a/b.tif'],
    [
      'https://second.blob.core.windows.net/c-1/a%20b/%C3%A4.tif',
      'https://127.0.0.1:10000/second/c-1/a%20b/%C3%A4.tif',
    ],
    ['https://127.0.0.1:10000/second/c-1/b.tif', 'https://127.0.0.1:10000/second/c-1/b.tif'],
    ['https://first.blob.core.windows.net/c-1/b.tif?sv=1&sig=secret', 'https://first.blob.core.windows.net/c-1/b.tif'],
  ])('%s is the blob %s', (href, location) => {
    expect(resolver.place(href)).toEqual({ kind: 'blob', location, signedBy: null })
    const name = resolver.resolve(href)
    expect(name).toContain(`url=${encodeURIComponent(location)}`)
    expect(name).toContain('header_file=')
    expect(name).not.toContain('secret')
  })

  test('in an allowed folder is a file, on an allowed host is asked without the token', () => {
    expect(resolver.resolve('/data/a.tif')).toBe('/data/a.tif')
    expect(resolver.resolve('https://open.example/a.tif')).not.toContain('header_file')
  })

  test.each([
    'https://third.blob.core.windows.net/c-1/b.tif',
    'https://first.blob.core.windows.net.evil.example/c-1/b.tif',
    'https://first.blob.core.windows.net@evil.example/c-1/b.tif',
    'http://first.blob.core.windows.net/c-1/b.tif',
    'https://169.254.169.254/metadata/identity',
    '/etc/passwd',
    '/data/../etc/passwd',
    '/vsiaz/c-1/../../x.tif',
    'az://c-1/a/../../second/x.tif',
    'https://first.blob.core.windows.net/c-1/%2e%2e/x.tif',
    'https://first.blob.core.windows.net/c-1/%zz.tif',
    '/vsicurl/https://evil.example/x.tif',
    '/vsimem/x.tif',
    '/vsizip//data/x.zip/y.tif',
    'file:///etc/passwd',
    '<VRTDataset/>',
    'VRT:x',
    'data/a.tif',
    '',
    'https://open.example.evil.example/a.tif',
    '/vsiaz/C/x.tif',
  ])('%s is refused', (href) => {
    expect(() => resolver.resolve(href)).toThrow(expect.objectContaining({ code: 'ASSET_REFUSED' }))
  })

  test('in a signed container goes by the container’s signature, and sends no token', () => {
    const signing = new AssetHrefResolver({
      accounts: new Map([['first', 'https://first.blob.core.windows.net']]),
      defaultAccount: 'first',
      prefixes: [],
      headerFile: '/tmp/tilepress-x/headers',
      isSigned: (account, container) => `${account}/${container}` === 'first/signed',
      maxRetry: 3,
      retryDelay: 0.3,
    })
    for (const href of ['az://signed/a.tif', 'https://first.blob.core.windows.net/signed/a.tif?sv=1&sig=secret']) {
      expect(signing.place(href)).toMatchObject({ kind: 'blob', signedBy: 'first/signed' })
      expect(signing.resolve(href)).toMatch(/^\/vsicurl\?pc_url_signing=yes&pc_collection=first%2Fsigned&/)
      expect(signing.resolve(href)).not.toMatch(/secret|header_file/)
    }
    expect(signing.resolve('az://other/a.tif')).toContain('header_file')
  })

  test('gets a name GDAL has not seen after a renewal, for the same blob', () => {
    const before = resolver.resolve('az://c-1/renewed.tif')
    resolver.renew('az://c-1/renewed.tif')
    const after = resolver.resolve('az://c-1/renewed.tif')
    expect(after).not.toBe(before)
    expect(resolver.place('az://c-1/renewed.tif').location).toBe('https://first.blob.core.windows.net/c-1/renewed.tif')
  })
})
