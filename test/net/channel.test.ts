import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Lease } from '../../src/base/index.ts'
import type { Host } from '../../src/host/index.ts'
import { Channel, ChannelError, ChannelGround, FramePool, Server, type ServerOptions } from '../../src/net/index.ts'
import { framed, pass, rawClient, simulated, stages, until } from './stages.ts'

/** A request with room for its correlation id: api key, version, id, body. */
const request = (body: string): Buffer[] => [framed(Buffer.concat([Buffer.alloc(8), Buffer.from(body)]))]
/** An answer: the id of the request, then its body. */
const answer = (frame: Buffer): Buffer[] => [framed(frame.subarray(4))]
const fails =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof ChannelError && error.code === code

async function open(
  host: Host,
  onFrame: ServerOptions['onFrame'],
): Promise<{ server: Server; ground: ChannelGround; address: { host: string; port: number } }> {
  const server = await Server.open(host, { listeners: [{ name: 'L', securityProtocol: 'PLAINTEXT', host: 'localhost', port: 0 }], onFrame })
  return { server, ground: new ChannelGround(host), address: server.address('L') ?? assert.fail() }
}

for (const stage of stages) {
  describe(`a channel ${stage.name}`, () => {
    test('gives each of many requests in flight its own answer', () =>
      stage.run(async (host) => {
        const { server, ground, address } = await open(
          host,
          (connection, frame) => void host.clock.after(frame[8] % 2, () => connection.respond(answer(frame))),
        )
        const channel = await Channel.open(ground, { address })
        const answers = await Promise.all(Array.from({ length: 50 }, (_, number) => channel.send(request(`body ${number}`))))
        for (const [number, frame] of answers.entries()) assert.equal(frame.subarray(4).toString(), `body ${number}`)
        const late = channel.send(request('last'))
        channel.close()
        await assert.rejects(channel.send(request('more')), fails('closed'))
        assert.equal((await late).subarray(4).toString(), 'last')
        await until(host, () => server.connections.size === 0)
        await server.close()
        ground.close()
      }))

    test('refuses more requests in flight than its limit, and tells all of them when the peer goes', () =>
      stage.run(async (host) => {
        const { server, ground, address } = await open(host, () => {})
        let ended: ChannelError | undefined
        const channel = await Channel.open(ground, { address, inFlightMax: 2, onClose: (error) => (ended = error) })
        const waiting = [channel.send(request('a')), channel.send(request('b'))].map((each) => assert.rejects(each, fails('closed')))
        await assert.rejects(channel.send(request('c')), fails('busy'))
        assert.equal(channel.inFlightCount, 2)
        await server.destroy()
        await Promise.all(waiting)
        assert.equal(ended?.code, 'closed')
        assert.equal(channel.open, false)
        assert.throws(() => channel.post(request('d')), fails('closed'))
        ground.close()
      }))

    test('ends when the peer answers what was not asked, or speaks something else', () =>
      stage.run(async (host) => {
        for (const bytes of [framed(Buffer.from([0, 0, 0, 9])), framed('abc'), Buffer.from('HTTP/1.1 400 Bad Request')]) {
          const listener = await host.network.listen({ host: 'localhost', port: 0 }, (stream) => stream.onData(() => stream.write(bytes)))
          const ground = new ChannelGround(host)
          const channel = await Channel.open(ground, { address: listener.address, frameBytesMax: 1 << 20 })
          await assert.rejects(channel.send(request('x')), fails('garbage'))
          await listener.close()
          ground.close()
        }
      }))
  })
}

test('memory of an answer is used again once its lease is released, and not before', () =>
  simulated(async (host) => {
    const { server, ground, address } = await open(host, (connection, frame) => connection.respond(answer(frame)))
    ground.close()
    const frames = new FramePool()
    const pooled = new ChannelGround(host, frames)
    const channel = await Channel.open(pooled, { address })
    const leases: Lease[] = []
    const ask = (letter: string): Promise<Buffer> => channel.send(request(letter.repeat(300_000)), 1000, (lease) => leases.push(lease))
    const first = await ask('a')
    const second = await ask('b')
    assert.notEqual(second.buffer, first.buffer)
    assert.equal(first.toString('latin1', 4), 'a'.repeat(300_000))
    leases[0]!.release()
    const third = await ask('c')
    assert.equal(third.buffer, first.buffer)
    assert.equal(second.toString('latin1', 4), 'b'.repeat(300_000))
    channel.close()
    await server.close()
    pooled.close()
  }))

test('a request that is not answered in time ends the channel and all that is in flight', () =>
  simulated(async (host) => {
    const { server, ground, address } = await open(host, (connection, frame) => {
      if (frame.subarray(8).toString() === 'prompt') connection.respond(answer(frame))
    })
    const channel = await Channel.open(ground, { address })
    for (let round = 0; round < 5; round++) {
      await channel.send(request('prompt'), 1000)
      await pass(host, 900)
    }
    const startMs = host.clock.monotonic()
    const long = assert.rejects(channel.send(request('never'), 5000), fails('timeout'))
    await assert.rejects(channel.send(request('never'), 2000), fails('timeout'))
    await long
    const tookMs = host.clock.monotonic() - startMs
    assert.ok(tookMs >= 2000 && tookMs <= 2150, `${tookMs} ms`)
    await server.close()
    ground.close()
  }))

test('a request without an answer leaves the order of the others alone', () =>
  simulated(async (host) => {
    const { server, ground, address } = await open(host, (connection, frame) =>
      connection.respond(frame.subarray(8).toString() === 'acks=0' ? undefined : answer(frame)),
    )
    const channel = await Channel.open(ground, { address })
    const first = channel.send(request('one'))
    channel.post(request('acks=0'))
    const second = channel.send(request('two'))
    assert.equal((await first).subarray(4).toString(), 'one')
    assert.equal((await second).subarray(4).toString(), 'two')
    await server.close()
    ground.close()
    await assert.rejects(rawClient(host, address))
  }))

test('a peer that does not read cannot hold up a close', () =>
  simulated(async (host) => {
    const { server, ground, address } = await open(host, () => {})
    let ended: ChannelError | undefined
    const channel = await Channel.open(ground, { address, requestTimeoutMs: 3000, onClose: (error) => (ended = error) })
    for (let n = 0; n < 100; n++) channel.post(request('x'.repeat(50_000)))
    channel.close()
    ground.close()
    await pass(host, 2900)
    assert.equal(ended, undefined)
    await pass(host, 200)
    assert.equal((ended as ChannelError | undefined)?.code, 'timeout')
    await server.destroy()
  }))
