import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  appendAsLeader,
  cleanableRange,
  cleanLog,
  defaultLogConfig,
  defaultLogRoomConfig,
  LogDirectories,
  LogDriver,
  type PartitionLog,
} from '../../src/log/index.ts'
import { batchBytes, RecordCursor } from '../../src/records/index.ts'
import { type DiskCall, type SimHost, World } from '../../src/sim/index.ts'
import { leader, readAll } from './log-fixture.ts'
import { plainBatch, sampleBatch } from './sample-batches.ts'

const config = { ...defaultLogConfig, segmentBytes: 1500, indexIntervalBytes: 200, fileDeleteDelayMs: 10 }
const opened = (host: SimHost, overrides: Partial<typeof config> = {}, paths = ['/data']): Promise<LogDirectories> =>
  LogDirectories.open(host, { paths, configFor: () => ({ ...config, ...overrides }) })

describe('a log whose host loses power', () => {
  it('comes back as a prefix of what was appended, with all that was flushed, time after time', async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const world = new World({ seed })
      const pick = world.random
      const accepted: Buffer[] = []
      let flushed = 0
      for (let life = 0; life < 4; life++) {
        const host = world.host('broker')
        host.disk.storage.survives = () => pick.below(3) === 0
        const log = await world.run(async () => {
          const all = await opened(host)
          return all.getOrCreate({ topic: 'power', partition: 0 })
        })
        const kept = await world.run(() => readAll(log))
        const expected = Buffer.concat(accepted)
        assert.deepEqual(kept, expected.subarray(0, kept.length), `seed ${seed}, life ${life}: what came back is no prefix`)
        assert.ok(log.logEndOffset >= flushed, `seed ${seed}, life ${life}: ${flushed} was flushed, ${log.logEndOffset} came back`)
        accepted.length = 0
        for (let at = 0; at < kept.length; at += batchBytes(kept, at)) accepted.push(kept.subarray(at, at + batchBytes(kept, at)))
        const count = 1 + pick.below(40)
        for (let n = 0; n < count; n++) {
          const batch = plainBatch(1 + pick.below(3), 1 + pick.below(300))
          assert.equal(appendAsLeader(log, batch, leader).error, undefined)
          accepted.push(batch)
          if (pick.below(6) === 0) await world.runFor(pick.below(3))
          if (pick.below(9) === 0) {
            await world.run(() => log.flush())
            flushed = log.recoveryPoint
          }
        }
        await world.runFor(pick.below(4))
        flushed = Math.max(flushed, log.recoveryPoint)
        world.crash('broker')
      }
    }
  })

  it('loses no newest value and resurrects no old one when it happens during a compaction', async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const world = new World({ seed })
      const host = world.host('broker')
      const newest = new Map<string, string>()
      const first = await world.run(async () => {
        const all = await opened(host, { cleanupPolicy: ['compact'] })
        return all.getOrCreate({ topic: 'compact', partition: 0 })
      })
      for (let n = 0; n < 60; n++) {
        const key = `k${world.random.below(5)}`
        appendAsLeader(first, sampleBatch({ records: [{ key, value: `v${n}` }] }), leader)
        newest.set(key, `v${n}`)
      }
      first.roll()
      await world.run(() => first.flush())
      first.setHighWatermark(60)
      void cleanableRange(first, undefined, host.clock.now()).then((range) => cleanLog(first, range, defaultLogRoomConfig))
      await world.runFor(world.random.below(2000) / 100)
      host.disk.storage.survives = () => world.random.below(2) === 0
      world.crash('broker')
      const again = await world.run(async () => (await opened(world.host('broker'), { cleanupPolicy: ['compact'] })).get('compact', 0)!)
      assert.equal(again.logEndOffset, 60, `seed ${seed}`)
      const bytes = await world.run(() => readAll(again))
      const found = new Map<string, string>()
      const cursor = new RecordCursor()
      for (let at = 0; at < bytes.length; at += batchBytes(bytes, at)) {
        cursor.open(bytes, at)
        while (cursor.next()) found.set(cursor.key()!.toString(), cursor.value()!.toString())
      }
      assert.deepEqual(found, newest, `seed ${seed}`)
    }
  })
})

