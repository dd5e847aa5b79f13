import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Host } from '../../src/host/index.ts'
import { type ListenerOptions, Server, type ServerConnection, type ServerOptions } from '../../src/net/index.ts'
import { framed, pass, rawClient, simulated, stages, until } from './stages.ts'

const plain: ListenerOptions = { name: 'PLAINTEXT', securityProtocol: 'PLAINTEXT', host: 'localhost', port: 0 }
const echo = (connection: ServerConnection, frame: Buffer): void => connection.respond([framed(frame)])

async function open(
  host: Host,
  options: Partial<ServerOptions> = {},
): Promise<{ server: Server; address: { host: string; port: number } }> {
  const server = await Server.open(host, { listeners: [plain], onFrame: echo, ...options })
  const address = server.address(options.listeners?.[0].name ?? 'PLAINTEXT')
  assert.ok(address)
  return { server, address }
}

for (const stage of stages) {
  const spec = (name: string, act: (host: Host) => Promise<void>): void => void test(name, () => stage.run(act))

  describe(`a server ${stage.name}`, () => {
    spec('answers pipelined requests one at a time and in order, however long each takes', async (host) => {
      let inProgress = 0
      const { server, address } = await open(host, {
        onFrame: (connection, frame) => {
          assert.equal(++inProgress, 1, 'one request in progress')
          const answer = (): void => {
            inProgress--
            connection.respond([framed(frame)])
          }
          const number = Number(frame)
          if (number % 3 === 0) answer()
          else if (number % 3 === 1) queueMicrotask(answer)
          else host.clock.after(number % 5, answer)
        },
      })
      const client = await rawClient(host, address)
      const expected = Buffer.concat(Array.from({ length: 200 }, (_, number) => framed(String(number))))
      client.stream.write(expected)
      await until(host, () => client.bytes >= expected.length)
      assert.ok(client.received.equals(expected))
      await server.close()
    })

    spec('sends nothing for a request without an answer, and goes on', async (host) => {
      const { server, address } = await open(host, {
        onFrame: (connection, frame) => connection.respond(frame.toString() === 'acks=0' ? undefined : [framed('answer')]),
      })
      const client = await rawClient(host, address)
      client.stream.write(Buffer.concat([framed('acks=0'), framed('acks=0'), framed('acks=1')]))
      await until(host, () => client.bytes > 0)
      assert.ok(client.received.equals(framed('answer')))
      await server.close()
    })

    spec('tells whoever still works on a request that its client is gone, and nobody whose request was answered', async (host) => {
      const told: string[] = []
      const { server, address } = await open(host, {
        onFrame: (connection, frame) => {
          connection.whenGone(() => told.push(frame.toString()))
          if (frame.toString() === 'quick') connection.respond([framed('answer')])
        },
      })
      const client = await rawClient(host, address)
      client.stream.write(framed('quick'))
      await until(host, () => client.bytes > 0)
      client.stream.write(framed('slow'))
      const [connection] = server.connections
      await until(host, () => connection!.busy)
      client.stream.destroy()
      await until(host, () => server.connections.size === 0)
      assert.deepEqual(told, ['slow'])
      connection!.whenGone(() => told.push('late'))
      assert.deepEqual(told, ['slow', 'late'], 'at once when it is gone already')
      await server.close()
    })

    spec('streams parts of files between parts in memory, read at once or later', async (host) => {
      const released: string[] = []
      const file = Buffer.alloc(1_500_000)
      for (let at = 0; at < file.length; at++) file[at] = at * 7 + (at >> 8)
      const source = (name: string, bytes: number, later: boolean) => ({
        bytes,
        read: (into: Buffer, position: number) => {
          // Now and then less than asked for.
          const count = file.copy(into, 0, position, Math.min(bytes, position + Math.max(1, into.length - (position % 3))))
          return later ? Promise.resolve(count) : count
        },
        release: () => void released.push(name),
      })
      const { server, address } = await open(host, {
        onFrame: (connection) => {
          const bodyBytes = 5 + 1_500_000 + 3 + 0 + 777
          const size = Buffer.alloc(9, 'h')
          size.writeInt32BE(bodyBytes)
          connection.respond([size, source('a', 1_500_000, true), Buffer.from('mid'), source('b', 0, false), source('c', 777, false)])
        },
      })
      const client = await rawClient(host, address)
      client.stream.write(Buffer.concat([framed('1'), framed('2')]))
      const bytes = 9 + 1_500_000 + 3 + 777
      await until(host, () => client.bytes >= 2 * bytes)
      const one = Buffer.concat([client.received.subarray(0, 4), Buffer.alloc(5, 'h'), file, Buffer.from('mid'), file.subarray(0, 777)])
      assert.ok(client.received.equals(Buffer.concat([one, one])))
      assert.deepEqual(released, ['a', 'b', 'c', 'a', 'b', 'c'])
      await until(host, () => server.buffers.outCount === 0)
      await server.close()
    })

    spec('closes a connection whose file turns out shorter than announced, and releases it', async (host) => {
      let released = 0
      const { server, address } = await open(host, {
        onFrame: (connection) => {
          const size = Buffer.alloc(4)
          size.writeInt32BE(2000)
          connection.respond([
            size,
            { bytes: 1000, read: () => 0, release: () => released++ },
            { bytes: 1000, read: () => assert.fail(), release: () => released++ },
          ])
        },
      })
      const client = await rawClient(host, address)
      client.stream.write(framed('x'))
      await until(host, () => client.closed)
      assert.equal(released, 2)
      await server.close()
    })

    spec('gives all buffers back, and slow readers of files get small ones', async (host) => {
      const { server, address } = await open(host, {
        onFrame: (connection) => {
          const size = Buffer.alloc(4)
          size.writeInt32BE(20 << 20)
          connection.respond([size, { bytes: 20 << 20, read: (into) => into.fill('f').length }])
        },
      })
      const clients = await Promise.all(Array.from({ length: 50 }, () => rawClient(host, address)))
      for (const client of clients) {
        client.stream.pause()
        client.stream.write(framed('fetch'))
      }
      await until(host, () => server.buffers.outCount >= 50)
      assert.equal(server.buffers.nextBytes, 64 * 1024)
      for (const client of clients.slice(2)) client.stream.destroy()
      for (const client of clients.slice(0, 2)) client.stream.resume()
      await until(host, () => clients[0].bytes + clients[1].bytes === 2 * (4 + (20 << 20)), 20_000)
      await until(host, () => server.buffers.outCount === 0)
      await server.close()
    })

    spec('takes up no more requests of a client that does not read its answers, and loses none', async (host) => {
      let handled = 0
      const answer = framed(Buffer.alloc(100_000, 'a'))
      const { server, address } = await open(host, {
        onFrame: (connection) => {
          handled++
          connection.respond([answer])
        },
      })
      const client = await rawClient(host, address)
      client.stream.pause()
      const requests = 500
      client.stream.write(Buffer.concat(Array.from({ length: requests }, () => framed('more'))))
      await until(host, () => handled > 5)
      let before = -1
      while (before !== handled) {
        before = handled
        await pass(host, 50)
      }
      // What kernels hold on loopback and one mark of ours: far from 50 MB.
      assert.ok(handled < 200, `${handled} requests taken up`)
      client.stream.resume()
      await until(host, () => client.bytes >= requests * answer.length, 20_000)
      assert.equal(handled, requests)
      await server.close()
    })

    spec('stops reading behind a request in progress', async (host) => {
      let release = (): void => {}
      const { server, address } = await open(host, {
        onFrame: (connection, frame) => {
          release = () => connection.respond([framed(String(frame.length))])
        },
      })
      const client = await rawClient(host, address)
      client.stream.write(framed('slow'))
      await until(host, () => server.connections.size === 1 && [...server.connections][0].busy)
      client.stream.write(framed(Buffer.alloc(40 << 20)))
      await pass(host, 100)
      assert.ok(client.stream.queuedBytes > 0, 'the client is pushed back')
      release()
      await until(host, () => client.stream.queuedBytes === 0, 20_000)
      await until(host, () => [...server.connections][0].busy)
      release()
      await until(host, () => client.bytes > 8)
      assert.ok(client.received.subarray(5).equals(framed(String(40 << 20))))
      await server.close()
    })

    spec('refuses what is no request and serves the others', async (host) => {
      const { server, address } = await open(host, { frameBytesMax: 1000 })
      for (const bytes of [
        Buffer.from('GET / HTTP/1.1\r\n\r\n'),
        Buffer.from([0x7f, 0, 0, 0]),
        Buffer.from([0xff, 0, 0, 0]),
        Buffer.from([0x16, 3, 1, 2]),
      ]) {
        const bad = await rawClient(host, address)
        bad.stream.write(bytes)
        await until(host, () => bad.closed)
        assert.equal(bad.bytes, 0)
      }
      const good = await rawClient(host, address)
      good.stream.write(framed(''))
      good.stream.write(framed('ok'))
      await until(host, () => good.bytes >= 10)
      assert.equal(server.counts.failed, 4)
      await server.close()
    })

    spec('keeps to the limits of connections: total, per listener, per address', async (host) => {
      const { server, address } = await open(host, { connectionsMax: 3 })
      const clients = [await rawClient(host, address), await rawClient(host, address), await rawClient(host, address)]
      await until(host, () => server.connections.size === 3)
      const fourth = await rawClient(host, address)
      await until(host, () => fourth.closed)
      clients[0].stream.destroy()
      await until(host, () => server.connections.size === 2)
      const fifth = await rawClient(host, address)
      fifth.stream.write(framed('in'))
      await until(host, () => fifth.bytes > 0)
      server.counts.limits = { connectionsMax: 100, perIpMax: 2, perIpOverrides: new Map() }
      const sixth = await rawClient(host, address)
      await until(host, () => sixth.closed)
      server.counts.limits = { connectionsMax: 100, perIpMax: 2, perIpOverrides: new Map([[[...server.connections][0].remote.host, 4]]) }
      const seventh = await rawClient(host, address)
      seventh.stream.write(framed('in'))
      await until(host, () => seventh.bytes > 0)
      await server.close()
      assert.deepEqual([server.counts.total, server.counts.refused, server.counts.accepted], [0, 2, 5])
    })

    spec('answers what is in progress when it closes, and takes no new clients', async (host) => {
      const { server, address } = await open(host, {
        onFrame: (connection, frame) => void host.clock.after(50, () => connection.respond([framed(frame)])),
      })
      const client = await rawClient(host, address)
      const idle = await rawClient(host, address)
      client.stream.write(Buffer.concat([framed('last'), framed('too late')]))
      await until(host, () => [...server.connections].some((connection) => connection.busy))
      await server.close()
      await until(host, () => client.closed && idle.closed)
      assert.ok(client.received.equals(framed('last')))
      await assert.rejects(rawClient(host, address))
    })

    spec('a handler that throws costs its connection, not the server', async (host) => {
      const { server, address } = await open(host, {
        onFrame: (connection, frame) => {
          if (frame.toString() === 'bug') throw new Error('a bug')
          echo(connection, frame)
        },
      })
      const client = await rawClient(host, address)
      client.stream.write(framed('bug'))
      await until(host, () => client.closed)
      const other = await rawClient(host, address)
      other.stream.write(framed('fine'))
      await until(host, () => other.bytes === 8)
      await server.destroy()
      await until(host, () => other.closed)
    })
  })
}

