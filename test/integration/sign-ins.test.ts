import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startIdentity } from '../../apps/stack/services/identity.ts'
import { Releasers } from '../../src/release.ts'
import { answer, startEntra, startMetadataService } from '../support/entra.ts'
import { services } from '../support/services.ts'

const run = promisify(execFile)
const releasers = new Releasers()
const [tenant, client, object] = [randomUUID(), randomUUID(), randomUUID()]
const certificates = () => process.env.TILEPRESS_TEST_CERTIFICATE!
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tilepress-sign-ins-'))
  releasers.add('folder', () => rm(folder, { recursive: true, force: true }))
})

afterAll(() => releasers.release())

/** What a program that has this environment, and nothing else of ours, signs in as. The SDK keeps its first source for a process's life. */
async function signIn(environment: Record<string, string>): Promise<Record<string, unknown>> {
  const env = { PATH: process.env.PATH ?? '', NODE_EXTRA_CA_CERTS: services().caBundle, ...environment }
  const { stdout } = await run(process.execPath, [resolve(import.meta.dirname, '../support/sign-in.ts')], { env })
  return JSON.parse(stdout) as Record<string, unknown>
}

const storage = 'https://storage.azure.com'

describe('a managed identity', () => {
  test('of Container Apps or App Service, system assigned', async () => {
    const identity = await startIdentity()
    releasers.add('identity', () => identity.stop())
    const place = { IDENTITY_ENDPOINT: identity.endpoint, IDENTITY_HEADER: identity.header }
    expect(await signIn(place)).toMatchObject({ authType: 'default_azure_credential', audience: storage })
    // A developer's machine that has such an endpoint (the local stack) uses it as well.
    expect(await signIn({ ...place, LOCAL_MODE: 'true' })).toMatchObject({ authType: 'default_azure_credential' })
    expect(identity.tokensIssued()).toBe(2)
  })

  test('user assigned: AZURE_CLIENT_ID is asked for, and another is refused', async () => {
    const identity = await startIdentity({ clientId: client })
    releasers.add('identity', () => identity.stop())
    const place = {
      IDENTITY_ENDPOINT: identity.endpoint,
      IDENTITY_HEADER: identity.header,
      AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
    }
    expect(await signIn({ ...place, AZURE_CLIENT_ID: client })).toMatchObject({ audience: storage })
    await expect(signIn({ ...place, AZURE_CLIENT_ID: randomUUID() })).rejects.toThrow('TOKEN_UNAVAILABLE')
  })

  test('of a virtual machine (IMDS)', async () => {
    const service = await startMetadataService(object)
    releasers.add('IMDS', () => service.close())
    const place = { AZURE_POD_IDENTITY_AUTHORITY_HOST: service.url }
    expect(await signIn(place)).toMatchObject({ objectId: object, audience: storage })
    expect(await signIn({ ...place, AZURE_CLIENT_ID: client })).toMatchObject({ application: client })
    for (const { path } of service.requests) expect(path).toMatch(/^\/metadata\/identity\/oauth2\/token\/?$/)
    expect(service.requests.map(({ parameters }) => parameters.client_id)).toEqual([undefined, client])
  })
})

test('a workload identity of Kubernetes exchanges its federated token', async () => {
  const file = join(folder, 'federated-token')
  await writeFile(file, 'the-pods-own-token')
  const entra = await startEntra(certificates(), object, { client_assertion: 'the-pods-own-token' })
  releasers.add('Entra', () => entra.close())
  const claims = await signIn({
    AZURE_TENANT_ID: tenant,
    AZURE_CLIENT_ID: client,
    AZURE_FEDERATED_TOKEN_FILE: file,
    AZURE_AUTHORITY_HOST: entra.url,
  })
  expect(claims).toMatchObject({ objectId: object, application: client, tenant, audience: storage })
  expect(entra.requests).toHaveLength(1)
  expect(entra.requests[0]?.parameters).toMatchObject({
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  })
})

test('a service principal signs in with its secret, which nobody is shown when it is wrong', async () => {
  const entra = await startEntra(certificates(), object, { client_secret: 'the-right-secret' })
  releasers.add('Entra', () => entra.close())
  const place = { AZURE_TENANT_ID: tenant, AZURE_CLIENT_ID: client, AZURE_AUTHORITY_HOST: entra.url }
  const claims = await signIn({ ...place, AZURE_CLIENT_SECRET: 'the-right-secret' })
  expect(claims).toMatchObject({ authType: 'default_azure_credential', objectId: object, application: client, tenant })
  const wrong: unknown = await signIn({ ...place, AZURE_CLIENT_SECRET: 'another-secret' }).catch((error) => error)
  expect(String(wrong)).toContain('TOKEN_UNAVAILABLE')
  expect(JSON.stringify(wrong)).not.toContain('another-secret')
})

test('LOCAL_MODE takes the Azure CLI’s sign-in, without a look at any endpoint', async () => {
  const { access_token } = answer(storage, tenant, object, client)
  const az = join(folder, 'az')
  const seconds = Math.floor(Date.now() / 1_000) + 3_600
  const told = JSON.stringify({
    accessToken: access_token,
    expires_on: seconds,
    expiresOn: '2030-01-01 00:00:00.000000',
  })
  const call = 'account get-access-token --output json --resource'
  await writeFile(az, `#!/bin/sh\n[ "$*" = "${call} ${storage}" ] || exit 2\necho '${told}'\n`, { mode: 0o755 })
  const claims = await signIn({ LOCAL_MODE: 'true', PATH: `${folder}:${process.env.PATH}` })
  expect(claims).toMatchObject({ authType: 'azure_cli', objectId: object, audience: storage })
})
