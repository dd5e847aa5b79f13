import assert from 'node:assert/strict'
import { existsSync, readdirSync, truncateSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { type Host, silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { appendAsLeader, defaultLogConfig, LogDirectories, type PartitionLog, raiseLogStartOffset, readLog } from '../../src/log/index.ts'
import { metadataRecord, partitionFromRecord } from '../../src/metadata/index.ts'
import { Errors } from '../../src/protocol/index.ts'
import { BatchBuilder } from '../../src/records/index.ts'
import { LogMover, type LogMoverOptions, Partition } from '../../src/replica/index.ts'
import { aloneInTheCluster, openReplicas, quotaOf, type Replicas } from './replica-fixture.ts'

const TOPIC_ID = 'B4mSPPvSQsuUvMGxX-rwYQ'
const registered = (leaderEpoch = 0) => {
  const ids = { partitionId: 0, topicId: TOPIC_ID, replicas: [1], isr: [1], leader: 1, leaderEpoch, partitionEpoch: leaderEpoch }
  const record = metadataRecord('PartitionRecord', 0, ids)
  assert.ok(record.name === 'PartitionRecord')
  return partitionFromRecord(record.message)
}

const batch = (count: number, valueBytes = 10): Buffer => {
  const builder = new BatchBuilder()
  for (let n = 0; n < count; n++) builder.append(1000 + n, null, Buffer.alloc(valueBytes, n))
  return builder.close()
}
const append = (partition: Partition, count: number, valueBytes?: number) =>
  partition.append(batch(count, valueBytes), { origin: 'client', acksAll: true, zstdAllowed: true }, 5000)

const contents = async (log: PartitionLog): Promise<Buffer> => {
  const parts: Buffer[] = []
  for (let offset = log.logStartOffset; offset < log.logEndOffset; ) {
    const found = await readLog(log, offset, 1 << 20, { upTo: 'log-end', minOneMessage: true })
    const bytes = Buffer.alloc(found.bytes)
    await found.records!.read(bytes, 0)
    parts.push(bytes)
    for (let at = 0; at < bytes.length; at += 12 + bytes.readInt32BE(at + 8))
      offset = Number(bytes.readBigInt64BE(at)) + bytes.readInt32BE(at + 23) + 1
  }
  return Buffer.concat(parts)
}

const setting = async (t: TestContext, change: Partial<LogMoverOptions> = {}) => {
  const root = await mkdtemp(join(tmpdir(), 'tkafka-mover-'))
  const opened: LogDirectories[] = []
  t.after(async () => {
    for (const logs of opened) await logs.abandon()
    await rm(root, { recursive: true, force: true, maxRetries: 3 })
  })
  const paths = [join(root, 'one'), join(root, 'two')] as const
  const host: Host = { ...nodeHost({ journal: silentJournal }), journal: silentJournal }
  const config = { ...defaultLogConfig, segmentBytes: 64 * 1024, fileDeleteDelayMs: 0 }
  const errors: string[] = []
  const open = async () => {
    const logs = await LogDirectories.open(host, { paths, configFor: () => config })
    opened.push(logs)
    const log = await logs.getOrCreate({ topic: 't', partition: 0, topicId: TOPIC_ID, directory: paths[0] })
    const partition = new Partition({ topic: 't', topicId: TOPIC_ID, index: 0 }, log, registered(), 1, silentJournal, aloneInTheCluster)
    const moved: Partition[] = []
    const mover = new LogMover({
      clock: host.clock,
      journal: {
        ...silentJournal,
        error: (message, fields) => void errors.push(`${message} ${(fields?.error as Error | undefined)?.message}`),
      },
      logs,
      quota: quotaOf(Number.POSITIVE_INFINITY),
      movesMax: 2,
      exchanging: () => {},
      exchanged: () => {},
      claim: async () => {},
      placed: (each) => void moved.push(each),
      ...change,
    })
    return { logs, partition, mover, moved }
  }
  return { paths, errors, open, ...(await open()) }
}

describe('a replica moves to another log directory', () => {
  test('with everything in it, and goes on there', async (t) => {
    const { paths, errors, logs, partition, mover, moved } = await setting(t)
    for (let n = 0; n < 300; n++) append(partition, 10, 100)
    await partition.log.written()
    const before = await contents(partition.log)
    const old = partition.log
    assert.equal(await mover.move(partition, paths[1]), Errors.NONE)
    await mover.settled()
    assert.deepEqual(errors, [])
    assert.notEqual(partition.log, old)
    assert.equal(logs.get('t', 0), partition.log)
    assert.equal(logs.directoryOf(partition.log)?.path, paths[1])
    assert.ok((await contents(partition.log)).equals(before))
    assert.equal(partition.log.highWatermark, 3000)
    assert.deepEqual(partition.log.epochs.entries, [{ epoch: 0, startOffset: 0 }])
    assert.deepEqual(moved, [partition])
    assert.ok(existsSync(join(paths[1], 't-0')))
    assert.ok(!existsSync(join(paths[0], 't-0')))
    assert.equal(append(partition, 1).baseOffset, 3000)
    await partition.log.written()
    assert.equal(partition.log.highWatermark, 3001)
  })

  test('while it is written to: nothing acknowledged is lost', async (t) => {
    const { paths, errors, partition, mover } = await setting(t)
    for (let n = 0; n < 200; n++) append(partition, 10, 100)
    await mover.move(partition, paths[1])
    let acknowledged = partition.log.logEndOffset
    let isMoving = true
    const settled = mover.settled().then(() => {
      isMoving = false
    })
    while (isMoving) {
      const { errorCode, endOffset } = append(partition, 3)
      if (errorCode === Errors.NONE) acknowledged = endOffset
      await new Promise((resolve) => setImmediate(resolve))
    }
    await settled
    assert.deepEqual(errors, [])
    assert.equal(partition.log.logEndOffset, acknowledged)
    assert.equal(append(partition, 1).errorCode, Errors.NONE)
  })

  test('from where its log starts', async (t) => {
    const { paths, errors, partition, mover } = await setting(t)
    for (let n = 0; n < 100; n++) append(partition, 10, 1000)
    await partition.log.written()
    assert.ok(raiseLogStartOffset(partition.log, 505))
    await mover.move(partition, paths[1])
    await mover.settled()
    assert.deepEqual(errors, [])
    assert.deepEqual([partition.log.logStartOffset, partition.log.logEndOffset], [505, 1000])
  })

  test('though it is empty, and its copy has just been made', async (t) => {
    const { partition, mover, logs, paths } = await setting(t)
    assert.equal(await mover.move(partition, paths[1]), Errors.NONE)
    await mover.settled()
    await partition.log.queue.drained()
    assert.equal(partition.log.home.path, `${paths[1]}/t-0`)
    assert.ok(existsSync(`${paths[1]}/t-0/partition.metadata`))
    assert.deepEqual(
      logs.directories.map(({ failure }) => failure),
      [undefined, undefined],
    )
  })

  test('not at all when it is there already', async (t) => {
    const { paths, logs, partition, mover, moved } = await setting(t)
    assert.equal(await mover.move(partition, paths[0]), Errors.NONE)
    await mover.settled()
    assert.deepEqual([moved, logs.getFuture('t', 0)], [[], undefined])
  })

  test('not faster than it may, and back when it is told so', async (t) => {
    const { paths, logs, partition, mover, moved } = await setting(t, { quota: quotaOf(1) })
    for (let n = 0; n < 30; n++) append(partition, 10, 5000)
    await mover.move(partition, paths[1])
    assert.equal(await mover.move(partition, paths[1]), Errors.NONE, 'the same again is no news')
    assert.equal(await mover.move(partition, paths[0]), Errors.NONE)
    await mover.settled()
    assert.deepEqual([moved, logs.getFuture('t', 0), logs.directoryOf(partition.log)?.path], [[], undefined, paths[0]])
  })

  test('at a rate that it shares with all other moves, every byte counted', async (t) => {
    const quota = quotaOf(Number.POSITIVE_INFINITY, () => 0)
    const { paths, partition, mover } = await setting(t, { quota })
    for (let n = 0; n < 30; n++) append(partition, 10, 5000)
    await mover.move(partition, paths[1])
    await mover.settled()
    assert.equal(quota.bytesPerSecond, partition.log.bytes)
  })

  test('when the controller has noted where it will lie, and not before; what is written meanwhile comes along', async (t) => {
    const noted = Promise.withResolvers<void>()
    const claimed: string[] = []
    const claim = (_: Partition, directory: string): Promise<void> => {
      claimed.push(directory)
      return noted.promise
    }
    const { paths, partition, mover, moved } = await setting(t, { claim })
    append(partition, 3)
    await mover.move(partition, paths[1])
    while (claimed.length === 0) await new Promise((resolve) => setImmediate(resolve))
    assert.equal(append(partition, 4).errorCode, Errors.NONE, 'it goes on where it is')
    assert.equal(partition.log.home.path, `${paths[0]}/t-0`)
    noted.resolve()
    await mover.settled()
    assert.deepEqual([partition.log.home.path, partition.log.logEndOffset], [`${paths[1]}/t-0`, 7])
    assert.deepEqual([claimed, moved], [[paths[1]], [partition]])
  })

  test('not at all when that is taken back, and the controller is told that it stays', async (t) => {
    const claimed = Promise.withResolvers<void>()
    const claim = (): Promise<void> => {
      claimed.resolve()
      return new Promise(() => {})
    }
    const { paths, partition, mover, moved } = await setting(t, { claim })
    await mover.move(partition, paths[1])
    await claimed.promise
    await mover.move(partition, paths[0])
    await mover.settled()
    assert.deepEqual([moved, partition.log.home.path], [[partition], `${paths[0]}/t-0`])
  })

  test('over a restart: the copy goes on where it was', async (t) => {
    const first = await setting(t, { quota: quotaOf(1) })
    for (let n = 0; n < 30; n++) append(first.partition, 10, 5000)
    await first.partition.log.written()
    await first.mover.move(first.partition, first.paths[1])
    while ((first.logs.getFuture('t', 0)?.logEndOffset ?? 0) === 0) await new Promise((resolve) => setImmediate(resolve))
    await first.mover.close()
    await first.logs.close(1)
    assert.ok(readdirSync(first.paths[1]).some((name) => name.endsWith('-future')))
    const again = await first.open()
    const copied = again.logs.getFuture('t', 0)!.logEndOffset
    assert.ok(copied > 0)
    const mover = new LogMover({
      ...{ clock: nodeHost().clock, journal: silentJournal, logs: again.logs, movesMax: 1 },
      quota: quotaOf(Number.POSITIVE_INFINITY),
      exchanging: () => {},
      exchanged: () => {},
      claim: async () => {},
      placed: () => {},
    })
    mover.resume(() => again.partition)
    await mover.settled()
    assert.equal(again.logs.directoryOf(again.partition.log)?.path, first.paths[1])
    assert.equal(again.partition.log.logEndOffset, 300)
  })

  test('after its log was truncated and written anew by another leader', async (t) => {
    const { paths, errors, logs, partition, mover } = await setting(t)
    const future = await logs.getOrCreate({ topic: 't', partition: 0, topicId: TOPIC_ID, directory: paths[1], future: true })
    const stale = batch(20)
    appendAsLeader(future, stale, { leaderEpoch: 0, origin: 'client' })
    append(partition, 5)
    partition.update(registered(1))
    append(partition, 30)
    mover.resume(() => partition)
    await mover.settled()
    assert.deepEqual(errors, [])
    assert.equal(partition.log.logEndOffset, 35)
    assert.deepEqual(partition.log.epochs.entries, [
      { epoch: 0, startOffset: 0 },
      { epoch: 1, startOffset: 5 },
    ])
  })

  test('or is gone meanwhile: then so is the copy', async (t) => {
    const { paths, errors, logs, partition, mover } = await setting(t, { quota: quotaOf(1) })
    for (let n = 0; n < 30; n++) append(partition, 10, 5000)
    await mover.move(partition, paths[1])
    await logs.delete('t', 0)
    await mover.close()
    assert.deepEqual([errors, logs.getFuture('t', 0)], [[], undefined])
  })

  test('or is gone, as is its disk, while the copy is being made: then so is the copy', async (t) => {
    const { paths, errors, logs, partition, mover } = await setting(t)
    append(partition, 30)
    await partition.log.written()
    const create = logs.getOrCreate.bind(logs)
    logs.getOrCreate = async (wanted) => {
      const made = create(wanted)
      partition.log.fail(new Error('EIO'))
      await logs.delete('t', 0)
      return made
    }
    await mover.move(partition, paths[1])
    await mover.settled()
    assert.deepEqual([errors, logs.getFuture('t', 0)?.home.path], [[], undefined])
    assert.ok(!readdirSync(paths[1]).some((name) => name.endsWith('-future')))
  })

  const placed = async (replicas: Replicas) => {
    const { logs, partitions, host, told } = replicas
    replicas.create('events')
    await replicas.apply()
    const partition = replicas.at('events')
    append(partition, 30)
    const from = logs.directoryOf(partition.log)!
    const to = logs.directories.find(({ path }) => path !== from.path)!
    const mover = new LogMover({
      ...{ clock: host.clock, journal: silentJournal, logs },
      ...{ quota: quotaOf(Number.POSITIVE_INFINITY), movesMax: 1 },
      exchanging: (each, exchanged) => partitions.hold(each, exchanged),
      exchanged: (each) => partitions.regain(each),
      claim: async () => {},
      placed: () => {},
    })
    told.length = 0
    return { partition, from, to, mover }
  }

  test('or its disk dies when the copy takes its place: the partition is served from the copy', async () => {
    await using replicas = await openReplicas(2)
    const { logs, partitions, told } = replicas
    const { partition, from, to, mover } = await placed(replicas)
    const replace = logs.replaceCurrentWithFuture.bind(logs)
    logs.replaceCurrentWithFuture = (...args) => {
      const replaced = replace(...args)
      partition.log.fail(new Error('EIO'))
      return replaced
    }
    await mover.move(partition, to.path)
    await mover.settled()
    assert.equal(from.online, false)
    assert.ok(replicas.at('events') === partition)
    assert.equal(partitions.missing(partition.topicId, 0), Errors.NOT_LEADER_OR_FOLLOWER, 'it is offline no more')
    assert.deepEqual(told, ['resigned events-0', 'led events-0 0'])
    assert.equal(append(partition, 1).baseOffset, 30)
    await partition.log.written()
    assert.equal(partition.log.home.path, `${to.path}/events-0`)
    await mover.close()
  })

  test('or the disk of the copy dies when it takes its place: the partition is served where it was', async () => {
    await using replicas = await openReplicas(2)
    const { logs, told } = replicas
    const { partition, from, to, mover } = await placed(replicas)
    const replace = logs.replaceCurrentWithFuture.bind(logs)
    logs.replaceCurrentWithFuture = (topic, index, replaced) =>
      replace(topic, index, (log) => {
        replaced?.(log)
        if (logs.directoryOf(log) === to) {
          assert.equal(partition.deleteRecordsBelow(7), 7)
          log.fail(new Error('EIO'))
        }
      })
    await mover.move(partition, to.path)
    await mover.settled()
    assert.deepEqual([from.online, to.online], [true, false])
    assert.ok(replicas.at('events') === partition && logs.get('events', 0) === partition.log)
    assert.deepEqual(told, [], 'nobody has noticed')
    assert.deepEqual([partition.log.home.path, partition.log.logStartOffset], [`${from.path}/events-0`, 7])
    assert.equal(append(partition, 1).baseOffset, 30)
    await partition.log.written()
    assert.equal(partition.log.highWatermark, 31)
    await mover.close()
  })

  test('or cannot be copied: then nothing of the copy stays', async (t) => {
    const { paths, errors, logs, partition, mover } = await setting(t)
    for (let n = 0; n < 200; n++) append(partition, 10, 1000)
    await partition.log.written()
    const last = partition.log.active.baseOffset
    truncateSync(`${partition.log.home.path}/${`${last}`.padStart(20, '0')}.log`, 0)
    await mover.move(partition, paths[1])
    await mover.settled()
    assert.match(errors.join(), /it stays where it is/)
    assert.deepEqual(
      logs.directories.map(({ online }) => online),
      [true, true],
    )
    assert.deepEqual([logs.get('t', 0)?.home.path, logs.getFuture('t', 0)?.home.path], [`${paths[0]}/t-0`, undefined])
    assert.ok(!readdirSync(paths[1]).some((name) => name.endsWith('-future')))
  })

  const deaths: Record<string, Partial<LogMoverOptions>> = {
    'between two looks': { claim: async ({ log }) => log.fail(new Error('EIO')) },
    'under the last bit': { exchanging: ({ log }) => log.fail(new Error('EIO')) },
  }
  for (const [when, change] of Object.entries(deaths)) {
    test(`or its disk dies, ${when}: what was copied stays, until the topic is deleted`, async (t) => {
      const { paths, logs, partition, mover, moved } = await setting(t, change)
      append(partition, 30)
      await mover.move(partition, paths[1])
      await mover.settled()
      assert.deepEqual(
        logs.directories.map(({ online }) => online),
        [false, true],
      )
      assert.deepEqual([logs.get('t', 0), logs.getFuture('t', 0)?.logEndOffset], [undefined, 30])
      assert.deepEqual(moved, [partition], 'the controller hears that it has not moved')
      assert.ok(readdirSync(paths[1]).some((name) => name.endsWith('-future')))
      await logs.delete('t', 0)
      assert.ok(!readdirSync(paths[1]).some((name) => name.endsWith('-future')))
    })
  }

  test('or its disk dies and is replaced: what was copied is served after the restart, where it lies', async (t) => {
    const claim = async ({ log }: Partition): Promise<void> => log.fail(new Error('EIO'))
    const { paths, partition, mover, logs, open } = await setting(t, { claim })
    append(partition, 30)
    await mover.move(partition, paths[1])
    await mover.settled()
    await mover.close()
    await logs.close(1)
    await rm(paths[0], { recursive: true })
    const again = await open()
    again.mover.resume(() => again.partition)
    await again.mover.settled()
    assert.deepEqual([again.partition.log.home.path, again.partition.log.logEndOffset], [`${paths[1]}/t-0`, 30])
    assert.equal(append(again.partition, 1).baseOffset, 30)
  })
})
