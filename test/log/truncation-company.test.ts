import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  appendAsLeader,
  defaultLogConfig,
  LogDirectories,
  type PartitionLog,
  readLog,
  truncateFullyAndStartAt,
  truncateTo,
} from '../../src/log/index.ts'
import { type SimHost, World } from '../../src/sim/index.ts'
import { leader, toLogEnd } from './log-fixture.ts'
import { plainBatch } from './sample-batches.ts'

const config = { ...defaultLogConfig, segmentBytes: 1000, fileDeleteDelayMs: 1000 }

const filled = async (host: SimHost): Promise<{ all: LogDirectories; log: PartitionLog }> => {
  const all = await LogDirectories.open(host, { paths: ['/a'], configFor: () => config })
  const log = await all.getOrCreate({ topic: 't', partition: 0, topicId: 'B4mSPPvSQsuUvMGxX-rwYQ' })
  for (let n = 0; n < 16; n++) assert.equal(appendAsLeader(log, plainBatch(2, 40), leader).error, undefined)
  await log.flush()
  log.setHighWatermark(log.logEndOffset)
  return { all, log }
}

describe('while a log is truncated', () => {
  const changes: [string, (log: PartitionLog) => Promise<unknown>, number][] = [
    ['to begin anew further on', (log) => truncateFullyAndStartAt(log, 500), 500],
    ['to begin anew where a segment began', (log) => truncateFullyAndStartAt(log, 0), 0],
    ['to a shorter one', (log) => truncateTo(log, 12), 12],
  ]
  for (const [what, truncate, endOffset] of changes) {
    it(`${what}, checkpoints are written and reads are answered, wherever they come`, async () => {
      let isWhole = false
      for (let calls = 0; !isWhole; calls++) {
        const world = new World({ seed: calls + 1 })
        const host = world.host('broker')
        const { all, log } = await world.run(() => filled(host))
        const look = async (): Promise<void> => {
          for (const offset of [8, 13, 20]) {
            const { error, records } = await readLog(log, offset, 100, toLogEnd)
            if (error === undefined) records?.release?.()
            else assert.equal(error, 'OFFSET_OUT_OF_RANGE')
          }
          await Promise.all([all.checkpointLogStartOffsets(), all.checkpointRecoveryPoints(), all.checkpointHighWatermarks()])
        }
        let left = calls
        let beside: Promise<void> | undefined
        world.faults.disk = () => {
          if (left-- === 0) beside = look()
          return undefined
        }
        await world.run(() => truncate(log))
        delete world.faults.disk
        isWhole = beside === undefined
        await world.run(async () => beside)
        const where = `after ${calls} disk calls`
        assert.deepEqual([all.directories[0]!.failure, log.failure], [undefined, undefined], where)
        assert.deepEqual([log.logEndOffset, log.recoveryPoint], [endOffset, endOffset], where)
        await world.run(() => all.close())
      }
    })
  }

  it('a flush that was under way counts for nothing that comes later', async () => {
    const world = new World()
    const host = world.host('broker')
    const { log } = await world.run(() => filled(host))
    for (let n = 0; n < 5; n++) appendAsLeader(log, plainBatch(2, 40), leader)
    await world.run(() => log.written())
    world.faults.disk = ({ operation }) => (operation === 'sync' ? { delayMs: 1000 } : undefined)
    const flushed = log.flush()
    await world.run(() => truncateTo(log, 20))
    delete world.faults.disk
    await world.run(() => flushed)
    assert.deepEqual([log.logEndOffset, log.recoveryPoint], [20, 20])
    for (let n = 0; n < 30; n++) appendAsLeader(log, plainBatch(2, 40), leader)
    await world.run(() => log.written())
    await world.run(() => log.flush())
    world.crash('broker')
    const again = await world.run(() => LogDirectories.open(world.host('broker'), { paths: ['/a'], configFor: () => config }))
    assert.equal(again.get('t', 0)!.logEndOffset, 80, 'what was flushed after it survives a loss of power')
  })
})
