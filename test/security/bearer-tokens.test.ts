import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { pathToFileURL } from 'node:url'
import { connectionSettings, resolveSettings } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { SecurityError, saslLogin } from '../../src/security/index.ts'
import { storeAt } from './stores.ts'

const host = nodeHost({ journal: silentJournal })
const module = 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required'
const jwt = (claims: object): string => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.sig`
const inAnHour = jwt({ sub: 'carol', exp: Math.floor(Date.now() / 1000) + 3600 })

/** What a client says first to the broker. */
async function said(config: Record<string, string>): Promise<string[]> {
  const { settings } = resolveSettings(connectionSettings, { 'sasl.mechanism': 'OAUTHBEARER', 'sasl.jaas.config': `${module};`, ...config })
  const dialogue = await saslLogin(host, settings).dialogue()
  return Buffer.from(dialogue.respond(new Uint8Array(0))!)
    .toString()
    .split('\x01')
}

async function endpoint(
  t: TestContext,
  answer: (request: IncomingMessage, body: string, response: ServerResponse) => void,
  tls = false,
): Promise<string> {
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = ''
    for await (const chunk of request) body += chunk
    answer(request, body, response)
  }
  const pem = readFileSync(storeAt('broker.pem'))
  const server: Server = tls ? createTlsServer({ key: pem, cert: pem }, handle) : createServer(handle)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return `${tls ? 'https' : 'http'}://localhost:${(server.address() as AddressInfo).port}/token`
}

const secrets = {
  'sasl.oauthbearer.client.credentials.client.id': 'id:1',
  'sasl.oauthbearer.client.credentials.client.secret': 'hush-hush',
}
const fast = { 'sasl.login.retry.backoff.ms': '1', 'sasl.login.retry.backoff.max.ms': '50' }

describe('tokens for OAUTHBEARER', () => {
  it('are made of the claims of the login module, signed by nobody', async () => {
    const claims = 'unsecuredLoginStringClaim_sub="carol" unsecuredLoginNumberClaim_n="1.5" unsecuredLoginListClaim_scope="|a|b"'
    const [start, auth, extension, ...rest] = await said({ 'sasl.jaas.config': `${module} ${claims} unsecuredLoginExtension_team="red";` })
    assert.deepEqual([start, extension, ...rest], ['n,,', 'team=red', '', ''])
    const [header, payload, signature] = auth!.replace('auth=Bearer ', '').split('.') as [string, string, string]
    assert.equal(Buffer.from(header, 'base64url').toString(), '{"alg":"none"}')
    assert.equal(signature, '')
    const { iat, exp, ...own } = JSON.parse(Buffer.from(payload, 'base64url').toString())
    assert.deepEqual(own, { sub: 'carol', n: 1.5, scope: ['a', 'b'] })
    assert.equal(Math.round(exp - iat), 3600)
  })

  it('that nothing is known of are asked for', async () => {
    await assert.rejects(
      said({}),
      (error) => error instanceof SecurityError && /claim sub is missing/.test(error.message) && /token\.endpoint\.url/.test(error.hint),
    )
  })

  it('come from a file', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'tkafka-token-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'token')
    const url = { 'sasl.oauthbearer.token.endpoint.url': pathToFileURL(file).href }
    await assert.rejects(said(url), /cannot be read: ENOENT/)
    writeFileSync(file, `${inAnHour}\n`)
    assert.equal((await said(url))[1], `auth=Bearer ${inAnHour}`)
    writeFileSync(file, jwt({ exp: 1 }))
    await assert.rejects(said(url), /expired at 1970/)
  })

  it('are given as they are', async () => {
    assert.equal((await said({ 'sasl.jaas.config': `${module} oauth.access.token="abc";` }))[1], 'auth=Bearer abc')
  })

  it('come from an endpoint that wants client credentials, and are used again while they last', async (t) => {
    let asked = 0
    const url = await endpoint(t, (request, body, response) => {
      asked++
      assert.equal(request.method, 'POST')
      assert.equal(Buffer.from(request.headers.authorization!.replace('Basic ', ''), 'base64').toString(), 'id:1:hush-hush')
      assert.equal(body, 'grant_type=client_credentials&scope=a+b')
      response.end(JSON.stringify({ access_token: inAnHour, expires_in: 3600 }))
    })
    const config = { ...secrets, 'sasl.oauthbearer.token.endpoint.url': url, 'sasl.oauthbearer.scope': 'a b' }
    const { settings } = resolveSettings(connectionSettings, {
      'sasl.mechanism': 'OAUTHBEARER',
      'sasl.jaas.config': `${module};`,
      ...config,
    })
    const login = saslLogin(host, settings)
    await Promise.all([login.dialogue(), login.dialogue()])
    await login.dialogue()
    assert.equal(asked, 1)
  })

  it('are asked for again when the endpoint fails in a way that may pass', async (t) => {
    let asked = 0
    const url = await endpoint(t, (_request, _body, response) => {
      if (++asked < 3) response.writeHead(503).end()
      else response.end(JSON.stringify({ access_token: inAnHour }))
    })
    const patient = { ...fast, 'sasl.login.retry.backoff.max.ms': '10000' }
    assert.equal((await said({ ...secrets, ...patient, 'sasl.oauthbearer.token.endpoint.url': url }))[1], `auth=Bearer ${inAnHour}`)
    assert.equal(asked, 3)
  })

  it('that are refused are not, and no secret is told', async (t) => {
    const url = await endpoint(t, (_request, _body, response) => response.writeHead(401).end('{"error":"invalid_client","secret":"hush"}'))
    await assert.rejects(said({ ...secrets, 'sasl.oauthbearer.token.endpoint.url': url }), (error) => {
      assert.match((error as Error).message, /gave no token: it answered 401: invalid_client$/)
      return !(error as Error).message.includes('hush')
    })
  })

  it('come over TLS from whom the options of the login module trust', async (t) => {
    const url = await endpoint(t, (_request, _body, response) => response.end(JSON.stringify({ access_token: inAnHour })), true)
    const config = { ...secrets, ...fast, 'sasl.oauthbearer.token.endpoint.url': url }
    await assert.rejects(said(config), /gave no token: .*certificate/)
    const trust = `ssl.truststore.type="PEM" ssl.truststore.location="${storeAt('trust.pem')}"`
    assert.equal((await said({ ...config, 'sasl.jaas.config': `${module} ${trust};` }))[1], `auth=Bearer ${inAnHour}`)
  })

  it('that the broker refuses say why', async () => {
    const { settings } = resolveSettings(connectionSettings, {
      ...{ 'sasl.mechanism': 'OAUTHBEARER', 'sasl.jaas.config': `${module} oauth.access.token="hush";` },
    })
    const dialogue = await saslLogin(host, settings).dialogue()
    dialogue.respond(new Uint8Array(0))
    assert.deepEqual(Buffer.from(dialogue.respond(Buffer.from('{"status":"invalid_token"}'))!), Buffer.from([1]))
    assert.throws(() => dialogue.respond(new Uint8Array(0)), /refused the token: invalid_token$/)
  })
})

