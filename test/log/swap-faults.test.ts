import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { appendAsLeader, defaultLogConfig, LogDirectories, type PartitionLog, raiseLogStartOffset } from '../../src/log/index.ts'
import { type SimHost, World } from '../../src/sim/index.ts'
import { leader, readAll } from './log-fixture.ts'
import { plainBatch } from './sample-batches.ts'

const TOPIC_ID = 'B4mSPPvSQsuUvMGxX-rwYQ'
const PATHS = ['/a', '/b']
const config = { ...defaultLogConfig, fileDeleteDelayMs: 10 }

const opened = (host: SimHost, assigned?: () => string): Promise<LogDirectories> =>
  LogDirectories.open(host, { paths: PATHS, configFor: () => config, ...(assigned && { assigned }) })

const append = async (log: PartitionLog, count: number, leaderEpoch = 0): Promise<void> => {
  for (let n = 0; n < count; n++) {
    const batch = plainBatch(2)
    batch.writeInt32BE(leaderEpoch, 12)
    assert.equal(appendAsLeader(log, batch, { ...leader, leaderEpoch }).error, undefined)
  }
  await log.flush()
  log.setHighWatermark(log.logEndOffset)
}

/** A partition in /a with ten records, and its whole copy in /b. */
const readyToSwap = async (host: SimHost): Promise<LogDirectories> => {
  const all = await opened(host)
  const identity = { topic: 't', partition: 0, topicId: TOPIC_ID }
  const current = await all.getOrCreate({ ...identity, directory: '/a' })
  const future = await all.getOrCreate({ ...identity, directory: '/b', future: true })
  for (const log of [current, future]) {
    log.assignEpoch(0, 0)
    await append(log, 5)
  }
  raiseLogStartOffset(current, 4)
  await all.checkpointLogStartOffsets()
  await all.checkpointHighWatermarks()
  return all
}

const named = async (host: SimHost): Promise<string[]> => {
  const names: string[] = []
  for (const path of PATHS)
    for (const { name } of await host.disk.list(path))
      if (name.startsWith('t-')) names.push(`${path}/${name.replace(/\.[0-9a-f]{32}/, '')}`)
  return names
}

