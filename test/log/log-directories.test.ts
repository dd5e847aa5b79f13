import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { type Host, silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import {
  appendAsFollower,
  appendAsLeader,
  defaultLogConfig,
  LogDirectories,
  NoLogDirectory,
  type OpenDirectories,
  raiseLogStartOffset,
  truncateTo,
} from '../../src/log/index.ts'
import { World } from '../../src/sim/index.ts'
import { layOut } from './golden-files.ts'
import { leader, noting, read, temporaryDirectory } from './log-fixture.ts'
import { plainBatch } from './sample-batches.ts'

const setting = (t: TestContext, count = 1) => {
  const root = temporaryDirectory(t)
  const paths = Array.from({ length: count }, (_, n) => join(root, `data-${n}`))
  const warnings: string[] = []
  const host: Host = { ...nodeHost({ journal: silentJournal }), journal: noting(warnings) }
  const open = async (options: Partial<OpenDirectories> = {}): Promise<LogDirectories> => {
    const config = { ...defaultLogConfig, fileDeleteDelayMs: 0 }
    const all = await LogDirectories.open(host, { paths, configFor: () => config, ...options })
    t.after(() => all.abandon())
    return all
  }
  return { host, paths, root, warnings, open }
}

const until = async (condition: () => boolean, what: string): Promise<void> => {
  const deadline = performance.now() + 5000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not in time: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

describe('log directories', () => {
  it('keep partitions over a clean stop, with high watermark, topic id and the broker epoch of the run', async (t) => {
    const { open, paths } = setting(t)
    const first = await open()
    const log = await first.getOrCreate({ topic: 'orders', partition: 3, topicId: 'B4mSPPvSQsuUvMGxX-rwYQ' })
    assert.equal(await first.getOrCreate({ topic: 'orders', partition: 3 }), log)
    appendAsLeader(log, plainBatch(5), leader)
    await log.written()
    log.setHighWatermark(4)
    await first.close(17)
    assert.equal(readFileSync(join(paths[0]!, '.kafka_cleanshutdown'), 'utf8'), '{"version":0,"brokerEpoch":17}')
    assert.equal(readFileSync(join(paths[0]!, 'recovery-point-offset-checkpoint'), 'utf8'), '0\n1\norders 3 5\n')
    assert.equal(readFileSync(join(paths[0]!, 'replication-offset-checkpoint'), 'utf8'), '0\n1\norders 3 4\n')
    const second = await open()
    assert.deepEqual(second.directories[0]!.cleanShutdown, { brokerEpoch: 17 })
    assert.ok(!existsSync(join(paths[0]!, '.kafka_cleanshutdown')))
    const again = second.get('orders', 3)!
    assert.deepEqual([again.logEndOffset, again.highWatermark, again.topicId], [5, 4, 'B4mSPPvSQsuUvMGxX-rwYQ'])
  })

  it('keep what lies behind offsets that were compacted elsewhere, though the machine loses power', async () => {
    const world = new World({ seed: 1 })
    const config = { ...defaultLogConfig, segmentBytes: 450 }
    const open = () => LogDirectories.open(world.host('node-1'), { paths: ['/data'], configFor: () => config })
    await world.run(async () => {
      const log = await (await open()).getOrCreate({ topic: 'orders', partition: 0 })
      for (const base of [0, 10, 20, 60, 70, 80]) {
        appendAsFollower(log, plainBatch(10, 1, { baseOffset: base }), 0)
        await log.written()
      }
      assert.ok(log.segments.some(({ baseOffset }) => baseOffset === 60))
    })
    world.kill('node-1')
    await world.run(async () => {
      const log = (await open()).get('orders', 0)!
      assert.equal(log.logEndOffset, 90)
      assert.ok(log.segments.some(({ baseOffset }) => baseOffset === 60))
    })
    world.crash('node-1')
    await world.run(async () => assert.ok((await open()).get('orders', 0)!.logEndOffset >= 30))
  })

  it('do not call flushed what was truncated', async (t) => {
    const { open, paths } = setting(t)
    const all = await open()
    const log = await all.getOrCreate({ topic: 'orders', partition: 0 })
    for (let n = 0; n < 3; n++) appendAsLeader(log, plainBatch(5), leader)
    await log.flush()
    await all.checkpointRecoveryPoints()
    const written = () => readFileSync(join(paths[0]!, 'recovery-point-offset-checkpoint'), 'utf8')
    assert.equal(written(), '0\n1\norders 0 15\n')
    await truncateTo(log, 5)
    assert.equal(written(), '0\n1\norders 0 5\n')
  })

  it('vouch for the run before only when every one of them is there and was closed by it', async (t) => {
    const { open, paths } = setting(t, 3)
    const first = await open()
    assert.equal(first.previousBrokerEpoch, -1, 'new directories')
    await first.close(17)
    const whole = await open()
    assert.equal(whole.previousBrokerEpoch, 17)
    await whole.close(18)

    rmSync(paths[1]!, { recursive: true })
    const replaced = await open()
    assert.equal(replaced.previousBrokerEpoch, -1, 'one was replaced')

    const log = await replaced.getOrCreate({ topic: 'orders', partition: 0, directory: paths[1]! })
    log.fail(new Error('no disk'))
    await replaced.close(19)
    const failed = await open()
    assert.equal(failed.previousBrokerEpoch, -1, 'one failed in that run')
    await failed.close(20)

    rmSync(paths[2]!, { recursive: true })
    writeFileSync(paths[2]!, '')
    const offline = await open()
    assert.equal(offline.previousBrokerEpoch, -1, 'one is offline')
    await offline.close(21)

    rmSync(paths[2]!)
    mkdirSync(paths[2]!)
    writeFileSync(join(paths[2]!, '.kafka_cleanshutdown'), '{"version":0,"brokerEpoch":20}')
    assert.equal((await open()).previousBrokerEpoch, -1, 'one missed the last run')
  })

  it('stop cleanly while a partition is taken away, and do not find it again', async () => {
    for (let ms = 0; ms < 12; ms += 0.3) {
      const world = new World({ seed: 1 })
      const failures: unknown[] = []
      await world.run(async () => {
        const host = world.host('node-1')
        const open = () =>
          LogDirectories.open(host, {
            ...{ paths: ['/data'], configFor: () => defaultLogConfig },
            directoryFailed: (_directory, error) => void failures.push(error),
          })
        const first = await open()
        for (const partition of [0, 1]) {
          const log = await first.getOrCreate({ topic: 'orders', partition })
          appendAsLeader(log, plainBatch(5), leader)
        }
        const closing = first.close(17)
        await new Promise<void>((resolve) => void host.clock.after(ms, resolve))
        await Promise.all([closing, first.delete('orders', 1)])
        const second = await open()
        assert.deepEqual(failures, [], `after ${ms} ms`)
        assert.ok(second.directories[0]!.cleanShutdown !== undefined, 'all that is there was closed in order')
        assert.equal(second.get('orders', 0)?.logEndOffset, 5)
      })
    }
  })

  it('bring what is set aside to disk before they are marked as cleanly shut down', async () => {
    const world = new World({ seed: 1 })
    const said: string[] = []
    const open = (host: Host) =>
      LogDirectories.open({ ...host, journal: noting(said) }, { paths: ['/data'], configFor: () => defaultLogConfig })
    await world.run(async () => {
      const log = await (await open(world.host('node-1'))).getOrCreate({ topic: 'orders', partition: 0 })
      appendAsLeader(log, plainBatch(5), leader)
      await log.written()
    })
    world.kill('node-1')
    await world.run(async () => {
      const all = await open(world.host('node-1'))
      await all.setAsideStrays(() => true)
      await all.close(17)
    })
    world.crash('node-1')
    said.length = 0
    await world.run(async () => {
      const all = await open(world.host('node-1'))
      assert.deepEqual(
        [...all.strays].map(({ logEndOffset }) => logEndOffset),
        [5],
      )
    })
    assert.deepEqual(said, [])
  })

  for (const [segments, segmentBytes] of [
    ['within a segment', defaultLogConfig.segmentBytes],
    ['segments away', 150],
  ] as const)
    it(`end where they were cut back to (${segments}) when power is lost after a clean stop`, async () => {
      const world = new World({ seed: 1 })
      const config = { ...defaultLogConfig, segmentBytes }
      const open = () => LogDirectories.open(world.host('node-1'), { paths: ['/data'], configFor: () => config })
      await world.run(async () => {
        const all = await open()
        const log = await all.getOrCreate({ topic: 'orders', partition: 0 })
        for (let n = 0; n < 4; n++) appendAsLeader(log, plainBatch(5), leader)
        await log.written()
        await log.flush()
        await truncateTo(log, 5)
        await all.close(17)
      })
      world.crash('node-1')
      await world.run(async () => {
        const all = await open()
        assert.equal(all.get('orders', 0)!.logEndOffset, 5)
      })
    })

  it('end where a recovery cut them when power is lost after a clean stop', async () => {
    const world = new World({ seed: 1 })
    const open = (host = world.host('node-1')) => LogDirectories.open(host, { paths: ['/data'], configFor: () => defaultLogConfig })
    await world.run(async () => {
      const host = world.host('node-1')
      const all = await open(host)
      const log = await all.getOrCreate({ topic: 'orders', partition: 0 })
      appendAsLeader(log, plainBatch(5), leader)
      await log.written()
      await log.flush()
      await all.directories[0]!.checkpointRecoveryPoints()
      const file = await host.disk.open(log.active.log.path, 'write')
      await file.write([Buffer.alloc(100, 1)], log.active.bytes)
      await file.sync()
    })
    world.kill('node-1')
    await world.run(async () => (await open()).close(17))
    world.crash('node-1')
    await world.run(async () => {
      const all = await open()
      const { active, logEndOffset } = all.get('orders', 0)!
      assert.deepEqual([logEndOffset, active.bytes], [5, active.writtenBytes])
      assert.ok((await world.storage('node-1')!.durable(active.log.path))!.length < 150, 'what was torn is gone for good')
    })
  })

  it('are not used when they hold a partition whose topic id is damaged: whose records it holds is not known', async (t) => {
    const { open, paths } = setting(t, 2)
    const first = await open()
    for (const [n, path] of paths.entries()) {
      const log = await first.getOrCreate({ topic: `topic-${n}`, partition: 0, topicId: 'B4mSPPvSQsuUvMGxX-rwYQ', directory: path })
      appendAsLeader(log, plainBatch(1), leader)
    }
    await first.close()
    writeFileSync(join(paths[0]!, 'topic-0-0', 'partition.metadata'), '')
    const second = await open()
    assert.match(second.directories[0]!.failure!.message, /topic-0-0\/partition.metadata does not parse/)
    assert.equal(second.get('topic-0', 0), undefined)
    assert.equal(second.get('topic-1', 0)!.logEndOffset, 1)
  })

  it('give a log the settings that changed while it was made', async (t) => {
    const { open } = setting(t)
    let config = defaultLogConfig
    const change = (): void => {
      config = { ...defaultLogConfig, maxMessageBytes: 3000 }
      all.updateConfig('orders', config)
    }
    // At once after it was asked for: the log is not there yet to be told.
    const configFor = (): typeof config => {
      queueMicrotask(change)
      return config
    }
    const all = await open({ configFor })
    assert.equal((await all.getOrCreate({ topic: 'orders', partition: 0 })).config.maxMessageBytes, 3000)
  })

  it('open a directory of Apache Kafka with all its partitions', async (t) => {
    const { open, paths } = setting(t)
    layOut('dynamic/', paths[0]!)
    const all = await open()
    assert.deepEqual([...all.logs].map((log) => [log.topic, log.logStartOffset, log.logEndOffset, log.highWatermark]).sort(), [
      ['__consumer_offsets', 0, 2, 2],
      ['__transaction_state', 0, 16, 16],
      ['compact', 0, 6, 6],
      ['disk', 2, 36, 36],
    ])
    assert.deepEqual(all.directories[0]!.cleanShutdown, { brokerEpoch: 23 })
  })

  it('put a new partition where the fewest are', async (t) => {
    const { open } = setting(t, 2)
    const all = await open()
    for (let n = 0; n < 4; n++) await all.getOrCreate({ topic: 'spread', partition: n })
    assert.deepEqual(
      all.directories.map((directory) => directory.partitionCount),
      [2, 2],
    )
    await assert.rejects(all.getOrCreate({ topic: 'spread', partition: 9, directory: '/elsewhere' }), NoLogDirectory)
  })

  it('are held by one process at a time', async (t) => {
    const { open } = setting(t)
    await open()
    await assert.rejects(open(), NoLogDirectory)
  })

  it('remove a partition by a rename, while a slice of it stays readable', async (t) => {
    const { open, paths } = setting(t)
    const all = await open()
    const log = await all.getOrCreate({ topic: 'gone', partition: 0 })
    appendAsLeader(log, plainBatch(1, 1000), leader)
    await log.written()
    const slice = await (await import('../../src/log/index.ts')).readLog(log, 0, 2000, { upTo: 'log-end', minOneMessage: true })
    assert.equal(await all.delete('gone', 0), true)
    assert.equal(all.get('gone', 0), undefined)
    assert.ok(!existsSync(join(paths[0]!, 'gone-0')))
    assert.equal(appendAsLeader(log, plainBatch(), leader).error, 'KAFKA_STORAGE_ERROR')
    await until(() => !readdirSync(paths[0]!).some((name) => name.startsWith('gone')), 'the renamed directory is removed')
    const into = Buffer.alloc(slice.bytes)
    assert.equal(await slice.records!.read(into, 0), slice.bytes)
    slice.records!.release!()
    const fresh = await all.getOrCreate({ topic: 'gone', partition: 0 })
    assert.equal(fresh.logEndOffset, 0)
  })

  it('take nothing that is known of a deleted partition for a new one of its name', async (t) => {
    const { open } = setting(t)
    const identity = { topic: 'orders', partition: 0 }
    const first = await open()
    const old = await first.getOrCreate(identity)
    for (let n = 0; n < 10; n++) appendAsLeader(old, plainBatch(10), leader)
    await old.flush()
    old.setHighWatermark(100)
    raiseLogStartOffset(old, 90)
    const [directory] = first.directories
    directory!.checkpoints.cleanerOffsets.set('orders-0', 95)
    await directory!.checkpointCleanerOffsets()
    await first.checkpointRecoveryPoints()
    await first.checkpointLogStartOffsets()
    await first.checkpointHighWatermarks()
    await first.delete('orders', 0)
    const log = await first.getOrCreate(identity)
    assert.equal(directory!.checkpoints.cleanerOffsets.get('orders-0'), undefined)
    appendAsLeader(log, plainBatch(5), leader)
    await log.flush()
    // A crash before the next checkpoints.
    await first.abandon()
    const again = (await open()).get('orders', 0)!
    assert.deepEqual([again.logStartOffset, again.logEndOffset, again.highWatermark], [0, 5, 0])
  })

  it('go on with a removal that a crash cut off, and set strays aside', async (t) => {
    const { open, paths } = setting(t)
    const first = await open()
    await first.getOrCreate({ topic: 'mine', partition: 0 })
    await first.getOrCreate({ topic: 'foreign', partition: 0 })
    await first.close()
    mkdirSync(join(paths[0]!, 'old-0.0123456789abcdef0123456789abcdef-delete'))
    const second = await open()
    await second.setAsideStrays((log) => log.topic === 'foreign')
    assert.deepEqual(
      [...second.logs].map((log) => log.topic),
      ['mine'],
    )
    assert.deepEqual(
      [...second.strays].map((log) => log.topic),
      ['foreign'],
    )
    await until(() => !readdirSync(paths[0]!).some((name) => name.endsWith('-delete')), 'the old directory is removed')
    assert.ok(readdirSync(paths[0]!).some((name) => /^foreign-0\.[0-9a-f]{32}-stray$/.test(name)))
  })

  it('lose the directory in which a stray cannot be set aside, and no other', async (t) => {
    const { open, paths } = setting(t, 2)
    const first = await open()
    for (const topic of ['foreign', 'mine']) await first.getOrCreate({ topic, partition: 0 })
    const [bad, good] = ['foreign', 'mine'].map((topic) => first.directoryOf(first.get(topic, 0)!)!.path)
    assert.notEqual(bad, good)
    await first.close()
    const second = await open()
    rmSync(join(bad!, 'foreign-0'), { recursive: true })
    await second.setAsideStrays((log) => log.topic === 'foreign')
    assert.deepEqual(
      second.online.map(({ path }) => path),
      [good],
    )
    assert.deepEqual([second.get('foreign', 0), second.get('mine', 0)?.topic], [undefined, 'mine'])
    assert.equal(paths.length, 2)
  })

  it('start in spite of garbage in any checkpoint, and say so', async (t) => {
    const { open, paths, warnings } = setting(t)
    const first = await open()
    const log = await first.getOrCreate({ topic: 'orders', partition: 0 })
    appendAsLeader(log, plainBatch(5), leader)
    await first.close()
    for (const name of [
      'recovery-point-offset-checkpoint',
      'log-start-offset-checkpoint',
      'replication-offset-checkpoint',
      'cleaner-offset-checkpoint',
    ])
      writeFileSync(join(paths[0]!, name), 'garbage\n')
    writeFileSync(join(paths[0]!, 'orders-0/leader-epoch-checkpoint'), '\u0000\u0000')
    const second = await open()
    assert.equal(second.get('orders', 0)!.logEndOffset, 5)
    assert.deepEqual(second.get('orders', 0)!.epochs.entries, [{ epoch: 0, startOffset: 0 }])
    assert.equal(warnings.filter((warning) => /checkpoint/.test(warning)).length, 5)
  })

  it('lose one directory without the others', async (t) => {
    const { open, paths, host } = setting(t, 2)
    const failed: string[] = []
    const all = await open({ directoryFailed: (directory) => void failed.push(directory.path) })
    const logs = [await all.getOrCreate({ topic: 'a', partition: 0 }), await all.getOrCreate({ topic: 'a', partition: 1 })]
    const [bad, good] = logs as [(typeof logs)[0], (typeof logs)[0]]
    const badPath = all.directoryOf(bad)!.path
    appendAsLeader(bad, plainBatch(), leader)
    const waiting = assert.rejects(bad.written(), /no space/)
    bad.fail(Object.assign(new Error('no space'), { code: 'ENOSPC' }))
    await waiting
    assert.deepEqual(failed, [badPath])
    assert.equal(appendAsLeader(bad, plainBatch(), leader).error, 'KAFKA_STORAGE_ERROR')
    assert.equal((await read(bad, 0)).error, 'KAFKA_STORAGE_ERROR')
    assert.equal(appendAsLeader(good, plainBatch(), leader).error, undefined)
    await good.written()
    assert.equal(all.get('a', bad.partition), undefined)
    const elsewhere = await all.getOrCreate({ topic: 'b', partition: 0 })
    assert.notEqual(all.directoryOf(elsewhere)!.path, badPath)
    await all.close()
    assert.ok(!existsSync(join(badPath, '.kafka_cleanshutdown')))
    assert.ok(existsSync(join(paths.find((path) => path !== badPath)!, '.kafka_cleanshutdown')))
    assert.ok(host)
  })

  it('put a future copy in the place of the current one', async (t) => {
    const { open, paths } = setting(t, 2)
    const all = await open()
    const current = await all.getOrCreate({ topic: 'moved', partition: 0, directory: paths[0] })
    const future = await all.getOrCreate({ topic: 'moved', partition: 0, directory: paths[1], future: true })
    assert.match(future.home.path, /moved-0\.[0-9a-f]{32}-future$/)
    for (const log of [current, future]) appendAsLeader(log, plainBatch(3), leader)
    await future.written()
    assert.equal(await all.replaceCurrentWithFuture('moved', 0), future)
    assert.equal(all.get('moved', 0), future)
    assert.equal(future.home.path, join(paths[1]!, 'moved-0'))
    assert.equal(appendAsLeader(future, plainBatch(), leader).firstOffset, 3)
    await future.written()
    assert.equal((await read(future, 0)).error, undefined)
    assert.equal(appendAsLeader(current, plainBatch(), leader).error, 'KAFKA_STORAGE_ERROR')
    await until(() => !readdirSync(paths[0]!).some((name) => name.startsWith('moved')), 'the old copy is removed')
    await all.close()
    assert.equal((await open()).get('moved', 0)!.logEndOffset, 4)
  })

  it('refuse a directory that is no partition and a partition that is a link, naming them', async (t) => {
    const one = setting(t)
    mkdirSync(join(one.paths[0]!, 'lost+found!'), { recursive: true })
    await assert.rejects(one.open(), /lost\+found!/)
    const two = setting(t)
    mkdirSync(two.paths[0]!, { recursive: true })
    symlinkSync('/tmp', join(two.paths[0]!, 'linked-0'))
    await assert.rejects(two.open(), /linked-0/)
  })
})
