import { describe, expect, test } from 'vitest'
import { type Circumstances, mendOf } from '../../src/diagnosis/mend.ts'
import { type ErrorCode, errorTable } from '../../src/errors.ts'
import { readDocument } from '../docs/document.ts'

const known: Circumstances = {
  ...{ localMode: false, writes: false, signs: false, clockAheadMs: 0, href: 'az://scenes/a.tif' },
  ...{ objectId: 'the-object', account: 'imagery', container: 'scenes' },
  ...{ tenant: 'one', storageTenant: '', audience: 'https://storage.azure.com' },
}

describe('what mends', () => {
  test.each<[what: string, code: ErrorCode, about: Partial<Circumstances>, command: RegExp]>([
    [
      'a missing role to read',
      'STORAGE_ROLE_MISSING',
      {},
      /^az role assignment create --role "Storage Blob Data Reader" --assignee-object-id the-object --assignee-principal-type ServicePrincipal --scope "\$\(az storage account show --name imagery /,
    ],
    ['a person’s missing role', 'STORAGE_ROLE_MISSING', { localMode: true }, /--assignee-principal-type User /],
    [
      'a missing role to write',
      'STORAGE_ROLE_MISSING',
      { writes: true },
      /"Storage Blob Data Contributor" .*\/containers\/scenes"$/,
    ],
    ['a missing role to sign', 'STORAGE_ROLE_MISSING', { signs: true }, /"Storage Blob Delegator"/],
    ['a firewall', 'STORAGE_FIREWALL', {}, /^az storage account network-rule add --account-name imagery /],
    ['an account that is off, or shared keys that are', 'ASSET_FORBIDDEN', {}, /allowSharedKeyAccess/],
    ['a clock that is fast', 'STORAGE_TOKEN_REJECTED', { clockAheadMs: 400_000 }, /chronyc makestep/],
    ['a clock that is slow', 'STORAGE_TOKEN_REJECTED', { clockAheadMs: -400_000 }, /chronyc makestep/],
    ['the wrong tenant', 'STORAGE_TOKEN_REJECTED', { storageTenant: 'other' }, /^az login --tenant other /],
    [
      'the wrong audience',
      'STORAGE_TOKEN_REJECTED',
      { audience: 'api://else' },
      /^AZURE_TOKEN_SCOPE=https:\/\/storage.azure.com\/.default .* api:\/\/else$/,
    ],
    ['no identity', 'TOKEN_UNAVAILABLE', {}, /^az containerapp identity assign /],
    ['a developer who is not signed in', 'TOKEN_UNAVAILABLE', { localMode: true }, /^az login$/],
    ['a token endpoint that does not answer', 'TOKEN_UNAVAILABLE', { signs: true }, /^curl .*\/imagery\/scenes"$/],
    [
      'a missing blob',
      'ASSET_NOT_FOUND',
      {},
      /^az storage blob list --auth-mode login --account-name imagery --container-name scenes /,
    ],
    ['a private name outside its network', 'STORAGE_ACCOUNT_NOT_FOUND', {}, /^az storage account show --name imagery /],
  ])('%s', (_, code, about, command) => {
    expect(mendOf(code, { ...known, ...about })).toMatch(command)
  })

  test('is told for every code that an operator can do something about, and the document names each of them', () => {
    const told = (Object.keys(errorTable) as ErrorCode[]).filter((code) => mendOf(code, known) !== null)
    expect(told.length).toBeGreaterThan(9)
    const document = readDocument('docs/troubleshooting.md')
    expect(told.filter((code) => !document.includes(`\`${code}\``))).toEqual([])
  })
})
