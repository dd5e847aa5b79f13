import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { type ClientError, openAdmin } from '../../src/client/index.ts'
import { type Connection, silentJournal, type TlsClientOptions, TlsError } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { KafkaError } from '../../src/protocol/index.ts'
import { storeAt } from '../security/stores.ts'

const host = nodeHost({ journal: silentJournal })
const pem = (name: string): string => readFileSync(storeAt(name), 'utf8')

async function listening(t: TestContext, server: Server, address = 'localhost'): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
  })
  server.on('tlsClientError', () => {})
  server.listen(0, address)
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** Brokers that hold this certificate, as far as the handshake is concerned. */
const tlsServer = (t: TestContext, certificate: string, options: TlsOptions = {}, address = 'localhost'): Promise<number> =>
  listening(
    t,
    createTlsServer({ key: pem(certificate), cert: pem(certificate), ...options }, (socket) => socket.on('error', () => {})),
    address,
  )

const trusted = { 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': storeAt('trust.pem') }

/** What a client says that is sent there. */
async function failure(port: number, config: Record<string, string>): Promise<KafkaError & { hint: string }> {
  const admin = openAdmin(host, { 'bootstrap.servers': `localhost:${port}`, 'security.protocol': 'SSL', ...config }, { connectAttempts: 2 })
  try {
    await admin.describeCluster({ timeoutMs: 5000 })
  } catch (error) {
    assert.ok(error instanceof KafkaError, String(error))
    return error as KafkaError & { hint: string }
  } finally {
    admin.close()
  }
  throw new Error('it should have failed')
}

describe('TLS that comes to nothing', () => {
  for (const [what, certificate, config, said, next] of [
    [
      'nobody vouches for the broker',
      'broker.pem',
      {},
      /certificate of CN=broker,O=tkafka \(issued by CN=tkafka test authority,O=tkafka\) is not trusted/,
      /ssl\.truststore\.location/,
    ],
    [
      'the certificate is for another host',
      'elsewhere.pem',
      trusted,
      /certificate is not for localhost but for DNS:kafka\.example\.com/,
      /as its certificate does/,
    ],
    ['the certificate has expired', 'expired.pem', trusted, /CN=expired,O=tkafka or of its issuer has expired/, /new certificate/],
  ] as const) {
    it(what, async (t) => {
      const error = await failure(await tlsServer(t, certificate), config)
      assert.match(error.message, said)
      assert.match(error.hint, next)
      assert.equal(error.errorName, 'NETWORK_EXCEPTION')
      assert.equal((error as ClientError).retriable, false)
    })
  }

  it('no version in common', async (t) => {
    const port = await tlsServer(t, 'broker.pem', { maxVersion: 'TLSv1.2' })
    const error = await failure(port, { ...trusted, 'ssl.enabled.protocols': 'TLSv1.3' })
    assert.match(error.message, /agrees to nothing that was offered/)
    assert.match(error.hint, /ssl\.enabled\.protocols/)
  })

  it('no cipher suite in common', async (t) => {
    const port = await tlsServer(t, 'broker.pem', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' })
    const error = await failure(port, { ...trusted, 'ssl.cipher.suites': 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256' })
    assert.match(error.hint, /ssl\.cipher\.suites/)
  })

  it('something else listens there, or hangs up', async (t) => {
    const web = createServer((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')))
    const other = await failure(await listening(t, web), trusted)
    assert.match(other.message, /what comes back is no TLS/)
    assert.match(other.hint, /has no TLS: set security\.protocol to PLAINTEXT/)
    const closing = createServer((socket) => socket.once('data', () => socket.destroy()))
    const closed = await failure(await listening(t, closing), trusted)
    assert.match(closed.message, /hung up in the TLS handshake/)
  })

  it('addresses are held against the certificate as names are', async (t) => {
    const secure = async (certificate: string): Promise<void> => {
      const port = await tlsServer(t, certificate, {}, '127.0.0.1')
      const options = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', cipherSuites: [], verifiesHostName: true } as const
      const tls = (await host.tls!()).client({ ...options, trusted: [pem('trust.pem')] })
      const connection = await tls.secure(await host.network.connect({ host: '127.0.0.1', port }), '127.0.0.1', 5000)
      connection.destroy()
    }
    await secure('broker.pem')
    await assert.rejects(secure('elsewhere.pem'), (error) => error instanceof TlsError && error.fault === 'host-name')
  })

  it('the name is not checked where it is not to be', async (t) => {
    const port = await tlsServer(t, 'elsewhere.pem')
    const error = await failure(port, { ...trusted, 'ssl.endpoint.identification.algorithm': '', 'request.timeout.ms': '300' })
    assert.match(error.message, /did not answer ApiVersions|does not speak Kafka/)
  })

  it('the settings make no sense', async () => {
    const jks = { 'ssl.truststore.location': storeAt('trust.jks') }
    const client = { ...trusted, 'ssl.keystore.location': storeAt('client.jks') }
    for (const [config, said, next] of [
      [
        { ...jks, 'ssl.truststore.password': 'hush' },
        /ssl\.truststore\.location=\S+trust\.jks: the password is wrong/,
        /Check ssl\.truststore\.password/,
      ],
      [{ ...jks, 'ssl.truststore.type': 'PEM' }, /holds no certificate in PEM/, /^$/],
      [{ ...jks, 'ssl.truststore.type': 'BKS' }, /ssl\.truststore\.type=BKS is not legal: expected one of JKS, PKCS12, PEM/, /^$/],
      [{ 'ssl.truststore.location': storeAt('trust.pem') }, /it is a PEM file/, /Set ssl\.truststore\.type=PEM/],
      [{ 'ssl.truststore.location': storeAt('trust.p12') }, /holds nobody who is trusted/, /set ssl\.truststore\.password/],
      [{ 'ssl.truststore.location': '/nowhere.jks' }, /ssl\.truststore\.location=\/nowhere\.jks cannot be read: ENOENT/, /path right/],
      [{ 'ssl.truststore.certificates': pem('trust.pem') }, /ssl\.truststore\.certificates needs ssl\.truststore\.type=PEM/, /^$/],
      [{ ...trusted, 'ssl.truststore.password': 'hush' }, /ssl\.truststore\.password is not for PEM/, /^$/],
      [client, /ssl\.keystore\.location is set, but ssl\.keystore\.password is not/, /^$/],
      [
        { ...client, 'ssl.keystore.password': 'hush' },
        /ssl\.keystore\.location=\S+: the password is wrong/,
        /Check ssl\.keystore\.password/,
      ],
      [
        { ...client, 'ssl.keystore.password': 'client-secret' },
        /cannot be opened with the password of the store/,
        /set ssl\.key\.password/,
      ],
      [
        { ...client, 'ssl.keystore.password': 'client-secret', 'ssl.key.password': 'hush' },
        /cannot be opened with ssl\.key\.password/,
        /Check/,
      ],
      [
        { ...trusted, 'ssl.keystore.type': 'PEM', 'ssl.keystore.location': storeAt('client-enciphered.pem') },
        /ssl\.key\.password is not set/,
        /^$/,
      ],
      [
        { ...trusted, 'ssl.keystore.type': 'PEM', 'ssl.keystore.location': storeAt('client-enciphered.pem'), 'ssl.key.password': 'hush' },
        /private key cannot be opened/,
        /Check ssl\.key\.password/,
      ],
      [{ ...trusted, 'ssl.keystore.type': 'PEM', 'ssl.keystore.key': pem('client.pem') }, /ssl\.keystore\.certificate\.chain is not/, /^$/],
      [{ ...trusted, 'ssl.cipher.suites': 'TLS_NULL' }, /ssl\.cipher\.suites: TLS_NULL is not known/, /Write names as/],
      [{ ...trusted, 'ssl.enabled.protocols': 'SSLv3' }, /ssl\.enabled\.protocols=SSLv3 is not legal/, /^$/],
      [{ ...trusted, 'ssl.endpoint.identification.algorithm': 'ldaps' }, /expected https, or nothing/, /^$/],
      [{ ...trusted, 'ssl.engine.factory.class': 'a.B' }, /a\.B is a class of Java/, /^$/],
      [
        {
          ...trusted,
          'ssl.keystore.type': 'PEM',
          'ssl.keystore.key': pem('client.pem'),
          'ssl.keystore.certificate.chain': pem('broker.pem'),
        },
        /TLS cannot be set up: key values mismatch/,
        /Check the ssl\. settings/,
      ],
    ] as const) {
      // Told before anything is sent: nobody listens there.
      const error = await failure(1, config)
      assert.equal(error.errorName, 'INVALID_CONFIG', error.message)
      assert.match(error.message, said)
      assert.match(error.hint, next)
      assert.doesNotMatch(error.message + error.hint, /hush/)
    }
  })
})

describe('a connection in TLS', () => {
  const options: TlsClientOptions = {
    ...{ trusted: [pem('trust.pem')], minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', cipherSuites: [], verifiesHostName: true },
  }
  const secured = async (port: number, timeoutMs = 5000): Promise<Connection> => {
    const tls = (await host.tls!()).client(options)
    return tls.secure(await host.network.connect({ host: 'localhost', port }), 'localhost', timeoutMs)
  }

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`carries bytes both ways, whole and in order, with pauses (${version})`, async (t) => {
      const server = createTlsServer(
        { key: pem('broker.pem'), cert: pem('broker.pem'), maxVersion: version },
        (socket) => void socket.pipe(socket),
      )
      const connection = await secured(await listening(t, server))
      const sent = Buffer.alloc(
        3 * 1024 * 1024,
        Uint8Array.from({ length: 251 }, (_, index) => index),
      )
      const back: Buffer[] = []
      const all = Promise.withResolvers<void>()
      const closed = Promise.withResolvers<TlsError | Error | undefined>()
      let bytes = 0
      let isPaused = false
      connection.onClose(closed.resolve)
      connection.onData((chunk) => {
        assert.ok(!isPaused, 'nothing comes while it is paused')
        back.push(Buffer.from(chunk))
        bytes += chunk.length
        if (bytes === sent.length) all.resolve()
        isPaused = true
        connection.pause()
        setImmediate(() => {
          isPaused = false
          connection.resume()
        })
      })
      let lettingGo = 0
      for (let at = 0; at < sent.length; at += 300_000) connection.write(sent.subarray(at, at + 300_000), () => lettingGo++)
      await all.promise
      assert.ok(Buffer.concat(back).equals(sent))
      assert.equal(lettingGo, Math.ceil(sent.length / 300_000))
      connection.end()
      assert.equal(await closed.promise, undefined)
    })
  }

  it('is given up when nobody answers the handshake', async (t) => {
    const port = await listening(
      t,
      createServer((socket) => void socket.resume()),
    )
    await assert.rejects(
      secured(port, 50),
      (error) => error instanceof TlsError && error.fault === 'closed' && /within 50 ms/.test(error.message),
    )
  })

  it('is a failure of the network when it is cut', async (t) => {
    const server = createTlsServer({ key: pem('broker.pem'), cert: pem('broker.pem') }, (socket) => {
      socket.on('error', () => {})
      socket.once('data', () => socket.destroy())
    })
    const connection = await secured(await listening(t, server))
    const closed = new Promise((resolve) => connection.onClose(resolve))
    connection.onData(() => {})
    connection.write(Buffer.from('x'))
    await closed
  })
})
