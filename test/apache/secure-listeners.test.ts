import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Ran, run } from '../cli/run-command.ts'
import { storeAt } from '../security/stores.ts'
import { type ApacheKafka, startApacheKafka } from './apache-kafka.ts'
import { freePorts } from './free-port.ts'
import { withoutApache } from './kafka-home.ts'

const modules = 'org.apache.kafka.common.security'
const scram = (user: string, password: string): string =>
  `${modules}.scram.ScramLoginModule required username="${user}" password="${password}";`
const plain = (user: string, password: string): string =>
  `${modules}.plain.PlainLoginModule required username="${user}" password="${password}";`
const bearer = (subject: string): string =>
  `${modules}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="${subject}";`
const secret = 'alice, "her" = secret\\'
const quoted = secret.replaceAll('\\', '\\\\').replaceAll('"', '\\"')

type Listener = 'PLAINTEXT' | 'SSL' | 'MTLS' | 'SASL_SSL' | 'SASL_PLAINTEXT'
const protocols: Record<Listener, string> = {
  ...{ PLAINTEXT: 'PLAINTEXT', SSL: 'SSL', MTLS: 'SSL', SASL_SSL: 'SASL_SSL', SASL_PLAINTEXT: 'SASL_PLAINTEXT' },
}
const listeners = Object.keys(protocols) as Listener[]

