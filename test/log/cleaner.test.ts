import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { groupSegments } from '../../src/log/cleaner.ts'
import {
  appendAsLeader,
  cleanableRange,
  cleanLog,
  defaultLogRoomConfig,
  type LogConfig,
  type PartitionLog,
  readLog,
} from '../../src/log/index.ts'
import { OffsetMap } from '../../src/log/offset-map.ts'
import { hasDeleteHorizon, RecordCursor, recordCount } from '../../src/records/index.ts'
import { leader, logFixture, readAll } from './log-fixture.ts'
import { endMarker, type SampleRecord, sampleBatch } from './sample-batches.ts'

const compacted: Partial<LogConfig> = { cleanupPolicy: ['compact'], segmentBytes: 700, indexIntervalBytes: 100, fileDeleteDelayMs: 0 }
const coordinator = { leaderEpoch: 0, origin: 'coordinator', transactionVersion: 0 } as const

interface Kept {
  readonly offset: number
  readonly key: string | null
  readonly value: string | null
}

const recordsOf = async (log: PartitionLog): Promise<Kept[]> => {
  const bytes = await readAll(log)
  const cursor = new RecordCursor()
  const kept: Kept[] = []
  for (let at = 0; at < bytes.length; at += bytes.readInt32BE(at + 8) + 12) {
    if ((bytes[at + 22]! & 0x20) !== 0) continue
    cursor.open(bytes, at)
    while (cursor.next())
      kept.push({ offset: cursor.offset, key: cursor.key()?.toString() ?? null, value: cursor.value()?.toString() ?? null })
  }
  return kept
}

const append = (log: PartitionLog, ...records: SampleRecord[]): number => appendAsLeader(log, sampleBatch({ records }), leader).firstOffset

/** Writes out, makes everything but the last segment cleanable, and cleans once. */
const clean = async (log: PartitionLog, from?: number): Promise<number> => {
  log.roll()
  await log.written()
  await log.queue.drained()
  log.setHighWatermark(log.logEndOffset)
  const range = await cleanableRange(log, from, log.context.clock.now())
  return (await cleanLog(log, range, defaultLogRoomConfig)).endOffset
}

