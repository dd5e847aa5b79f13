import assert from 'node:assert/strict'
import { test } from 'node:test'
import { zeroUuid } from '../../src/base/index.ts'
import { Apis, requestFrame } from '../../src/protocol/index.ts'
import { AlterPartitionRequest } from '../../src/protocol/messages/alter-partition.ts'
import { type PageFate, type SimHost, World } from '../../src/sim/index.ts'
import type { ReplicaView } from './invariants/index.ts'
import { NetworkFaults } from './nemesis/network-faults.ts'
import { isWithdrawnProposal } from './nemesis/withdrawn-proposals.ts'

const pageBytes = 4096
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

/** Two pages of `a` that are durable, then both of `b`, which are not. */
const written = async (host: SimHost): Promise<void> => {
  const file = await host.disk.open('/f', 'create')
  await host.disk.syncDirectory('/')
  await file.write([Buffer.alloc(2 * pageBytes, 'a')], 0)
  await file.sync()
  await file.write([Buffer.alloc(pageBytes, 'b'), Buffer.alloc(pageBytes, 'c')], 0)
}

const afterCrash = async (fateOf: (page: number) => PageFate): Promise<string> => {
  const world = new World()
  const host = world.host('a')
  await world.run(() => written(host))
  world.crash('a', ({ page }) => (page === undefined ? true : fateOf(page)))
  const again = world.host('a')
  return text(await world.run(() => again.disk.readFile('/f')))
}

const a = 'a'.repeat(pageBytes)
const b = 'b'.repeat(pageBytes)
const c = 'c'.repeat(pageBytes)

test('of a page that was being written a crash leaves some sectors, or noise, or what was meant for another', async () => {
  assert.equal(await afterCrash(() => false), a + a)
  assert.equal(await afterCrash(() => true), b + c)
  assert.equal(await afterCrash((page) => (page === 0 ? 0b11 : true)), `${'b'.repeat(1024)}${'a'.repeat(3072)}${c}`)
  assert.equal(await afterCrash((page) => (page === 1 ? 'misplaced' : false)), a + b)
  const garbled = await afterCrash((page) => (page === 0 ? 'garbled' : false))
  assert.equal(garbled.slice(0, 2048) + garbled.slice(2560), 'b'.repeat(pageBytes - 512) + a)
  assert.ok(!garbled.includes('b'.repeat(2049)), 'a sector holds something else')
})

test('a process that dies leaves to the next one what it wrote, and the machine may lose it still', async () => {
  const world = new World()
  await world.run(() => written(world.host('a')))
  assert.equal(text(world.storage('a')!.durable('/f')!), a + a)
  world.kill('a')
  const second = world.host('a')
  assert.equal(text(await world.run(() => second.disk.readFile('/f'))), b + c)
  world.crash('a')
  const third = world.host('a')
  assert.equal(text(await world.run(() => third.disk.readFile('/f'))), a + a)
})

test('a disk that lies has synced nothing when the power goes', async () => {
  const world = new World({ faults: { disk: () => ({ lies: true }) } })
  const host = world.host('a')
  await world.run(async () => {
    const file = await host.disk.open('/f', 'create')
    await file.write([Buffer.from('a')], 0)
    await file.sync()
    await host.disk.syncDirectory('/')
  })
  assert.equal(world.storage('a')!.durable('/f'), undefined)
  world.crash('a')
  const again = world.host('a')
  assert.equal(await world.run(() => again.disk.stat('/f')), undefined)
})

test('a wiped host starts on an empty disk', async () => {
  const world = new World()
  await world.run(() => written(world.host('a')))
  world.kill('a')
  world.wipe('a')
  const again = world.host('a')
  assert.equal(await world.run(() => again.disk.stat('/f')), undefined)
})

test('a paused host does nothing, and afterwards everything that was to happen, in order', async () => {
  const world = new World()
  const { clock } = world.host('a')
  const happened: string[] = []
  for (const delayMs of [10, 30, 20]) clock.after(delayMs, () => happened.push(`${delayMs} at ${world.nowMs}`))
  world.pause('a')
  await world.runFor(100)
  assert.deepEqual(happened, [])
  world.resume('a')
  await world.runFor(1)
  assert.deepEqual(happened, ['10 at 100', '20 at 100', '30 at 100'])
})

test('a message is sent again, whole and on a connection of its own, and a slow reader reads late', async () => {
  const world = new World({ faults: { repeat: () => 500, slowReader: (host) => (host === 'b' ? 50 : undefined) } })
  const [from, to] = [world.host('a'), world.host('b')]
  const heard: string[] = []
  await world.run(async () => {
    await to.network.listen({ host: 'b', port: 1 }, (connection) => {
      connection.onData((chunk) => void heard.push(`${text(chunk.subarray(4))} at ${Math.floor(world.nowMs / 50) * 50}`))
      connection.onClose(() => {})
    })
    const connection = await from.network.connect({ host: 'b', port: 1 })
    connection.onData(() => {})
    connection.write(Buffer.from('\0\0\0\x05hello', 'latin1'))
    connection.write(Buffer.from('part'))
  })
  await world.runFor(2000)
  assert.deepEqual(heard, ['hello at 50', ' at 50', 'hello at 550'])
})

