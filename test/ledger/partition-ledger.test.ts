import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { silentJournal } from '../../src/host/index.ts'
import { PartitionLedger, type RecordForm } from '../../src/ledger/index.ts'
import { type ErrorCode, Errors } from '../../src/protocol/index.ts'
import { Codec, compressionOf, endTransactionBatch } from '../../src/records/index.ts'
import { World } from '../../src/sim/index.ts'
import { MemoryPartition } from './memory-partition.ts'

interface Entry {
  readonly key: Buffer
  readonly value: Buffer | null
}
const entry = (key: string, value: string | null): Entry => ({ key: Buffer.from(key), value: value === null ? null : Buffer.from(value) })
const form: RecordForm<Entry> = {
  keyOf: (record) => record.key,
  valueOf: (record) => record.value,
  decode: (key, value) => (key[0] === 0x3f ? undefined : { key: Buffer.from(key), value: value && Buffer.from(value) }),
}

/** A table of texts; what a transaction wrote waits for its marker. */
class Table {
  readonly rows = new Map<string, string>()
  readonly pending = new Map<number, Entry[]>()
  replay({ key, value }: Entry, _offset: number, producerId: number): void {
    if (producerId >= 0) this.pending.set(producerId, [...(this.pending.get(producerId) ?? []), { key, value }])
    else if (value === null) this.rows.delete(key.toString())
    else this.rows.set(key.toString(), value.toString())
  }
  replayMarker(producerId: number, committed: boolean): void {
    const entries = this.pending.get(producerId) ?? []
    this.pending.delete(producerId)
    if (committed) for (const each of entries) this.replay(each, 0, -1)
  }
  toString(): string {
    return [...this.rows].map(([key, value]) => `${key}=${value}`).join(' ')
  }
}

const setUp = (options: { codec?: number; loadBytes?: number } = {}) => {
  const world = new World({ seed: 3 })
  const { clock } = world.host('broker')
  const dropped: ErrorCode[] = []
  const binding = new PartitionLedger<Table, Entry>({
    clock,
    journal: silentJournal,
    form,
    newState: () => new Table(),
    inactiveError: Errors.NOT_COORDINATOR,
    loadingError: Errors.COORDINATOR_LOAD_IN_PROGRESS,
    onDropped: (error) => void dropped.push(error),
    ...options,
  })
  const elect = async (partition: MemoryPartition): Promise<boolean> => {
    partition.onHighWatermark = (highWatermark) => binding.onHighWatermark(highWatermark)
    return world.run(() => binding.elect(partition))
  }
  const put = (key: string, value: string | null, producerId?: number): Promise<ErrorCode> =>
    new Promise((resolve) => {
      const producer = producerId === undefined ? {} : { producer: { producerId, producerEpoch: 0 } }
      binding.ledger.write(() => ({ records: [entry(key, value)], answer: 0, ...producer }), resolve)
    })
  return { world, binding, dropped, elect, put }
}

