import assert from 'node:assert/strict'
import { test } from 'node:test'
import { zeroUuid } from '../../src/base/index.ts'
import { Errors } from '../../src/protocol/index.ts'
import { type FetchContext, type FetchNews, FetchSessions, type FetchTarget, isFetchRefusal } from '../../src/replica/index.ts'
import { idOf, target } from './replica-fixture.ts'

const news = (change: Partial<FetchNews> = {}): FetchNews => ({
  ...{ errorCode: 0, highWatermark: 5, logStartOffset: 0, recordBytes: 0, notable: false, ...change },
})

/** A client's side of it: sends requests, answers every partition with `what`, and gives what would be in the reply. */
const world = (slots = 10) => {
  let nextId = 0
  const sessions = new FetchSessions({ slots, evictionMs: 1000 }, () => nextId++)
  let now = 0
  const begin = (
    sessionId: number,
    sessionEpoch: number,
    targets: readonly FetchTarget[],
    { version = 17, fromFollower = false, forgotten = [] as readonly FetchTarget[] } = {},
  ) => sessions.begin({ version, sessionId, sessionEpoch, fromFollower }, targets, forgotten, now)
  const answer = (context: FetchContext, what: (target: FetchTarget) => FetchNews = () => news()) => {
    const told = context.targets.filter((each) => context.include(each, what(each))).map(({ topic, partition }) => `${topic}-${partition}`)
    return { sessionId: context.finish(now), told }
  }
  const ask = (...request: Parameters<typeof begin>) => {
    const opened = begin(...request)
    assert.ok(!isFetchRefusal(opened), 'a context')
    return opened
  }
  const refused = (...request: Parameters<typeof begin>) => {
    const opened = begin(...request)
    return isFetchRefusal(opened) ? opened.errorCode : undefined
  }
  return { sessions, begin, ask, answer, refused, pass: (ms: number) => (now += ms) }
}

test('a full request opens a session, and later answers hold only what is news', () => {
  const { ask, answer } = world()
  const opened = answer(ask(0, 0, [target('a'), target('b')]))
  assert.deepEqual(opened, { sessionId: 1, told: ['a-0', 'b-0'] })
  assert.deepEqual(answer(ask(1, 1, [])).told, [])
  assert.deepEqual(answer(ask(1, 2, []), ({ topic }) => news({ highWatermark: topic === 'a' ? 6 : 5 })).told, ['a-0'])
  assert.deepEqual(answer(ask(1, 3, []), ({ topic }) => news({ highWatermark: 6, logStartOffset: topic === 'b' ? 1 : 0 })).told, ['b-0'])
})

test('a partition with an error is in every answer, and once more when the error is gone', () => {
  const { ask, answer } = world()
  answer(ask(0, 0, [target('a')]))
  const broken = () => news({ errorCode: Errors.NOT_LEADER_OR_FOLLOWER, highWatermark: -1, logStartOffset: -1 })
  assert.deepEqual(answer(ask(1, 1, []), broken).told, ['a-0'])
  assert.deepEqual(answer(ask(1, 2, []), broken).told, ['a-0'])
  assert.deepEqual(answer(ask(1, 3, [])).told, ['a-0'])
  assert.deepEqual(answer(ask(1, 4, [])).told, [])
})

test('a partition that gave records goes to the end of the line', () => {
  const { ask, answer } = world()
  answer(ask(0, 0, [target('a'), target('b'), target('c')]))
  answer(ask(1, 1, []), ({ topic }) => news({ recordBytes: topic === 'a' ? 100 : 0 }))
  assert.deepEqual(
    ask(1, 2, []).targets.map(({ topic }) => topic),
    ['b', 'c', 'a'],
  )
})