test('what an administrator asks for once is not sent again, nor what a broker passes on for one', () => {
  const network = new NetworkFaults(() => 0)
  network.repeats.add(() => 7)
  const repeated = ({ key }: { readonly key: number }): number | undefined => {
    const message = Buffer.alloc(10)
    message.writeInt16BE(key, 4)
    return network.faults.repeat!('a', 'b', message)
  }
  assert.deepEqual([Apis.CreateTopics, Apis.DeleteTopics, Apis.Envelope].map(repeated), [undefined, undefined, undefined])
  assert.deepEqual([Apis.AlterPartition, Apis.Fetch].map(repeated), [7, 7])
})

test('a message that is sent again is lost when it has come to nothing meanwhile', async () => {
  let isStale = false
  const world = new World({ faults: { repeat: () => 500, isStale: () => isStale } })
  const [from, to] = [world.host('a'), world.host('b')]
  const heard: string[] = []
  await world.run(async () => {
    await to.network.listen({ host: 'b', port: 1 }, (connection) => {
      connection.onData((chunk) => void heard.push(text(chunk.subarray(4))))
      connection.onClose(() => {})
    })
    const connection = await from.network.connect({ host: 'b', port: 1 })
    connection.onData(() => {})
    for (const word of ['one', 'two']) {
      connection.write(Buffer.from(`\0\0\0\x03${word}`, 'latin1'))
      await new Promise((resolve) => from.clock.after(600, () => resolve(undefined)))
      isStale = true
    }
  })
  await world.runFor(2000)
  assert.deepEqual(heard, ['one', 'one', 'two'])
})

test('a copy of a change of in-sync replicas is not taken once its leader has dropped it, refused', () => {
  const isr = [1, 2, 3].map((brokerId) => ({ brokerId, brokerEpoch: 7 }))
  const partitions = [{ partitionIndex: 0, leaderEpoch: 4, newIsr: [], newIsrWithEpochs: isr, leaderRecoveryState: 0, partitionEpoch: 9 }]
  const body = { brokerId: 1, brokerEpoch: 7, topics: [{ topicId: zeroUuid, partitions }] }
  const frame = requestFrame(Apis.AlterPartition, 3, 1, 'broker', AlterPartitionRequest, body)
  const message = Buffer.concat(frame as Uint8Array[])
  const isDropped = (leader: Partial<ReplicaView>): boolean => {
    const view = { isLeader: true, leaderEpoch: 4, partitionEpoch: 9, proposal: undefined, ...leader } as ReplicaView
    return isWithdrawnProposal('node-1', message, { replicas: new Map([[`${zeroUuid}:0`, new Map([[1, view]])]]) })
  }
  assert.equal(isDropped({}), true)
  assert.equal(isDropped({ proposal: [1, 2] }), true)
  assert.equal(isDropped({ proposal: [1, 2, 3] }), false)
  assert.equal(isDropped({ partitionEpoch: 10 }), false, 'it was made')
  assert.equal(isDropped({ leaderEpoch: 5 }), false)
  assert.equal(isDropped({ isLeader: false }), false)
})

test('a request is held back with all that follows it, and a connection breaks in the midst of one', async () => {
  const world = new World({
    faults: { message: (_from, _to, bytes) => (bytes[0] === 1 ? { holdMs: 300 } : bytes[0] === 3 ? { breakMs: 5 } : undefined) },
  })
  const [a, b] = [world.host('a'), world.host('b')]
  const heard: string[] = []
  const ends: (string | undefined)[] = []
  await world.run(async () => {
    await b.network.listen({ host: '', port: 1 }, (connection) => {
      connection.onData((bytes) => void heard.push(`${[...bytes]} at ${Math.floor(world.nowMs / 100)}`))
      connection.onClose((error) => void ends.push(error?.code))
    })
    const connection = await a.network.connect({ host: 'b', port: 1 })
    connection.onClose((error) => void ends.push(error?.code))
    connection.write(Uint8Array.of(0))
    await new Promise<void>((resolve) => void a.clock.after(1, resolve))
    for (const byte of [1, 2]) connection.write(Uint8Array.of(byte))
    await new Promise<void>((resolve) => void a.clock.after(400, resolve))
    connection.write(Uint8Array.of(3))
    await new Promise<void>((resolve) => void a.clock.after(400, resolve))
  })
  assert.deepEqual(heard, ['0 at 0', '1 at 3', '2 at 3', '3 at 4'])
  assert.deepEqual(ends, ['ECONNRESET', 'ECONNRESET'])
})

test('the hash of a world tells two histories apart', async () => {
  const hashOf = async (word: string): Promise<string> => {
    const world = new World()
    const host = world.host('a')
    await world.run(async () => (await host.disk.open('/f', 'create')).write([Buffer.from(word)], 0))
    return world.hash.value
  }
  assert.equal(await hashOf('one'), await hashOf('one'))
  assert.notEqual(await hashOf('one'), await hashOf('two'))
})
