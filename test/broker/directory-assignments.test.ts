import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ControllerClient } from '../../src/broker/controller-client.ts'
import { DirectoryAssignments } from '../../src/broker/directory-assignments.ts'
import { silentJournal } from '../../src/host/index.ts'
import { metadataRecord } from '../../src/metadata/index.ts'
import { Errors } from '../../src/protocol/index.ts'
import type { AssignReplicasToDirsRequest } from '../../src/protocol/messages/assign-replicas-to-dirs.ts'
import { idOf, openReplicas } from '../replica/replica-fixture.ts'
import { until } from './until.ts'

const idFor = (path: string): string => idOf(path.slice(path.lastIndexOf('/') + 1))

const setting = async (metadataVersion = 25) => {
  const replicas = await openReplicas(2)
  replicas.image.replay(metadataRecord('FeatureLevelRecord', 0, { name: 'metadata.version', featureLevel: metadataVersion }), 0)
  replicas.create('events', 2)
  await replicas.apply()
  /** Directory and partition of each assignment, as they are sent. */
  const sent: string[] = []
  const answers: Promise<number>[] = []
  const decide = async (_: string, { directories }: AssignReplicasToDirsRequest) => {
    for (const { id, topics } of directories)
      for (const { partitions } of topics) for (const { partitionIndex } of partitions) sent.push(`${id} ${partitionIndex}`)
    const errorCode = await (answers.shift() ?? Errors.NONE)
    const withErrors = directories.map(({ id, topics }) => ({
      id,
      topics: topics.map(({ topicId, partitions }) => ({ topicId, partitions: partitions.map((each) => ({ ...each, errorCode })) })),
    }))
    return { errorCode: Errors.NONE, directories: withErrors }
  }
  const broker = { nodeId: 1, epoch: () => 5, image: () => replicas.image, directoryIdOf: idFor }
  const { clock } = replicas.host
  // Nothing is waited for longer than a turn.
  const after = (_: number, callback: () => void) => {
    const turn = setImmediate(callback)
    return { cancel: () => clearImmediate(turn) }
  }
  const hasty = { ...clock, after }
  const assignments = new DirectoryAssignments(broker, { decide, activeId: () => 1 } as unknown as ControllerClient, hasty, silentJournal)
  return { replicas, assignments, sent, answers, events: replicas.at('events', 0), paths: replicas.paths }
}

test('a claim resolves when the controller has noted it', async () => {
  const { replicas, assignments, sent, events, paths } = await setting()
  await using _ = replicas
  await assignments.claim(events, paths[1]!)
  assert.deepEqual(sent, [`${idFor(paths[1]!)} 0`])
})

test('a claim that is taken back while it is on its way is followed by where the replica lies', async () => {
  const { replicas, assignments, sent, answers, events, paths } = await setting()
  await using _ = replicas
  const home = idFor(events.log.home.path.slice(0, events.log.home.path.lastIndexOf('/')))
  const answered = Promise.withResolvers<number>()
  answers.push(answered.promise)
  const other = paths.find((path) => idFor(path) !== home)!
  void assignments.claim(events, other)
  await until(() => sent.length === 1, 'the claim is on its way')
  // What the metadata says is what the claim will make it say no more.
  events.update({ ...events.registration, directories: [home] })
  assignments.placed(events)
  answered.resolve(Errors.NONE)
  await until(() => sent.length === 2, 'the controller is told again')
  assert.deepEqual(sent, [`${idFor(other)} 0`, `${home} 0`])
})

test('the last word is told last, though the request with an earlier one fails late', async () => {
  const { replicas, assignments, sent, answers, events, paths } = await setting()
  await using _ = replicas
  const home = idFor(events.log.home.path.slice(0, events.log.home.path.lastIndexOf('/')))
  const other = paths.find((path) => idFor(path) !== home)!
  const answered = Promise.withResolvers<number>()
  answers.push(answered.promise)
  const claim = assert.rejects(assignments.claim(events, other), /a later word/)
  await until(() => sent.length === 1, 'the claim is on its way')
  assignments.placed(events)
  for (let turns = 0; turns < 10; turns++) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(sent.length, 1, 'one request at a time')
  answered.reject(new Error('the request timed out'))
  // Told after all that there was to tell before.
  await assignments.claim(replicas.at('events', 1), other)
  assert.deepEqual(
    sent.filter((each) => each.endsWith(' 0')),
    [`${idFor(other)} 0`, `${home} 0`],
  )
  await claim
})

test('a claim that a later word overtakes before it is told is refused, and the later one told alone', async () => {
  const { replicas, assignments, sent, events, paths } = await setting()
  await using _ = replicas
  const overtaken = assert.rejects(assignments.claim(events, paths[0]!), /a later word/)
  await assignments.claim(events, paths[1]!)
  await overtaken
  assert.deepEqual(sent, [`${idFor(paths[1]!)} 0`])
})

test('one that is refused is told again, as long as the replica is there', async () => {
  const { replicas, assignments, sent, answers, events, paths } = await setting()
  await using _ = replicas
  answers.push(Promise.resolve(Errors.UNKNOWN_TOPIC_ID), Promise.resolve(Errors.NONE), Promise.resolve(Errors.UNKNOWN_TOPIC_ID))
  await assignments.claim(events, paths[1]!)
  assert.equal(sent.length, 2)
  const late = assignments.claim(events, paths[0]!)
  replicas.remove(idOf('events'))
  await assert.rejects(late, /events-0 is gone/)
})

test('nothing is told below the metadata version that knows directories', async () => {
  const { replicas, assignments, sent, events, paths } = await setting(16)
  await using _ = replicas
  await assignments.claim(events, paths[1]!)
  assert.deepEqual(sent, [])
})
