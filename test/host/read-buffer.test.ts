import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'

// A Node that moves its handles elsewhere would still work, at twice the cost: this is how we would hear of it.
test('both ends of a connection read into the one buffer that all sockets share', async () => {
  const { network } = nodeHost({ journal: silentJournal })
  const seen: ArrayBufferLike[] = []
  const listener = await network.listen({ host: '127.0.0.1', port: 0 }, (connection) =>
    connection.onData((chunk) => {
      seen.push(chunk.buffer)
      connection.write(Buffer.from('pong'))
    }),
  )
  const connection = await network.connect(listener.address)
  await new Promise<void>((resolve) => {
    connection.onData((chunk) => {
      seen.push(chunk.buffer)
      resolve()
    })
    connection.write(Buffer.from('ping'))
  })
  assert.equal(seen.length, 2)
  assert.equal(seen[0], seen[1])
  assert.equal(seen[0].byteLength, 256 * 1024)
  connection.destroy()
  await listener.close()
})
