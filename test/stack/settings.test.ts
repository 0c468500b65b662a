import { describe, expect, test } from 'vitest'
import { readSettings } from '../../apps/stack/settings.ts'

describe('the settings of the local stack', () => {
  test('have the defaults that the documentation tells', () => {
    expect(readSettings({}, '/checkout')).toEqual({
      port: 8000,
      host: '127.0.0.1',
      workers: 2,
      dataFolder: '/checkout/.data',
      ports: {
        postgres: undefined,
        queueRedis: undefined,
        cacheRedis: undefined,
        azurite: undefined,
        identity: undefined,
      },
    })
  })

  test('take an empty variable as unset and a relative data folder below the checkout', () => {
    const settings = readSettings({ PORT: ' ', WORKERS: '0', DATA_DIR: 'other', AZURITE_PORT: '10000' }, '/checkout')
    expect(settings).toMatchObject({
      port: 8000,
      workers: 0,
      dataFolder: '/checkout/other',
      ports: { azurite: 10_000 },
    })
  })

  test.each([
    ['PORT', '80a'],
    ['PORT', '0'],
    ['PORT', '65536'],
    ['WORKERS', '-1'],
    ['WORKERS', '1.5'],
    ['POSTGRES_PORT', '0'],
  ])('refuse %s=%s with one sentence that names it', (name, value) => {
    expect(() => readSettings({ [name]: value }, '/checkout')).toThrow(
      `${name} is "${value}", and must be a whole number`,
    )
  })
})