describe('deadlines of a server', () => {
  test('an idle client is closed, one that speaks or waits for its answer is not', () =>
    simulated(async (host) => {
      const closed: number[] = []
      const { server, address } = await open(host, {
        idleMs: 10_000,
        onFrame: (connection, frame) => {
          if (frame.toString() === 'wait') host.clock.after(60_000, () => connection.respond([framed(frame)]))
          else echo(connection, frame)
        },
        onClose: (connection) => closed.push(connection.number),
      })
      await rawClient(host, address)
      const speaking = await rawClient(host, address)
      const waiting = await rawClient(host, address)
      waiting.stream.write(framed('wait'))
      for (let round = 0; round < 8; round++) {
        speaking.stream.write(framed('hello'))
        await pass(host, 5000)
        assert.deepEqual(closed, round < 2 ? [] : [0])
      }
      await pass(host, 21_000)
      assert.ok(waiting.received.equals(framed('wait')))
      await pass(host, 10_000)
      assert.deepEqual([server.connections.size, server.counts.idleClosed], [0, 3])
      await server.close()
    }))

  test('a frame that does not go on is given up, a large one that comes slowly but steadily is not', () =>
    simulated(async (host) => {
      const { server, address } = await open(host)
      const loris = await rawClient(host, address)
      const steady = await rawClient(host, address)
      const frame = framed(Buffer.alloc(8 << 20, 's'))
      loris.stream.write(framed('0123456789').subarray(0, 3))
      let at = 0
      for (let second = 0; second < 64; second++) {
        const count = Math.ceil(frame.length / 64)
        steady.stream.write(frame.subarray(at, at + count))
        at += count
        if (!loris.closed && second % 10 === 9) loris.stream.write(Buffer.from('x'))
        await pass(host, 1000)
        if (second === 28) assert.equal(loris.closed, false)
        if (second === 31) assert.equal(loris.closed, true)
      }
      await until(host, () => steady.bytes === frame.length, 5000)
      await server.close()
    }))

  test('a throttled client waits, and nobody else', () =>
    simulated(async (host) => {
      const { server, address } = await open(host, {
        onFrame: (connection, frame) => {
          if (frame.toString() === 'greedy') connection.mute(2000)
          echo(connection, frame)
        },
      })
      const greedy = await rawClient(host, address)
      const other = await rawClient(host, address)
      greedy.stream.write(Buffer.concat([framed('greedy'), framed('again!')]))
      await pass(host, 1900)
      other.stream.write(framed('hello'))
      await until(host, () => other.bytes === 9, 50)
      assert.equal(greedy.bytes, 10)
      await until(host, () => greedy.bytes === 20, 200)
      await server.close()
    }))

  test('a client that does not read cannot hold up a close', () =>
    simulated(async (host) => {
      const { server, address } = await open(host, { onFrame: (connection) => connection.respond([framed(Buffer.alloc(4 << 20))]) })
      const client = await rawClient(host, address)
      client.stream.pause()
      client.stream.write(framed('x'))
      await pass(host, 100)
      const startMs = host.clock.monotonic()
      await server.close(60_000)
      assert.ok(host.clock.monotonic() - startMs < 6000)
    }))

  test('at the total limit a protected listener takes the place of the quietest client of another', () =>
    simulated(async (host) => {
      const closed: number[] = []
      const { server, address } = await open(host, {
        connectionsMax: 2,
        listeners: [plain, { ...plain, name: 'CONTROLLER', protected: true }],
        onClose: (connection) => closed.push(connection.number),
      })
      const quiet = await rawClient(host, address)
      const lively = await rawClient(host, address)
      await pass(host, 10)
      lively.stream.write(framed('x'))
      await pass(host, 10)
      const broker = await rawClient(host, server.address('CONTROLLER') ?? assert.fail())
      broker.stream.write(framed('let me in'))
      await until(host, () => broker.bytes > 0 && quiet.closed)
      assert.deepEqual([closed, lively.closed], [[0], false])
      await server.close()
    }))
})