describe('a swap of a log with its copy in another directory', () => {
  const survivals: Record<string, (world: World) => () => boolean> = {
    'the process ends': () => () => true,
    'the power goes, and takes what was not synced': () => () => false,
    'the power goes, and takes some of it': (world) => () => world.random.below(2) === 0,
  }
  for (const [what, survives] of Object.entries(survivals)) {
    it(`leaves one log with all that it had, wherever ${what}`, async () => {
      let isWhole = false
      for (let calls = 0; !isWhole; calls++) {
        const world = new World({ seed: calls + 1 })
        const host = world.host('broker')
        const all = await world.run(() => readyToSwap(host))
        let left = calls
        let isCut = false
        world.faults.disk = () => {
          isCut ||= left-- <= 0
          // Out of time before the call is made.
          return isCut ? { delayMs: 1_000_000 } : undefined
        }
        void all.replaceCurrentWithFuture('t', 0, (log) => raiseLogStartOffset(log, 4)).then(() => (isWhole = true))
        await world.runUntil(() => isWhole || isCut)
        host.disk.storage.survives = survives(world)
        delete world.faults.disk
        world.crash('broker')

        const again = world.host('broker')
        const after = await world.run(() => opened(again))
        const where = `after ${calls} disk calls`
        assert.deepEqual(
          [...after.directories].map(({ online }) => online),
          [true, true],
          where,
        )
        const log = after.get('t', 0)!
        assert.equal(log.logEndOffset, 10, where)
        const batches = (10 - log.logStartOffset) / 2
        assert.equal((await world.run(() => readAll(log))).length, batches * plainBatch(2).length, where)
        if (after.getFuture('t', 0) === undefined) assert.equal(log.logStartOffset, 4, where)
        await world.run(() => append(log, 1))
        await world.runFor(100)
        const current = (await world.run(() => named(again))).filter((name) => name.endsWith('/t-0'))
        assert.deepEqual(current.length, 1, where)
        await world.run(() => after.close())
      }
    })
  }

  it('leaves nothing of a topic that is deleted meanwhile, wherever that comes', async () => {
    let isWhole = false
    for (let calls = 0; !isWhole; calls++) {
      const world = new World({ seed: calls + 1 })
      const host = world.host('broker')
      const all = await world.run(() => readyToSwap(host))
      let left = calls
      let deleted: Promise<boolean> | undefined
      world.faults.disk = () => {
        if (left-- <= 0) deleted ??= all.delete('t', 0)
        return undefined
      }
      await world.run(() => all.replaceCurrentWithFuture('t', 0))
      isWhole = deleted === undefined
      await world.run(() => deleted ?? all.delete('t', 0))
      await world.runFor(100)
      const where = `after ${calls} disk calls`
      assert.deepEqual([...all.logs, ...all.futureLogs], [], where)
      assert.deepEqual(await world.run(() => named(host)), [], where)
      assert.deepEqual(
        all.directories.map(({ failure }) => failure),
        [undefined, undefined],
        where,
      )
    }
  })

  it('leaves no copy of a topic that is deleted, though the directory of its log fails then', async () => {
    const world = new World()
    const host = world.host('broker')
    const all = await world.run(() => readyToSwap(host))
    world.faults.disk = ({ operation, path }) => (operation === 'rename' && path.startsWith('/a/t-0') ? { error: 'EIO' } : undefined)
    await assert.rejects(
      world.run(() => all.delete('t', 0)),
      /EIO/,
    )
    await world.runFor(100)
    assert.deepEqual([all.get('t', 0)?.home.path, all.getFuture('t', 0)?.home.path], [undefined, undefined])
    assert.deepEqual(await world.run(() => named(host)), ['/a/t-0'])
    assert.equal(all.directories[1]!.online, true)
  })

  it('goes on where the old directory failed in it: the new log wins when that directory is back', async () => {
    for (const more of [0, 3]) {
      const world = new World()
      const host = world.host('broker')
      const all = await world.run(() => readyToSwap(host))
      world.faults.disk = ({ operation, path }) => (operation === 'rename' && path.startsWith('/a') ? { error: 'EIO' } : undefined)
      await world.run(() => all.replaceCurrentWithFuture('t', 0))
      delete world.faults.disk
      assert.equal(all.directories[0]!.online, false)
      await world.run(() => append(all.get('t', 0)!, more))
      world.crash('broker')
      const again = world.host('broker')
      const after = await world.run(() => opened(again, () => '/b'))
      const log = after.get('t', 0)!
      assert.deepEqual([log.home.path, log.logEndOffset], ['/b/t-0', 10 + 2 * more])
      await world.runFor(100)
      assert.deepEqual(await world.run(() => named(again)), ['/b/t-0'], 'what it has too is removed')
    }
  })

  it('is taken back where the new directory fails in it: the old log goes on, also after a restart', async () => {
    for (const isBack of [false, true]) {
      let isWhole = false
      for (let calls = 0; !isWhole; calls++) {
        const world = new World({ seed: calls + 1 })
        const host = world.host('broker')
        const all = await world.run(() => readyToSwap(host))
        const old = all.get('t', 0)!
        let left = calls
        world.faults.disk = ({ path }) => (path.startsWith('/b') && left-- <= 0 ? { error: 'EIO' } : undefined)
        const serving: PartitionLog[] = [old]
        await world.run(() =>
          all
            .replaceCurrentWithFuture('t', 0, (log) => void serving.push(log))
            .then(
              () => (isWhole = true),
              () => {},
            ),
        )
        if (isWhole) break
        const where = `after ${calls} disk calls`
        assert.ok(all.get('t', 0) === old && serving.at(-1) === old, where)
        assert.deepEqual([all.getFuture('t', 0)?.home.path, all.directories[0]!.logs.has(old)], [undefined, true], where)
        await world.run(() => append(old, 1))
        if (isBack) delete world.faults.disk
        else world.faults.disk = ({ path }) => (path.startsWith('/b') ? { error: 'EIO' } : undefined)
        world.crash('broker')
        const again = world.host('broker')
        const after = await world.run(() => opened(again, () => '/b'))
        assert.deepEqual([after.get('t', 0)?.home.path, after.get('t', 0)?.logEndOffset], ['/a/t-0', 12], where)
      }
    }
  })

  it('is decided by the epochs before the offsets, and what only the other has is set aside', async () => {
    for (const batches of [1, 5]) {
      const world = new World()
      const host = world.host('broker')
      const all = await world.run(() => readyToSwap(host))
      await world.run(() => append(all.get('t', 0)!, 4))
      world.faults.disk = ({ operation, path }) => (operation === 'rename' && path.startsWith('/a') ? { error: 'EIO' } : undefined)
      await world.run(() => all.replaceCurrentWithFuture('t', 0))
      delete world.faults.disk
      all.get('t', 0)!.assignEpoch(7, 10)
      await world.run(() => append(all.get('t', 0)!, batches, 7))
      world.crash('broker')
      const again = world.host('broker')
      const after = await world.run(() => opened(again))
      const log = after.get('t', 0)!
      assert.deepEqual([log.home.path, log.logEndOffset], ['/b/t-0', 10 + 2 * batches])
      assert.deepEqual(await world.run(() => named(again)), ['/a/t-0-stray', '/b/t-0'])
    }
  })

  it('is not taken up again for a topic that is gone: its copy is set aside as a stray', async () => {
    const world = new World()
    const host = world.host('broker')
    await world.run(() => readyToSwap(host))
    world.crash('broker')
    const again = world.host('broker')
    const after = await world.run(async () => {
      const logs = await LogDirectories.open(again, { paths: PATHS, configFor: () => config })
      await logs.setAsideStrays(() => true)
      return logs
    })
    assert.deepEqual([after.get('t', 0), after.getFuture('t', 0)], [undefined, undefined])
    assert.deepEqual(await world.run(() => named(again)), ['/a/t-0-stray', '/b/t-0-stray'])
  })

  it('is made up for at the start when the old log is gone, wherever the metadata has it', async () => {
    for (const assigned of ['/a', '/b']) {
      const world = new World()
      const host = world.host('broker')
      await world.run(() => readyToSwap(host))
      await world.run(() => host.disk.removeTree('/a/t-0'))
      await world.run(() => host.disk.syncDirectory('/a'))
      world.crash('broker')
      const again = world.host('broker')
      const after = await world.run(() => opened(again, () => assigned))
      assert.deepEqual([after.get('t', 0)?.home.path, after.get('t', 0)?.logEndOffset], ['/b/t-0', 10])
      assert.equal(after.getFuture('t', 0), undefined)
    }
  })

  it('waits while the old log may lie in a directory that is offline', async () => {
    const world = new World()
    const host = world.host('broker')
    await world.run(() => readyToSwap(host))
    world.crash('broker')
    const again = world.host('broker')
    world.faults.disk = ({ path }) => (path.startsWith('/a') ? { error: 'EIO' } : undefined)
    const after = await world.run(() => opened(again, () => '/b'))
    assert.deepEqual([after.get('t', 0), after.getFuture('t', 0)?.logEndOffset], [undefined, 10])
  })

  it('is made up for at the start when a log was begun anew where the old one was: its later epoch has no records', async () => {
    const world = new World()
    const host = world.host('broker')
    const all = await world.run(() => readyToSwap(host))
    await world.run(() => all.delete('t', 0))
    const identity = { topic: 't', partition: 0, topicId: TOPIC_ID }
    const fresh = await world.run(() => all.getOrCreate({ ...identity, directory: '/a' }))
    fresh.assignEpoch(5, 0)
    const copy = await world.run(() => all.getOrCreate({ ...identity, directory: '/b', future: true }))
    await world.run(() => append(copy, 5))
    await world.run(() => fresh.queue.drained())
    world.crash('broker')
    const again = world.host('broker')
    const after = await world.run(() => opened(again, () => '/a'))
    assert.deepEqual([after.get('t', 0)?.home.path, after.get('t', 0)?.logEndOffset], ['/b/t-0', 10])
    await world.runFor(100)
    assert.deepEqual(await world.run(() => named(again)), ['/b/t-0'])
  })

  it('sets aside what was written where the old log was, when the copy goes further and has not got it', async () => {
    const world = new World()
    const host = world.host('broker')
    const all = await world.run(() => readyToSwap(host))
    all.get('t', 0)!.assignEpoch(2, 10)
    await world.run(() => append(all.get('t', 0)!, 1, 2))
    all.getFuture('t', 0)!.assignEpoch(3, 10)
    await world.run(() => append(all.getFuture('t', 0)!, 2, 3))
    world.crash('broker')
    const again = world.host('broker')
    const after = await world.run(() => opened(again))
    assert.deepEqual([after.get('t', 0)?.home.path, after.get('t', 0)?.logEndOffset], ['/b/t-0', 14])
    assert.deepEqual(await world.run(() => named(again)), ['/a/t-0-stray', '/b/t-0'])
    assert.deepEqual(
      [...after.directories].map(({ logs }) => logs.size),
      [0, 1],
    )
  })

  it('lets the node start when the copy cannot take the place of a log that is gone', async () => {
    const world = new World()
    const host = world.host('broker')
    await world.run(() => readyToSwap(host))
    await world.run(() => host.disk.removeTree('/a/t-0'))
    await world.run(() => host.disk.syncDirectory('/a'))
    world.crash('broker')
    const again = world.host('broker')
    world.faults.disk = ({ operation, path }) => (operation === 'rename' && path.startsWith('/b/t-0') ? { error: 'EIO' } : undefined)
    const after = await world.run(() => opened(again))
    assert.deepEqual(
      [...after.directories].map(({ online }) => online),
      [true, false],
    )
    assert.equal(after.get('t', 0), undefined)
  })
})
