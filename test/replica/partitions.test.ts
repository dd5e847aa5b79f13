import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { DIRECTORY_MIGRATING, DIRECTORY_UNASSIGNED } from '../../src/metadata/index.ts'
import { Errors } from '../../src/protocol/index.ts'
import { plainBatch } from '../log/sample-batches.ts'
import { appendTo, directoryIdOf, idOf, openReplicas } from './replica-fixture.ts'

test('a topic of the metadata gets its logs, and its partitions are led here', async () => {
  await using replicas = await openReplicas()
  replicas.create('events', 3)
  const work = replicas.apply()
  assert.ok(replicas.partitions.ready(idOf('events'), 1) instanceof Promise, 'requests can wait for it')
  await work
  assert.equal(replicas.partitions.ready(idOf('events'), 1), undefined)
  assert.deepEqual(replicas.told.toSorted(), ['led events-0 0', 'led events-1 0', 'led events-2 0'])
})

test('a partition that changes while its log is being made is made once', async () => {
  await using replicas = await openReplicas()
  replicas.create('events')
  const made = replicas.apply()
  replicas.lead(idOf('events'), 0, 1, 1)
  const changed = replicas.apply()
  await made
  const first = replicas.at('events')
  await changed
  assert.equal(replicas.at('events'), first, 'whoever waits at the first would wait for good')
  assert.equal(first.leaderEpoch, 1)
  assert.deepEqual(replicas.told, ['led events-0 1'])
})

test('a partition whose log directory failed stays offline, and is never made anew and empty elsewhere', async () => {
  await using replicas = await openReplicas(2)
  replicas.create('events')
  await replicas.apply()
  const { log } = replicas.at('events')
  appendTo(replicas.at('events'), plainBatch(3))
  await log.written()
  log.fail(new Error('EIO'))
  assert.equal(replicas.partitions.missing(idOf('events'), 0), Errors.KAFKA_STORAGE_ERROR)
  // The controller takes note: nobody leads it any more; then somebody mistakenly does.
  replicas.lead(idOf('events'), 0, -1, 1)
  await replicas.apply()
  replicas.lead(idOf('events'), 0, 1, 2)
  await replicas.apply()
  assert.equal(replicas.partitions.findByName('events', 0), undefined)
  assert.equal(replicas.partitions.missing(idOf('events'), 0), Errors.KAFKA_STORAGE_ERROR)
  assert.equal(replicas.partitions.offlineCount, 1)
  assert.equal(replicas.logs.get('events', 0), undefined)
  // New topics go to the directory that is left.
  replicas.create('others')
  await replicas.apply()
  assert.ok(replicas.at('others').isLeader)
})

test('a node that starts without one of its directories does not make what may lie in it', async () => {
  await using before = await openReplicas(2)
  before.create('events', 4)
  await before.apply()
  const lost = [0, 1, 2, 3].filter((index) => before.at('events', index).log.home.path.startsWith(before.paths[0]!))
  assert.equal(lost.length, 2)
  await before.logs.close(1)
  // A file stands where the directory was: it cannot be opened.
  await rm(before.paths[0]!, { recursive: true })
  await writeFile(before.paths[0]!, '')
  await using after = await openReplicas(2, { root: before.paths[0]!.replace(/\/d0$/, '') })
  after.create('events', 4)
  await after.partitions.loadAll()
  for (const index of [0, 1, 2, 3]) {
    const isLost = lost.includes(index)
    assert.equal(after.partitions.findByName('events', index) === undefined, isLost, `events-${index}`)
    if (isLost) assert.equal(after.partitions.missing(idOf('events'), index), Errors.KAFKA_STORAGE_ERROR)
  }
  assert.equal([...after.logs.logs].length, 2)
})

