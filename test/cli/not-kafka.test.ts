import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { run } from './run-command.ts'

/** Something on a free port that is no broker, and the connections that it has. */
async function listener(t: TestContext, behave: (socket: Socket) => void): Promise<{ server: string; sockets: Set<Socket> }> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    behave(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { server: `127.0.0.1:${(server.address() as AddressInfo).port}`, sockets }
}

const silent = (socket: Socket): void => void socket.resume()
const http = (socket: Socket): void => void socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
const closing = (socket: Socket): void => void socket.once('data', () => socket.destroy())
const tls = (socket: Socket): void => void socket.once('data', () => socket.end(Buffer.from('15030300020232', 'hex')))

const commands = [
  ['topics', 'list'],
  ['topics', 'create', 'orders'],
  ['topics', 'delete', 'orders', '--yes'],
  ['groups', 'describe', 'billing'],
  ['configs', 'describe', 'brokers', '1'],
  ['cluster', 'id'],
  ['consume', 'orders', '-e'],
  ['consume', 'orders', '-g', 'billing', '-e'],
  ['produce', 'orders'],
]

const peers = {
  silent: [silent, /no answer within 300 ms/],
  'a web server': [http, /an HTTP answer/],
  closing: [closing, /closed the connection/],
  TLS: [tls, /TLS/],
} as const

describe('a port where no broker listens', () => {
  for (const [index, argv] of commands.entries()) {
    for (const [what, [behave, said]] of Object.entries(peers)) {
      if (what !== 'silent' && index > 0) continue
      it(`${argv.join(' ')}, ${what}: ends with --timeout, says what is there and what to try`, async (t) => {
        const { server, sockets } = await listener(t, behave)
        const startedMs = performance.now()
        // Those that say something end it themselves.
        const timeout = what === 'silent' ? '300ms' : '10s'
        const { code, stderr } = await run([...argv, '-b', server, '--timeout', timeout], { stdin: 'a\n' })
        assert.ok(performance.now() - startedMs < 15_000, `${performance.now() - startedMs} ms`)
        assert.equal(code, 1, stderr)
        assert.match(stderr, new RegExp(`something listens at ${server} but does not speak Kafka: `))
        assert.match(stderr, said)
        assert.match(
          stderr,
          /\n {2}(.*(no Kafka listener, or one with TLS).*listeners of the broker|The listener has TLS: set security\.protocol)/,
        )
        // Nothing is left that would keep the process.
        await Promise.all([...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))))
      })
    }
  }
})