describe('a ledger over a partition', () => {
  test('what one leader committed the next one loads', async () => {
    const first = setUp({ codec: Codec.lz4 })
    const partition = new MemoryPartition()
    assert.equal(await first.elect(partition), true)
    const errors = await first.world.run(() =>
      Promise.all([first.put('a', '1'), first.put('b', '2'), first.put('a', null), first.put('c', '3')]),
    )
    assert.deepEqual(errors, [0, 0, 0, 0])
    assert.equal(compressionOf(partition.batches[0], 0), Codec.lz4)
    const second = setUp({ loadBytes: 1 })
    await second.elect(partition.handOver())
    assert.equal(`${second.binding.ledger.state}`, 'b=2 c=3')
  })

  test('records of transactions count from their marker on, and only when it commits', async () => {
    const first = setUp()
    const partition = new MemoryPartition()
    await first.elect(partition)
    await first.world.run(() => Promise.all([first.put('a', '1', 10), first.put('b', '2', 11), first.put('c', '3')]))
    assert.equal(partition.batches.length, 3, 'a transactional batch is of one producer')
    assert.equal(`${first.binding.ledger.state}`, 'c=3')
    for (const [producerId, committed] of [
      [10, true],
      [11, false],
    ] as const) {
      first.binding.ledger.flush()
      partition.append(endTransactionBatch({ producerId, producerEpoch: 0 }, 0, committed, 0))
      first.binding.ledger.replayMarker(producerId, committed)
    }
    assert.equal(`${first.binding.ledger.state}`, 'c=3 a=1')
    const second = setUp()
    await second.elect(partition.handOver())
    assert.equal(`${second.binding.ledger.state}`, 'c=3 a=1')
  })

  test('records of unknown kinds stay in the log and are passed over', async () => {
    const first = setUp()
    const partition = new MemoryPartition()
    await first.elect(partition)
    await first.world.run(() => Promise.all([first.put('?new', '1'), first.put('b', '2')]))
    const second = setUp()
    await second.elect(partition.handOver())
    assert.equal(`${second.binding.ledger.state}`, 'b=2')
    assert.equal(partition.logEndOffset, 2)
  })

  test('a load that a resignation overtakes gives up and leaves nothing behind', async () => {
    const { world, binding, dropped } = setUp()
    const partition = new MemoryPartition()
    const source = setUp()
    await source.elect(partition)
    await source.world.run(() => source.put('a', '1'))
    const load = binding.elect(partition.handOver())
    assert.equal(binding.ledger.status, 'loading')
    assert.deepEqual({ ...binding.loadProgress }, { loadedOffset: 0, endOffset: 1, records: 0 })
    binding.resign()
    assert.equal(await world.run(() => load), false)
    assert.equal(binding.ledger.status, 'inactive')
    assert.equal(binding.loadProgress, undefined)
    assert.equal(dropped.at(-1), Errors.NOT_COORDINATOR)
  })

  test('after a failed append the state is loaded from the log again', async () => {
    const { world, binding, dropped, elect, put } = setUp()
    const partition = new MemoryPartition()
    await elect(partition)
    await world.run(() => put('a', '1'))
    partition.appendError = Errors.NOT_ENOUGH_REPLICAS
    assert.equal(await world.run(() => put('a', '2')), Errors.NOT_ENOUGH_REPLICAS)
    assert.equal(dropped.at(-1), Errors.NOT_ENOUGH_REPLICAS)
    partition.appendError = Errors.NONE
    await world.runUntil(() => binding.ledger.status === 'active')
    assert.equal(`${binding.ledger.state}`, 'a=1')
    assert.equal(await world.run(() => put('b', '2')), Errors.NONE)
  })

  test('a log that cannot be read is tried again for as long as it is led', async () => {
    const { world, binding, elect, put } = setUp()
    const partition = new MemoryPartition()
    await elect(partition)
    await world.run(() => put('a', '1'))
    const broken = partition.handOver()
    const read = broken.read.bind(broken)
    const failures = [() => Promise.reject(new Error('unreadable')), async () => Buffer.alloc(0)]
    broken.read = (offset, bytesMax) => failures.shift()?.() ?? read(offset, bytesMax)
    assert.equal(await elect(broken), false)
    assert.equal(binding.ledger.status, 'loading')
    await world.runUntil(() => binding.ledger.status === 'active')
    assert.equal(failures.length, 0, 'that nothing can be read is no load either')
    assert.equal(`${binding.ledger.state}`, 'a=1')
    failures.push(() => Promise.reject(new Error('unreadable')))
    assert.equal(await elect(broken), false)
    binding.resign()
    await world.runFor(2000)
    assert.equal(binding.ledger.status, 'inactive')
  })

  test('a decision that fills more than a batch of the topic is refused', async () => {
    const { world, elect, put } = setUp()
    const partition = new MemoryPartition()
    partition.batchBytesMax = 200
    await elect(partition)
    assert.equal(await world.run(() => put('a', 'x'.repeat(200))), Errors.MESSAGE_TOO_LARGE)
    assert.equal(await world.run(() => put('a', 'x'.repeat(100))), Errors.NONE)
  })
})