describe('compaction', () => {
  it('keeps the last record of every key at its offset, in order, over many segments', async (t) => {
    const { open } = await logFixture(t)
    const log = await open({ config: compacted })
    for (let n = 0; n < 60; n++) append(log, { key: `k${n % 7}`, value: `v${n}` }, { key: `k${(n * 3) % 11}`, value: `w${n}` })
    const before = await recordsOf(log)
    const bytes = log.bytes
    assert.equal(await clean(log), 120)
    const last = new Map(before.map((record) => [record.key, record]))
    const after = await recordsOf(log)
    assert.deepEqual(
      after,
      before.filter((record) => last.get(record.key) === record),
    )
    assert.ok(log.bytes < bytes / 2)
    assert.equal(log.logEndOffset, 120)
  })

  it('is the same after a restart, clean or not', async (t) => {
    const { open } = await logFixture(t)
    const log = await open({ config: compacted })
    for (let n = 0; n < 60; n++) append(log, { key: `k${n % 5}`, value: `v${n}` })
    await clean(log)
    const after = await recordsOf(log)
    await log.close()
    const again = await open({ config: compacted, recoveryPoint: 60 })
    assert.deepEqual(await recordsOf(again), after)
    assert.equal(again.logEndOffset, 60)
    await again.abandon()
    const recovered = await open({ config: compacted, clean: false })
    assert.deepEqual(await recordsOf(recovered), after)
    assert.equal(recovered.logEndOffset, 60)
  })

  it('gives tombstones a horizon first and drops them after it (KIP-534)', async (t) => {
    const fixture = await logFixture(t)
    let now = 1_800_000_000_000
    fixture.context = {
      ...fixture.context,
      clock: {
        ...fixture.context.clock,
        now: () => now,
        defer: (f) => fixture.host.clock.defer(f),
        after: (ms, f) => fixture.host.clock.after(ms, f),
        monotonic: () => fixture.host.clock.monotonic(),
      },
    }
    const log = await fixture.open({ config: { ...compacted, deleteRetentionMs: 1000 } })
    append(log, { key: 'a', value: '1' })
    append(log, { key: 'a', value: null }, { key: 'b', value: '1' })
    append(log, { key: 'c', value: '1' })
    const end = await clean(log)
    assert.deepEqual(
      (await recordsOf(log)).map((record) => record.key),
      ['a', 'b', 'c'],
    )
    assert.ok(hasDeleteHorizon(await readAll(log), 0))
    now += 999
    append(log, { key: 'd', value: '1' })
    const second = await clean(log, end)
    assert.deepEqual(
      (await recordsOf(log)).map((record) => record.key),
      ['a', 'b', 'c', 'd'],
    )
    now += 1
    append(log, { key: 'e', value: '1' })
    await clean(log, second)
    assert.deepEqual(
      (await recordsOf(log)).map((record) => record.key),
      ['b', 'c', 'd', 'e'],
    )
  })

  it('drops the records of aborted transactions, keeps those of committed ones, and markers for as long as they decide anything', async (t) => {
    const { open } = await logFixture(t)
    const log = await open({ config: compacted })
    const write = (producerId: number, baseSequence: number, key: string) =>
      appendAsLeader(
        log,
        sampleBatch({ producerId, producerEpoch: 0, baseSequence, transactional: true, records: [{ key, value: `${producerId}` }] }),
        leader,
      )
    append(log, { key: 'x', value: 'old' })
    write(1, 0, 'x')
    write(2, 0, 'y')
    log.roll()
    appendAsLeader(log, endMarker('abort', { producerId: 1, producerEpoch: 0 }), coordinator)
    appendAsLeader(log, endMarker('commit', { producerId: 2, producerEpoch: 0 }), coordinator)
    append(log, { key: 'z', value: '1' })
    await clean(log)
    assert.deepEqual(
      (await recordsOf(log)).map((record) => [record.key, record.value]),
      [
        ['x', 'old'],
        ['y', '2'],
        ['z', '1'],
      ],
    )
    const bytes = await readAll(log)
    const controls: number[] = []
    for (let at = 0; at < bytes.length; at += bytes.readInt32BE(at + 8) + 12)
      if ((bytes[at + 22]! & 0x20) !== 0) controls.push(recordCount(bytes, at))
    assert.equal(controls.length, 2)
    const committed = await readLog(log, 0, 1000, { upTo: 'last-stable-offset', minOneMessage: true })
    assert.ok(committed.abortedTransactions!.length <= 1)
  })

  it('leaves the active segment, undecided transactions and young records alone', async (t) => {
    const { open } = await logFixture(t)
    const log = await open({ config: compacted })
    for (let n = 0; n < 20; n++) append(log, { key: 'k', value: `v${n}` })
    await log.written()
    log.setHighWatermark(5)
    const behind = await cleanableRange(log, undefined, log.context.clock.now())
    assert.ok(behind.firstUncleanableOffset <= 5)
    log.setHighWatermark(20)
    const range = await cleanableRange(log, undefined, log.context.clock.now())
    assert.equal(range.firstUncleanableOffset, log.active.baseOffset)
    assert.equal(range.dirtyRatio, 1)
    log.config = { ...log.config, minCompactionLagMs: 10_000 }
    assert.equal((await cleanableRange(log, undefined, 1_700_000_000_500)).cleanableBytes, 0)
    log.config = { ...log.config, minCompactionLagMs: 0, maxCompactionLagMs: 100 }
    assert.equal((await cleanableRange(log, undefined, 1_700_000_000_500)).overdue, true)
    assert.equal((await cleanableRange(log, undefined, 1_700_000_000_050)).overdue, false)
  })

  it('leaves alone what is not known to be replicated: another leader may not have it', async (t) => {
    const { open } = await logFixture(t)
    const log = await open({ config: compacted })
    for (let n = 0; n < 60; n++) append(log, { key: 'same', value: `v${n}` })
    log.roll()
    await log.written()
    await log.queue.drained()
    log.setHighWatermark(30)
    const range = await cleanableRange(log, undefined, log.context.clock.now())
    assert.ok(range.firstUncleanableOffset <= 30, `${range.firstUncleanableOffset}`)
    await cleanLog(log, range, defaultLogRoomConfig)
    const kept = (await recordsOf(log)).map(({ offset }) => offset)
    assert.ok(kept[0]! < 30 && kept[0]! === range.firstUncleanableOffset - 1, 'one of those below is left')
    assert.deepEqual(
      kept.slice(1),
      Array.from({ length: 60 - range.firstUncleanableOffset }, (_, n) => range.firstUncleanableOffset + n),
    )
  })

  it('is completed or undone by the next start, wherever it was cut off', async (t) => {
    const { open, directory } = await logFixture(t)
    const log = await open({ config: compacted })
    for (let n = 0; n < 40; n++) append(log, { key: `k${n % 3}`, value: `v${n}` })
    await log.written()
    await log.queue.drained()
    const before = await recordsOf(log)
    const originals = readdirSync(directory).filter((name) => name.endsWith('.log'))
    const saved = originals.map((name) => [name, readFileSync(join(directory, name))] as const)
    const end = await clean(log)
    const after = await recordsOf(log)
    await log.close()
    const cleaned = readdirSync(directory).filter((name) => /^0+\.(log|index|timeindex)$/.test(name))
    // As if the rename to .swap had happened and nothing more: the old segments are still there.
    for (const name of cleaned) renameSync(join(directory, name), join(directory, `${name}.swap`))
    for (const [name, bytes] of saved) if (!existsSync(join(directory, name))) writeFileSync(join(directory, name), bytes)
    const swapped = await open({ config: compacted, clean: false })
    assert.deepEqual(await recordsOf(swapped), after)
    assert.equal(swapped.logEndOffset, end)
    await swapped.abandon()
    for (const [name, bytes] of saved) writeFileSync(join(directory, name), bytes)
    writeFileSync(join(directory, '00000000000000000000.log.cleaned'), 'half a cleaned segment')
    const undone = await open({ config: compacted, clean: false })
    assert.deepEqual(await recordsOf(undone), before)
    assert.ok(!existsSync(join(directory, '00000000000000000000.log.cleaned')))
  })

  it('does the work in several rounds when the map is small', async (t) => {
    const { open } = await logFixture(t)
    const log = await open({ config: compacted })
    for (let n = 0; n < 50; n++) append(log, { key: `k${n}`, value: 'v' })
    append(log, { key: 'k0', value: 'last' })
    log.roll()
    await log.written()
    log.setHighWatermark(log.logEndOffset)
    let from: number | undefined
    let rounds = 0
    for (; from !== 51 && rounds < 20; rounds++) {
      const range = await cleanableRange(log, from, log.context.clock.now())
      from = (await cleanLog(log, range, { ...defaultLogRoomConfig, cleanerDedupeBufferBytes: 24 * 20 })).endOffset
    }
    assert.ok(rounds > 2)
    const kept = await recordsOf(log)
    assert.equal(kept.length, 50)
    assert.deepEqual(kept.at(-1), { offset: 50, key: 'k0', value: 'last' })
  })

  it('never loses the newest value of a key, whatever was written and however often it is cleaned', async (t) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.boolean(), fc.integer({ min: 0, max: 9 })), { minLength: 1, maxLength: 60 }),
        async (writes) => {
          const { open } = await logFixture(t)
          const log = await open({ config: { ...compacted, segmentBytes: 400 } })
          const newest = new Map<string, string | null>()
          let cleanedUpTo: number | undefined
          for (const [n, [key, isTombstone, dice]] of writes.entries()) {
            const value = isTombstone ? null : `v${n}`
            append(log, { key: `k${key}`, value })
            newest.set(`k${key}`, value)
            if (dice === 0) cleanedUpTo = await clean(log, cleanedUpTo)
          }
          await clean(log, cleanedUpTo)
          const kept = await recordsOf(log)
          assert.deepEqual(new Map(kept.map((record) => [record.key, record.value])), newest)
          assert.deepEqual(
            [...kept].sort((a, b) => a.offset - b.offset),
            kept,
          )
          assert.equal(kept.length, newest.size)
          await log.abandon()
        },
      ),
      { numRuns: 20 },
    )
  })
})

describe('the offset map', () => {
  it('gives the newest offset of every key within its memory', () => {
    const map = new OffsetMap(24 * 1000)
    for (let n = 0; n < 800; n++) map.put(Buffer.from(`k${n % 400}`), n)
    assert.equal(map.size, 400)
    for (let n = 0; n < 400; n++) assert.equal(map.get(Buffer.from(`k${n}`)), 400 + n)
    assert.equal(map.get(Buffer.from('absent')), -1)
  })

  it('is grouped for into segments that fit', async (t) => {
    const { open } = await logFixture(t)
    const log = await open({ config: compacted })
    for (let n = 0; n < 40; n++) append(log, { key: 'k', value: 'v'.repeat(200) })
    const closed = log.segments.slice(0, -1)
    log.config = { ...log.config, segmentBytes: 1500 }
    for (const group of groupSegments(log, closed, log.active.baseOffset))
      assert.ok(group.reduce((sum, segment) => sum + segment.bytes, 0) <= 1500)
  })
})