describe('listeners of Apache Kafka with TLS and passwords', { skip: withoutApache }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'tkafka-secure-'))
  let kafka: ApacheKafka
  let ports: Record<Listener, number>
  before(async () => {
    const [controller, ...free] = await freePorts(listeners.length + 1)
    ports = Object.fromEntries(listeners.map((name, index) => [name, free[index]])) as typeof ports
    const addresses = listeners.map((name) => `${name}://localhost:${ports[name]}`).join(',')
    kafka = await startApacheKafka({
      folder,
      ports: [ports.PLAINTEXT, controller!],
      formatArguments: [
        '--add-scram',
        'SCRAM-SHA-256=[name=alice,password=alice-secret]',
        '--add-scram',
        'SCRAM-SHA-512=[name=bob,password=bob-secret]',
      ],
      properties: {
        listeners: `${addresses},CONTROLLER://127.0.0.1:${controller}`,
        'advertised.listeners': addresses,
        'listener.security.protocol.map': `${listeners.map((name) => `${name}:${protocols[name]}`).join(',')},CONTROLLER:PLAINTEXT`,
        'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
        'listener.name.sasl_plaintext.plain.sasl.jaas.config':
          `${modules}.plain.PlainLoginModule required user_alice="${quoted}";`.replaceAll('\\', '\\\\'),
        'listener.name.sasl_plaintext.scram-sha-256.sasl.jaas.config': `${modules}.scram.ScramLoginModule required;`,
        'listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config': `${modules}.scram.ScramLoginModule required;`,
        'listener.name.sasl_plaintext.scram-sha-512.connections.max.reauth.ms': 1500,
        'listener.name.sasl_plaintext.oauthbearer.sasl.jaas.config': bearer('broker'),
        'listener.name.sasl_ssl.sasl.enabled.mechanisms': 'SCRAM-SHA-256,SCRAM-SHA-512',
        'listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config': `${modules}.scram.ScramLoginModule required;`,
        'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config': `${modules}.scram.ScramLoginModule required;`,
        'listener.name.mtls.ssl.client.auth': 'required',
        'ssl.keystore.type': 'PKCS12',
        'ssl.keystore.location': storeAt('broker.p12'),
        'ssl.keystore.password': 'broker-secret',
        'ssl.truststore.type': 'PEM',
        'ssl.truststore.location': storeAt('trust.pem'),
      },
    })
  })
  after(async () => {
    await kafka?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  let files = 0
  const tkafka = (listener: Listener, properties: Record<string, string>, argv: readonly string[], stdin = ''): Promise<Ran> => {
    const file = join(folder, `client-${++files}.properties`)
    const all = { 'security.protocol': protocols[listener], 'bootstrap.servers': `localhost:${ports[listener]}`, ...properties }
    const text = Object.entries(all).map(([key, value]) => `${key}=${value.replaceAll('\\', '\\\\').replaceAll(/\r?\n/g, '\\n')}\n`)
    writeFileSync(file, text.join(''))
    return run([...argv, '-F', file], { stdin })
  }
  const trust = { 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': storeAt('trust.pem') }

  let topics = 0
  /** Creates, produces, consumes, lists: every connection that a tool may open. */
  const works = async (listener: Listener, properties: Record<string, string>): Promise<void> => {
    const topic = `secure-${++topics}`
    const done = async (argv: readonly string[], stdin?: string): Promise<string> => {
      const { code, stdout, stderr } = await tkafka(listener, properties, argv, stdin)
      assert.equal(code, 0, `${argv.join(' ')}: ${stdout}${stderr}`)
      assert.doesNotMatch(stderr, /no client setting/)
      return stdout
    }
    await done(['topics', 'create', topic, '-p', '2'])
    await done(['produce', topic], 'one\ntwo\n')
    assert.deepEqual((await done(['consume', topic, '-o', 'start', '-e'])).trim().split('\n').toSorted(), ['one', 'two'])
    assert.deepEqual((await done(['consume', topic, '-g', `group-${topic}`, '-o', 'start', '-n', '2'])).trim().split('\n').toSorted(), [
      'one',
      'two',
    ])
    assert.match(await done(['topics', 'list']), new RegExp(topic))
  }

  const stores: Record<string, Record<string, string>> = {
    'a trust store in PEM': trust,
    'certificates in the properties': {
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.certificates': readFileSync(storeAt('trust.pem'), 'utf8'),
    },
    'a trust store in JKS': { 'ssl.truststore.location': storeAt('trust.jks'), 'ssl.truststore.password': 'trust-secret' },
    'a trust store in PKCS12, and a cipher suite by name': {
      ...{ 'ssl.truststore.type': 'PKCS12', 'ssl.truststore.location': storeAt('trust.p12'), 'ssl.truststore.password': 'trust-secret' },
      'ssl.cipher.suites': 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
    },
  }
  for (const [what, properties] of Object.entries(stores)) it(`SSL, ${what}`, () => works('SSL', properties))

  const identities: Record<string, Record<string, string>> = {
    PEM: { 'ssl.keystore.type': 'PEM', 'ssl.keystore.location': storeAt('client-enciphered.pem'), 'ssl.key.password': 'key-secret' },
    JKS: { 'ssl.keystore.location': storeAt('client.jks'), 'ssl.keystore.password': 'client-secret', 'ssl.key.password': 'key-secret' },
    PKCS12: { 'ssl.keystore.type': 'PKCS12', 'ssl.keystore.location': storeAt('client.p12'), 'ssl.keystore.password': 'client-secret' },
  }
  for (const [what, properties] of Object.entries(identities))
    it(`SSL, a certificate of the client in ${what}`, () => works('MTLS', { ...trust, ...properties }))

  const logins: Record<string, readonly [Listener, Record<string, string>]> = {
    'PLAIN, with a password of many signs': ['SASL_PLAINTEXT', { 'sasl.mechanism': 'PLAIN', 'sasl.jaas.config': plain('alice', quoted) }],
    'SCRAM-SHA-256': ['SASL_PLAINTEXT', { 'sasl.mechanism': 'SCRAM-SHA-256', 'sasl.jaas.config': scram('alice', 'alice-secret') }],
    OAUTHBEARER: ['SASL_PLAINTEXT', { 'sasl.mechanism': 'OAUTHBEARER', 'sasl.jaas.config': bearer('carol') }],
    'SCRAM-SHA-256 in TLS': [
      'SASL_SSL',
      { ...trust, 'sasl.mechanism': 'SCRAM-SHA-256', 'sasl.jaas.config': scram('alice', 'alice-secret') },
    ],
    'SCRAM-SHA-512 in TLS': ['SASL_SSL', { ...trust, 'sasl.mechanism': 'SCRAM-SHA-512', 'sasl.jaas.config': scram('bob', 'bob-secret') }],
  }
  for (const [what, [listener, properties]] of Object.entries(logins)) it(`SASL, ${what}`, () => works(listener, properties))

  /** What a command says, and what the doctor finds. */
  const mistakes: Record<string, readonly [Listener, Record<string, string>, RegExp, RegExp]> = {
    'a wrong password of SCRAM': [
      'SASL_SSL',
      { ...trust, 'sasl.mechanism': 'SCRAM-SHA-256', 'sasl.jaas.config': scram('alice', 'hush-hush') },
      /refused the login: .*invalid credentials.*\[SASL_AUTHENTICATION_FAILED 58\]\n {2}See sasl\.mechanism and sasl\.jaas\.config/,
      /WRONG login of .*invalid credentials/,
    ],
    'a wrong password of PLAIN': [
      'SASL_PLAINTEXT',
      { 'sasl.mechanism': 'PLAIN', 'sasl.jaas.config': plain('alice', 'hush-hush') },
      /refused the login: Authentication failed: Invalid username or password \[SASL_AUTHENTICATION_FAILED 58\]/,
      /WRONG login of .*Invalid username or password/,
    ],
    'a mechanism that is not offered': [
      'SASL_SSL',
      { ...trust, 'sasl.mechanism': 'PLAIN', 'sasl.jaas.config': plain('alice', 'hush-hush') },
      /does not offer the SASL mechanism PLAIN, but SCRAM-SHA-\d+, SCRAM-SHA-\d+ \[UNSUPPORTED_SASL_MECHANISM 33\]\n {2}Set sasl\.mechanism/,
      /WRONG login of .*\n {2}The listener does not take this login\.\n {2}Set sasl\.mechanism/,
    ],
    'no mechanism, which means Kerberos': [
      'SASL_PLAINTEXT',
      {},
      /GSSAPI \(Kerberos\) is not offered.*\n.*set it to one of PLAIN/,
      /WRONG login of .*GSSAPI/,
    ],
    'SASL to a listener without it': [
      'PLAINTEXT',
      { 'security.protocol': 'SASL_PLAINTEXT', 'sasl.mechanism': 'PLAIN', 'sasl.jaas.config': plain('alice', 'hush-hush') },
      /takes no login \[ILLEGAL_SASL_STATE 34\]\n {2}The listener has no SASL: set security\.protocol to PLAINTEXT or SSL/,
      /WRONG login of .*takes no login\n.*\n {2}The listener has no SASL/,
    ],
    'no login at a listener that wants one': [
      'SASL_PLAINTEXT',
      { 'security.protocol': 'PLAINTEXT' },
      /closed the connection.*\n {2}.*may want TLS, or a login/,
      /WRONG kafka of .*\n {2}It speaks Kafka, and hangs up .*wants a login\.\n {2}Set security\.protocol=SASL_PLAINTEXT/,
    ],
    'TLS to a listener without it': [
      'PLAINTEXT',
      { 'security.protocol': 'SSL', ...trust },
      /no TLS with .*\n {2}Perhaps the listener has no TLS/,
      /WRONG tls of .*\n {2}The listener speaks Kafka without TLS.*\n {2}Set security\.protocol=PLAINTEXT/,
    ],
    'no TLS to a listener that has it': [
      'SSL',
      { 'security.protocol': 'PLAINTEXT' },
      /closed the connection.*\n {2}.*one with TLS \(then set security\.protocol/,
      /WRONG kafka of .*\n {2}The listener has TLS, and this client speaks without\.\n {2}Set security\.protocol=SSL/,
    ],
    'an authority that is not trusted': [
      'SSL',
      {},
      /certificate of CN=broker,O=tkafka \(issued by .*test authority.*\) is not trusted.*\n {2}.*ssl\.truststore\.location/,
      /WRONG tls of .*is not trusted.*\n {2}Nobody whom this client trusts.*\n {2}.*ssl\.truststore\.location/,
    ],
    'no certificate where one is wanted': [
      'MTLS',
      trust,
      /the peer wants to know who the client is.*\n {2}.*set ssl\.keystore\.location/,
      /WRONG tls of .*who the client is.*\n.*ssl\.client\.auth.*\n {2}.*ssl\.keystore\.location/,
    ],
  }
  for (const [what, [listener, properties, said, found]] of Object.entries(mistakes)) {
    it(`${what} is told for what it is`, async () => {
      const { code, stderr } = await tkafka(listener, properties, ['topics', 'list', '--timeout', '10s', '--verbose'])
      assert.equal(code, 1, stderr)
      assert.match(stderr, said)
      assert.doesNotMatch(stderr, /hush/)
      const doctor = await tkafka(listener, properties, ['cluster', 'doctor', '--timeout', '2s'])
      assert.equal(doctor.code, 3, doctor.stderr)
      assert.match(doctor.stdout, found)
      assert.doesNotMatch(doctor.stdout, /hush/)
    })
  }

  it('a session that ends is renewed on the same connection, without loss (KIP-368)', async () => {
    const login = { 'sasl.mechanism': 'SCRAM-SHA-512', 'sasl.jaas.config': scram('bob', 'bob-secret') }
    const topic = `secure-${++topics}`
    const { Producer, openAdmin } = await import('../../src/client/index.ts')
    const { nodeHost } = await import('../../src/host/node/index.ts')
    const { network, ...host } = nodeHost()
    let connections = 0
    const counted: typeof network = {
      ...network,
      connect: (options) => {
        connections++
        return network.connect(options)
      },
    }
    const config = { 'bootstrap.servers': `localhost:${ports.SASL_PLAINTEXT}`, 'security.protocol': 'SASL_PLAINTEXT', ...login }
    using admin = openAdmin({ ...host, network }, config)
    await admin.createTopics([{ name: topic, partitionCount: 1 }])
    await using producer = new Producer({ ...host, network: counted }, { ...config, 'linger.ms': 0 })
    const end = performance.now() + 5000
    let acknowledged = 0
    let before = 0
    while (performance.now() < end) {
      await producer.ready(topic)
      await new Promise<void>((resolve, reject) =>
        producer.send({ topic, value: Buffer.from('x') }, (error) => (error === null ? resolve() : reject(error))),
      )
      before ||= connections
      acknowledged++
    }
    assert.ok(acknowledged > 10)
    assert.equal(connections, before, 'no connection was opened again')
  })
})