test('partitions are added, moved on and forgotten; a session without any ends', () => {
  const { sessions, ask, answer, refused } = world()
  answer(ask(0, 0, [target('a')]))
  const changed = ask(1, 1, [target('b'), target('a', { fetchOffset: 7 })])
  assert.deepEqual(
    changed.targets.map(({ topic, fetchOffset }) => [topic, fetchOffset]),
    [
      ['a', 7],
      ['b', 0],
    ],
  )
  answer(changed)
  assert.equal(sessions.partitionCount, 2)
  assert.deepEqual(answer(ask(1, 2, [], { forgotten: [target('a'), target('b')] })), { sessionId: 0, told: [] })
  assert.equal(sessions.count, 0)
  assert.equal(refused(1, 3, []), Errors.FETCH_SESSION_ID_NOT_FOUND)
})

test('wrong epochs and unknown sessions are refused; the epoch follows the largest by 1', () => {
  const { ask, answer, refused } = world()
  answer(ask(0, 0, [target('a')]))
  assert.equal(refused(1, 2, []), Errors.INVALID_FETCH_SESSION_EPOCH)
  assert.equal(refused(9, 1, []), Errors.FETCH_SESSION_ID_NOT_FOUND)
  assert.equal(refused(1, 1, [], { version: 12 }), Errors.FETCH_SESSION_TOPIC_ID_ERROR)
  answer(ask(1, 1, []))
  assert.equal(refused(1, 1, []), Errors.INVALID_FETCH_SESSION_EPOCH, 'a request that was repeated')
})

test('epoch -1 answers once and closes the session', () => {
  const { sessions, ask, answer } = world()
  answer(ask(0, 0, [target('a')]))
  assert.deepEqual(answer(ask(1, -1, [target('a')])), { sessionId: 0, told: ['a-0'] })
  assert.equal(sessions.count, 0)
})

test('a request that overtook another of its session makes the waiting one invalid', () => {
  const { ask, answer } = world()
  answer(ask(0, 0, [target('a')]))
  const waiting = ask(1, 1, [])
  const next = ask(1, 2, [])
  assert.equal(waiting.isOvertaken(), true)
  assert.equal(next.isOvertaken(), false)
})

test('before topic ids a session knows its partitions by name, through the deletion and return of a topic', () => {
  const { ask, answer } = world()
  const byName = { version: 12 }
  answer(ask(0, 0, [target('a', { topicId: zeroUuid })], byName))
  // The topic was not known when the session began; it is now, and later it is another of the same name.
  for (const [epoch, topicId] of [
    [1, idOf('a')],
    [2, idOf('a again')],
  ] as const) {
    const opened = ask(1, epoch, [target('a', { topicId, fetchOffset: epoch })], byName)
    assert.deepEqual(
      opened.targets.map(({ topicId, fetchOffset }) => [topicId, fetchOffset]),
      [[topicId, epoch]],
    )
    answer(opened)
  }
  assert.deepEqual(answer(ask(1, 3, [], { ...byName, forgotten: [target('a', { topicId: zeroUuid })] })).sessionId, 0)
})

test('with topic ids, a topic that comes back is another one', () => {
  const { ask, answer } = world()
  answer(ask(0, 0, [target('a')]))
  const opened = ask(1, 1, [target('a', { topicId: idOf('a again') })], { forgotten: [target('a')] })
  assert.deepEqual(
    opened.targets.map(({ topicId }) => topicId),
    [idOf('a again')],
  )
})

test('no session for those who have no partitions, or speak a version without sessions', () => {
  const { ask, answer } = world()
  assert.equal(answer(ask(0, 0, [])).sessionId, 0)
  assert.equal(answer(ask(0, -1, [target('a')], { version: 6 })).sessionId, 0)
})

test('when all slots are taken, a new session pushes out a stale or smaller one, and followers push out consumers', () => {
  const { sessions, ask, answer, pass } = world(2)
  answer(ask(0, 0, [target('a')]))
  answer(ask(0, 0, [target('a'), target('b')]))
  assert.equal(answer(ask(0, 0, [target('a')])).sessionId, 0, 'none is weaker')
  pass(500)
  assert.ok(answer(ask(0, 0, [target('a')], { fromFollower: true })).sessionId > 0)
  pass(1001)
  assert.ok(answer(ask(0, 0, [target('a')])).sessionId > 0)
  assert.equal(sessions.count, 2)
  assert.equal(sessions.evictions, 2)
  assert.equal(sessions.partitionCount, 2)
})