describe('a login that cannot be', () => {
  const plain = 'org.apache.kafka.common.security.plain.PlainLoginModule required'
  for (const [config, told, next] of [
    [{ 'sasl.mechanism': 'PLAIN' }, /needs sasl\.jaas\.config/, /PlainLoginModule required username="alice" password="…";/],
    [{ 'sasl.mechanism': 'GSSAPI' }, /Kerberos\) is not offered/, /one of PLAIN, SCRAM-SHA-256/],
    [{ 'sasl.mechanism': 'plain' }, /sasl\.mechanism=plain is not legal/, /^$/],
    [{ 'sasl.mechanism': 'PLAIN', 'sasl.jaas.config': `${plain} username="a";` }, /PlainLoginModule needs the option password/, /^$/],
    [{ 'sasl.mechanism': 'PLAIN', 'sasl.jaas.config': `${plain}; ${plain};` }, /names 2 login modules/, /^$/],
    [{ 'sasl.mechanism': 'PLAIN', 'sasl.jaas.config': `${module};` }, /OAuthBearerLoginModule is not for sasl\.mechanism=PLAIN/, /^$/],
    [
      { 'sasl.mechanism': 'PLAIN', 'sasl.jaas.config': 'software.amazon.msk.auth.iam.IAMLoginModule required;' },
      /IAMLoginModule is a class of Java/,
      /Known are PlainLoginModule/,
    ],
    [
      { 'sasl.mechanism': 'PLAIN', 'sasl.jaas.config': `${plain};`, 'sasl.client.callback.handler.class': 'a.B' },
      /a\.B is a class of Java/,
      /^$/,
    ],
    [
      { 'sasl.mechanism': 'OAUTHBEARER', 'sasl.jaas.config': `${module};`, 'sasl.login.callback.handler.class': 'a.B' },
      /a\.B is a class of Java/,
      /Known are/,
    ],
  ] as const) {
    it(`${JSON.stringify(config)} says what would`, () => {
      const { settings } = resolveSettings(connectionSettings, config)
      assert.throws(
        () => saslLogin(host, settings),
        (error) => error instanceof SecurityError && told.test(error.message) && next.test(error.hint),
      )
    })
  }
})
