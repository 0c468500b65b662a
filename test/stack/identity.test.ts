import { createServer } from 'node:http'
import { DefaultAzureCredential } from '@azure/identity'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type IdentityEndpoint, startIdentity } from '../../apps/stack/services/identity.ts'

let identity: IdentityEndpoint
beforeAll(async () => {
  identity = await startIdentity({ tokenLifeSeconds: 7200 })
})
afterAll(() => identity.stop())

const resource = 'https://storage.azure.com'
const ask = (query: Record<string, string>, header = identity.header) =>
  fetch(`${identity.endpoint}?${new URLSearchParams(query)}`, { headers: { 'x-identity-header': header } })

describe('the managed-identity endpoint', () => {
  test("gives the SDK's own credential a token with the claims that Blob storage checks", async () => {
    process.env.IDENTITY_ENDPOINT = identity.endpoint
    process.env.IDENTITY_HEADER = identity.header
    process.env.AZURE_TOKEN_CREDENTIALS = 'ManagedIdentityCredential'
    const { token, expiresOnTimestamp } = await new DefaultAzureCredential().getToken(`${resource}/.default`)
    const claims = JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString())
    expect(claims).toMatchObject({ aud: resource, iss: `https://sts.windows.net/${claims.tid}/` })
    expect(claims.nbf).toBeLessThan(Date.now() / 1000)
    expect(claims.exp * 1000).toBe(expiresOnTimestamp)
    expect(identity.tokensIssued()).toBe(1)
  })

  test('refuses a request without its secret, of another protocol version, without a resource, for another identity', async () => {
    const good = { 'api-version': '2019-08-01', resource }
    expect((await ask(good)).status).toBe(200)
    expect((await ask(good, 'guess')).status).toBe(401)
    expect((await ask({ ...good, 'api-version': '2018-02-01' })).status).toBe(400)
    expect((await ask({ 'api-version': '2019-08-01' })).status).toBe(400)
    expect((await ask({ ...good, client_id: 'another' })).status).toBe(400)
  })

  test('a user-assigned identity answers to its client id alone', async () => {
    const assigned = await startIdentity({ clientId: 'mine' })
    const asked = (query: Record<string, string>) =>
      fetch(`${assigned.endpoint}?${new URLSearchParams({ 'api-version': '2019-08-01', resource, ...query })}`, {
        headers: { 'x-identity-header': assigned.header },
      })
    expect((await asked({ client_id: 'mine' })).status).toBe(200)
    expect((await asked({})).status).toBe(400)
    await assigned.stop()
  })

  test('a port that is taken is one sentence', async () => {
    const server = createServer()
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const { port } = server.address() as { port: number }
    await expect(startIdentity({ port })).rejects.toThrow(/^The identity endpoint could not listen: .*EADDRINUSE/)
    server.close()
  })
})
