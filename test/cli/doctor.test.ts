import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { after, before, describe, it, type TestContext } from 'node:test'
import { createServer as createTlsServer } from 'node:tls'
import { type Host, silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import type { Finding } from '../../src/ops/index.ts'
import { runBroker } from '../broker/broker-fixture.ts'
import { storeAt } from '../security/stores.ts'
import { openCluster, type TestCluster } from './cluster-fixture.ts'
import { type RunOptions, run } from './run-command.ts'

const doctor = ['cluster', 'doctor', '--disk-full', '100']
/** Where somebody will not answer. */
const soon = ['--timeout', '1s']

async function findings(argv: readonly string[], options: RunOptions = {}): Promise<{ code: number; items: Finding[] }> {
  const { code, stdout, stderr } = await run([...doctor, ...argv, '--json'], options)
  assert.notEqual(stdout, '', stderr)
  return { code, items: JSON.parse(stdout).items }
}
const wrong = (items: readonly Finding[]): Finding[] => items.filter(({ state }) => state === 'wrong')

async function listening(t: TestContext, server: Server): Promise<string> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('the doctor of a cluster that is well', () => {
  let cluster: TestCluster
  before(async () => {
    cluster = await openCluster()
  })
  after(() => cluster.close())

  it('says so, step by step', async () => {
    const { code, items } = await findings(['-b', cluster.server])
    assert.deepEqual([code, items.filter(({ state }) => state !== 'ok')], [0, []])
    assert.deepEqual(
      [...new Set(items.map(({ check }) => check))],
      [
        'tcp',
        'kafka',
        'advertised',
        'versions',
        'features',
        'clock',
        'disks',
        'quorum',
        'brokers',
        'offline',
        'under-min-isr',
        'under-replicated',
      ],
    )
    assert.match((await run([...doctor, '-b', cluster.server])).stdout, /^SOUND\nCHECK +OF +STATE +FOUND\ntcp /)
  })

  it('tells of one address of several that leads nowhere', async () => {
    const { code, items } = await findings(['-b', `127.0.0.1:1,${cluster.server}`])
    assert.equal(code, 3)
    assert.deepEqual(
      wrong(items).map(({ check, of, found }) => [check, of, found]),
      [['tcp', '127.0.0.1:1', 'connection refused']],
    )
  })

  it('tells of a clock that is wrong, and of a disk that is full', async () => {
    const real = nodeHost({ journal: silentJournal })
    const late: Host = { ...real, clock: { ...real.clock, now: () => real.clock.now() - 60_000 } }
    const [clock] = wrong((await findings(['-b', cluster.server], { host: late })).items)
    assert.match(`${clock!.check} ${clock!.found}`, /^clock (5\d|60)\d{3} ms ahead of this machine$/)
    const full = await run(['cluster', 'doctor', '-b', cluster.server, '--disk-full', '1'])
    assert.equal(full.code, 3)
    assert.match(
      full.stdout,
      /\nWRONG disks of broker \d+: \S+ \d+ % full, \d+ MiB left\n {2}A broker whose disk is full .*\n {2}Shorten retention/,
    )
  })

  it('tells a client that wants TLS, or a login, that the listener has none', async () => {
    const [tls] = wrong((await findings(['-b', cluster.server, '-X', 'security.protocol=SSL'])).items)
    assert.deepEqual([tls!.check, tls!.cause], ['tls', 'The listener speaks Kafka without TLS, and this client wants TLS.'])
    assert.match(tls!.next!, /security\.protocol=PLAINTEXT/)
    const jaas = 'sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="p";'
    const login = ['-X', 'security.protocol=SASL_PLAINTEXT', '-X', 'sasl.mechanism=PLAIN', '-X', jaas]
    const [refused] = wrong((await findings(['-b', cluster.server, ...login])).items)
    assert.equal(refused!.check, 'login')
    assert.match(refused!.next!, /no SASL: set security\.protocol to PLAINTEXT/)
  })
})

describe('the doctor of what cannot be reached', () => {
  it('a name that does not resolve', async () => {
    const real = nodeHost({ journal: silentJournal })
    const host: Host = { ...real, network: { ...real.network, lookup: async () => [] } }
    const { code, items } = await findings(['-b', 'no-such-broker:9092'], { host })
    assert.deepEqual([code, items.map(({ check, state }) => [check, state])], [3, [['dns', 'wrong']]])
    assert.match(items[0]!.next!, /bootstrap\.servers, or have DNS/)
  })

  it('a name of which nobody tells anything', async () => {
    const real = nodeHost({ journal: silentJournal })
    const host: Host = { ...real, network: { ...real.network, lookup: () => new Promise(() => {}) } }
    const { code, items } = await findings(['-b', 'slow-to-tell:9092', '--timeout', '200ms'], { host })
    assert.deepEqual([code, items.map(({ check, found }) => [check, found])], [3, [['dns', 'no answer within 200 ms']]])
    assert.match(`${items[0]!.cause} ${items[0]!.next}`, /DNS servers .* do not answer.*resolv\.conf/)
  })

  it('a port at which nothing listens', async () => {
    const { stdout, code } = await run([...doctor, '-b', '127.0.0.1:1'])
    assert.equal(code, 3)
    assert.match(
      stdout,
      /^1 WRONG\n(.*\n)+\nWRONG tcp of 127\.0\.0\.1:1: connection refused\n {2}The machine is there, and nothing listens.*\n {2}Is the broker running\?/,
    )
  })

  it('a listener of a controller', async () => {
    await using node = await runBroker()
    const { port } = node.broker.address('CONTROLLER')!
    const [fault, ...others] = wrong((await findings(['-b', `127.0.0.1:${port}`])).items)
    assert.deepEqual([fault!.check, others], ['kafka', []])
    assert.match(fault!.cause!, /the listener is that of a controller/)
    assert.match(fault!.next!, new RegExp(`tkafka cluster quorum status --bootstrap-controller 127\\.0\\.0\\.1:${port}`))
  })

  it('a broker that advertises an address at which nothing listens', async () => {
    await using broker = await runBroker({ 'advertised.listeners': 'PLAINTEXT://127.0.0.1:1' })
    // What is advertised counts as soon as the port of the listener is known.
    await broker.restart()
    const { code, items } = await findings(['-b', broker.bootstrap])
    assert.equal(code, 3)
    const [advertised] = wrong(items)
    assert.match(
      `${advertised!.check} of ${advertised!.of}: ${advertised!.found}`,
      /^advertised of broker \d+: advertised at 127\.0\.0\.1:1: connection refused$/,
    )
    assert.match(advertised!.next!, /advertised\.listeners of broker \d+/)
  })

  it('a broker that advertises the address of another', async () => {
    await using one = await runBroker()
    await using other = await runBroker({ 'node.id': '2', 'advertised.listeners': `PLAINTEXT://${one.bootstrap}` })
    await other.restart()
    const [identity] = wrong((await findings(['-b', other.bootstrap])).items)
    assert.equal(identity!.check, 'identity')
    assert.match(identity!.found, /where another broker answers: Unexpected broker id, expected 1/)
  })

  const peers: Readonly<Record<string, readonly [make: () => Server, said: RegExp]>> = {
    'a web server': [
      () => createServer((socket) => void socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))),
      /^kafka .*A web server listens there/,
    ],
    'a listener with TLS': [
      () => {
        const pem = readFileSync(storeAt('broker.pem'), 'utf8')
        const server = createTlsServer({ key: pem, cert: pem }, (socket) => void socket.on('error', () => {}))
        return server.on('tlsClientError', () => {})
      },
      /^kafka .*The listener has TLS, and this client speaks without\. Set security\.protocol=SSL/,
    ],
    'somebody who says nothing': [
      () => createServer((socket) => void socket.resume()),
      /^kafka .*takes connections there and says nothing/,
    ],
    'somebody who hangs up': [
      () => createServer((socket) => void socket.once('data', () => socket.destroy())),
      /^kafka .*hangs up: a load balancer/,
    ],
    'another protocol': [
      () => createServer((socket) => void socket.write('SSH-2.0-OpenSSH_9\r\n')),
      /^kafka .*Something listens there that is no broker/,
    ],
  }
  for (const [what, [make, said]] of Object.entries(peers)) {
    it(`${what} in the place of a broker`, async (t) => {
      const { code, items } = await findings(['-b', await listening(t, make()), ...(what.includes('nothing') ? soon : [])])
      const [fault] = wrong(items)
      assert.equal(code, 3)
      assert.match(`${fault!.check} ${fault!.cause} ${fault!.next}`, said)
    })
  }
})

describe('sizes that are none', () => {
  for (const [size, bytes, said] of [
    ['1347375956', 'POST', /an HTTP client/],
    ['1195725856', 'GET', /an HTTP client/],
    ['1213486160', 'HTTP', /an HTTP server/],
    ['369295617', '16030101', /a TLS client on a listener without TLS/],
    ['352518912', '15030300', /a listener with TLS that a client speaks to without/],
    ['1397966893', 'SSH-', /an SSH server/],
    ['-720899', 'fff4fffd', /no size/],
    ['200000000', '0bebc200', /larger than allowed/],
  ] as const) {
    it(`${size} is ${bytes}`, async () => {
      const { code, stdout } = await run(['cluster', 'doctor', '--size', size])
      assert.equal(code, 0)
      assert.ok(stdout.startsWith(`${size} is "${bytes}": `), stdout)
      assert.match(stdout, said)
    })
  }
})