test('a node that starts without one of its directories makes what cannot lie there: replicas still to be placed, and those of others', async () => {
  await using before = await openReplicas(3)
  await before.logs.close(1)
  const [lost, left, other] = before.paths
  await rm(lost!, { recursive: true })
  await writeFile(lost!, '')
  await using after = await openReplicas(3, { root: dirname(lost!) })
  const create = (topic: string, directory: string): void => after.create(topic, 1, idOf(topic), directory)
  create('lost', directoryIdOf(lost!))
  create('unknown', DIRECTORY_MIGRATING)
  create('elsewhere', idOf('a directory that was taken away'))
  create('unplaced', DIRECTORY_UNASSIGNED)
  create('left', directoryIdOf(left!))
  create('other', directoryIdOf(other!))
  await after.partitions.loadAll()
  for (const topic of ['lost', 'unknown', 'elsewhere']) {
    assert.equal(after.partitions.findByName(topic, 0), undefined, topic)
    assert.equal(after.partitions.missing(idOf(topic), 0), Errors.KAFKA_STORAGE_ERROR)
  }
  assert.ok(after.at('unplaced').isLeader)
  assert.equal(after.at('left').log.home.path, join(left!, 'left-0'))
  assert.equal(after.at('other').log.home.path, join(other!, 'other-0'))
})

test('a topic that is deleted and made again under its name starts empty, and the old id is gone', async () => {
  await using replicas = await openReplicas()
  replicas.create('events')
  await replicas.apply()
  appendTo(replicas.at('events'), plainBatch(3))
  replicas.remove(idOf('events'))
  const gone = replicas.apply()
  replicas.create('events', 1, idOf('second life'))
  const made = replicas.apply()
  await Promise.all([gone, made])
  assert.equal(replicas.at('events').topicId, idOf('second life'))
  assert.equal(replicas.at('events').log.logEndOffset, 0)
  assert.equal(replicas.partitions.find(idOf('events'), 0), undefined)
  assert.equal(replicas.partitions.missing(idOf('events'), 0), Errors.UNKNOWN_TOPIC_OR_PARTITION)
})

test('a topic that is deleted while its logs are being made leaves nothing', async () => {
  await using replicas = await openReplicas()
  replicas.create('events', 20)
  void replicas.apply()
  replicas.remove(idOf('events'))
  await replicas.apply()
  assert.equal([...replicas.partitions.all()].length, 0)
  assert.equal([...replicas.logs.logs].length, 0)
})

test('a topic that is deleted while its log directory is offline takes the copy in another one along', async () => {
  await using replicas = await openReplicas(2)
  replicas.create('events')
  await replicas.apply()
  const { log } = replicas.at('events')
  const other = replicas.logs.directories.find((directory) => directory !== replicas.logs.directoryOf(log))!
  const identity = { topic: 'events', partition: 0, topicId: idOf('events') }
  await replicas.logs.getOrCreate({ ...identity, directory: other.path, future: true })
  log.fail(new Error('EIO'))
  replicas.remove(idOf('events'))
  await replicas.apply()
  assert.equal(replicas.logs.getFuture('events', 0), undefined)
})

test('an append waits for the high watermark, and is told when leadership or the topic goes', async () => {
  await using replicas = await openReplicas()
  replicas.create('events')
  await replicas.apply()
  const partition = replicas.at('events')
  const answers: number[] = []
  const { endOffset } = appendTo(partition, plainBatch(2))
  const replicated = new Promise<void>((resolve) => partition.whenReplicated(endOffset, (code) => resolve(void answers.push(code))))
  assert.deepEqual([...answers], [])
  await replicated
  assert.deepEqual([...answers], [Errors.NONE])
  partition.whenReplicated(endOffset, (code) => answers.push(code))
  assert.deepEqual([...answers], [Errors.NONE, Errors.NONE], 'at once when it is there already')
  partition.whenReplicated(appendTo(partition, plainBatch(2)).endOffset, (code) => answers.push(code))
  replicas.lead(idOf('events'), 0, 2, 1)
  await replicas.apply()
  assert.deepEqual([...answers], [Errors.NONE, Errors.NONE, Errors.NOT_LEADER_OR_FOLLOWER])
  assert.equal(appendTo(partition, plainBatch()).errorCode, Errors.NOT_LEADER_OR_FOLLOWER)
})
