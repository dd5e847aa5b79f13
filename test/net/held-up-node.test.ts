import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Server, type ServerOptions } from '../../src/net/index.ts'
import { scriptedHost } from './scripted.ts'
import { framed } from './stages.ts'

/** The clock of a node that can be held up, and the one client of its server. */
const heldUp = async (options: Partial<ServerOptions>) => {
  const { host, clock, connect } = scriptedHost()
  await Server.open(host, {
    listeners: [{ name: 'PLAINTEXT', securityProtocol: 'PLAINTEXT', host: 'localhost', port: 0 }],
    onFrame: (connection, frame) => connection.respond([framed(frame)]),
    ...options,
  })
  return { clock, client: connect() }
}

test('a client that spoke while the node was held up is no idle client', async () => {
  const { clock, client } = await heldUp({ idleMs: 400 })
  client.arrive(framed('first'))
  clock.jump(1000)
  // After the deadlines that were found to be over.
  client.arrive(framed('second'))
  clock.pass(399)
  assert.ok(!client.closed)
  assert.deepEqual(client.written, Buffer.concat([framed('first'), framed('second')]))
  clock.pass(1000)
  assert.ok(client.closed, 'it is one by now')
})

test('a client whose request was held up with the node is not given up, however often that happens', async () => {
  const { clock, client } = await heldUp({ halfFrameMs: 3000 })
  const frame = framed('a request')
  client.arrive(frame.subarray(0, 6))
  for (let times = 0; times < 3; times++) {
    clock.jump(10_000)
    client.arrive(Buffer.concat([frame.subarray(6), frame.subarray(0, 6)]))
    assert.ok(!client.closed, `held up ${times + 1} times`)
  }
  clock.pass(4000)
  assert.ok(client.closed)
})

test('a client that only drips when its time is over gains none', async () => {
  const { clock, client } = await heldUp({ halfFrameMs: 3000 })
  client.arrive(framed(Buffer.alloc(1000)).subarray(0, 6))
  for (let drops = 0; drops < 400; drops++) {
    clock.pass(10)
    client.arrive(Buffer.from('.'))
  }
  assert.ok(client.closed)
})