describe('a log whose disk fails', () => {
  const failing = async (
    fault: (call: DiskCall) => 'EIO' | 'ENOSPC' | 'EROFS' | undefined,
  ): Promise<{ world: World; log: PartitionLog; all: LogDirectories }> => {
    const world = new World()
    const host = world.host('broker')
    const all = await world.run(() => opened(host, {}, ['/a', '/b']))
    const log = await world.run(() => all.getOrCreate({ topic: 't', partition: 0, directory: '/a' }))
    await world.run(() => all.getOrCreate({ topic: 't', partition: 1, directory: '/b' }))
    appendAsLeader(log, plainBatch(), leader)
    await world.run(() => log.written())
    world.faults.disk = (call) => {
      const error = call.path.startsWith('/a') ? fault(call) : undefined
      return error === undefined ? undefined : { error }
    }
    return { world, log, all }
  }

  for (const error of ['EIO', 'ENOSPC', 'EROFS'] as const) {
    it(`takes its directory offline at a failed write (${error}), and accepts nothing after it`, async () => {
      const { world, log, all } = await failing((call) => (call.operation === 'write' ? error : undefined))
      assert.equal(appendAsLeader(log, plainBatch(), leader).error, undefined)
      await world.run(() => assert.rejects(log.written(), new RegExp(error)))
      delete world.faults.disk
      assert.equal(appendAsLeader(log, plainBatch(), leader).error, 'KAFKA_STORAGE_ERROR')
      assert.equal(log.writtenOffset, 1)
      assert.deepEqual(
        all.directories.map((directory) => directory.online),
        [false, true],
      )
      const other = all.get('t', 1)!
      assert.equal(appendAsLeader(other, plainBatch(), leader).error, undefined)
      await world.run(() => other.written())
    })
  }

  it('is offline after a failed fsync and does not try again', async () => {
    let syncs = 0
    const { world, log } = await failing((call) => (call.operation === 'sync' && ++syncs === 1 ? 'EIO' : undefined))
    await world.run(() => assert.rejects(log.flush(), /EIO/))
    await world.run(() => assert.rejects(log.flush()))
    assert.equal(log.recoveryPoint, 0)
    assert.equal(appendAsLeader(log, plainBatch(), leader).error, 'KAFKA_STORAGE_ERROR')
  })

  it('stops at a full disk and goes on after a restart with room', async () => {
    const world = new World()
    const host = world.host('broker')
    const all = await world.run(() => opened(host))
    const log = await world.run(() => all.getOrCreate({ topic: 'full', partition: 0 }))
    host.disk.storage.capacityBytes = host.disk.storage.usedBytes() + 64 * 1024
    let accepted = 0
    for (; accepted < 1000 && log.failure === undefined; accepted++) {
      appendAsLeader(log, plainBatch(1, 1000), leader)
      await world.run(() => log.written().catch(() => {}))
    }
    assert.ok(accepted > 2 && accepted < 1000)
    const written = log.writtenOffset
    await world.run(() => all.close())
    world.crash('broker')
    host.disk.storage.capacityBytes = 2 ** 40
    host.disk.storage.survives = () => true
    const again = await world.run(async () => (await opened(world.host('broker'))).get('full', 0)!)
    assert.ok(again.logEndOffset >= 1 && again.logEndOffset <= written + 1)
    assert.equal(appendAsLeader(again, plainBatch(), leader).firstOffset, again.logEndOffset - 1)
  })
})

describe("the room's clockwork", () => {
  it('flushes by flush.ms, checkpoints, deletes by retention and compacts, each in its time', async () => {
    const world = new World()
    const host = world.host('broker')
    const settings = { ...config, flushMs: 500, retentionMs: 60_000 }
    const all = await world.run(() =>
      LogDirectories.open(host, {
        paths: ['/data'],
        configFor: (topic) => (topic === 'compact' ? { ...settings, cleanupPolicy: ['compact'] } : settings),
      }),
    )
    const driver = new LogDriver(all)
    driver.start()
    const plain = await world.run(() => all.getOrCreate({ topic: 'plain', partition: 0 }))
    const compact = await world.run(() => all.getOrCreate({ topic: 'compact', partition: 0 }))
    for (let n = 0; n < 50; n++) {
      const records = [{ key: 'k', value: `v${n}` }]
      for (const log of [plain, compact]) appendAsLeader(log, sampleBatch({ timestamp: host.clock.now(), records }), leader)
    }
    await world.run(() => plain.written())
    await world.run(() => compact.written())
    for (const log of [plain, compact]) log.setHighWatermark(50)
    await world.runFor(40_000)
    assert.equal(plain.recoveryPoint, 50)
    assert.ok(compact.bytes < plain.bytes / 2)
    await world.runFor(400_000)
    assert.equal(plain.logStartOffset, 50)
    assert.equal(compact.logStartOffset, 0)
    const text = Buffer.from(await world.run(() => host.disk.readFile('/data/recovery-point-offset-checkpoint'))).toString()
    assert.equal(text, '0\n2\nplain 0 50\ncompact 0 50\n')
    const cleaned = Buffer.from(await world.run(() => host.disk.readFile('/data/cleaner-offset-checkpoint'))).toString()
    assert.match(cleaned, /^0\n1\ncompact 0 \d+\n$/)
    await world.run(() => driver.stop())
    await world.run(() => all.close())
  })
})
