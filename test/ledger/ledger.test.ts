import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type BatchOrigin, type Decision, Ledger, type LedgerLog, type LedgerOptions } from '../../src/ledger/index.ts'
import { type ErrorCode, Errors } from '../../src/protocol/index.ts'
import { World } from '../../src/sim/index.ts'

/** Counts what was added; the simplest state that can be wrong. */
class Sum {
  total = 0
  readonly seen: number[] = []
  replay(record: number, offset: number): void {
    assert.equal(offset, this.seen.length, 'records are replayed at the offset they get')
    this.total += record
    this.seen.push(record)
  }
}

class MemoryLog implements LedgerLog<number> {
  readonly records: number[] = []
  readonly batches: number[][] = []
  committedOffset = 0
  batchBytesMax = 10
  error: ErrorCode = Errors.NONE
  refused: ErrorCode = Errors.NONE
  onAppend: (() => void) | undefined
  get endOffset(): number {
    return this.records.length
  }
  bytesOf(): number {
    return 1
  }
  refusal(): ErrorCode {
    return this.refused
  }
  append(records: readonly number[], _origin: BatchOrigin): ErrorCode {
    if (this.error !== Errors.NONE) return this.error
    this.records.push(...records)
    this.batches.push([...records])
    this.onAppend?.()
    return Errors.NONE
  }
}

type Answer = [ErrorCode, unknown]
const setUp = (options: Partial<LedgerOptions<Sum, number, string, string>> = {}) => {
  const world = new World({ seed: 7 })
  const { clock } = world.host('broker')
  const log = new MemoryLog()
  const ledger = new Ledger<Sum, number, string, string>({
    clock,
    newState: () => new Sum(),
    inactiveError: Errors.NOT_COORDINATOR,
    loadingError: Errors.COORDINATOR_LOAD_IN_PROGRESS,
    ...options,
  })
  const answers: Answer[] = []
  const answered = (error: ErrorCode, answer: unknown): void => void answers.push([error, answer])
  const add = (...records: number[]): void =>
    ledger.write((state): Decision<number, number, string> => ({ records, answer: state.total }), answered)
  const commit = (offset = log.records.length): void => ledger.onCommitted(offset)
  return { world, log, ledger, answers, answered, add, commit }
}

describe('a ledger', () => {
  test('a decision that makes its owner flush, and the log refuse, is answered with why', () => {
    const { log, ledger, answers, answered, add } = setUp()
    ledger.activate(log)
    add(1)
    log.error = Errors.NOT_LEADER_OR_FOLLOWER
    ledger.write((): Decision<number, string, string> => {
      ledger.flush()
      return { records: [2], answer: 'late' }
    }, answered)
    assert.deepEqual(answers.at(-1), [Errors.NOT_LEADER_OR_FOLLOWER, 'late'])
    assert.deepEqual(log.records, [])
  })

  test('decisions of one turn see each other and reach the log as one batch', async () => {
    const { world, log, ledger, answers, add, commit } = setUp()
    ledger.activate(log)
    add(1)
    add(2, 3)
    assert.deepEqual(log.batches, [])
    await world.runFor(0)
    assert.deepEqual(log.batches, [[1, 2, 3]])
    assert.deepEqual(answers, [])
    commit(1)
    assert.deepEqual(answers, [[Errors.NONE, 0]])
    commit(2)
    assert.equal(answers.length, 1, 'half of a decision is not committed')
    commit(3)
    assert.deepEqual(answers[1], [Errors.NONE, 1])
  })

  test('what another writes between decisions does not disturb them', async () => {
    const { world, log, ledger, answers, add, commit } = setUp()
    ledger.activate(log)
    add(1)
    ledger.flush()
    log.append([7], { timestamp: 0, producer: undefined })
    ledger.state.seen.push(7)
    ledger.skipTo(log.endOffset)
    add(2)
    await world.runFor(0)
    assert.deepEqual(log.batches, [[1], [7], [2]])
    commit(3)
    assert.deepEqual(
      answers.map(([error]) => error),
      [Errors.NONE, Errors.NONE],
    )
  })

  test('a read waits until what it saw is committed', async () => {
    const { world, log, ledger, answers, answered, add, commit } = setUp({ lingerMs: 0 })
    ledger.activate(log)
    ledger.read((state) => state.total, answered)
    assert.deepEqual(answers, [[Errors.NONE, 0]], 'nothing is uncommitted')
    add(5)
    ledger.read((state) => state.total, answered)
    assert.equal(answers.length, 1)
    commit()
    assert.deepEqual(answers.slice(1), [
      [Errors.NONE, 0],
      [Errors.NONE, 5],
    ])
    await world.runFor(0)
  })

  test('lingers for more when told to, but not beyond a full batch', async () => {
    const { world, log, ledger, add } = setUp({ lingerMs: 5 })
    ledger.activate(log)
    add(1)
    await world.runFor(4)
    assert.deepEqual(log.batches, [])
    await world.runFor(1)
    assert.deepEqual(log.batches, [[1]])
    for (let count = 0; count < 12; count++) add(2)
    assert.deepEqual(log.batches[1], Array(10).fill(2))
    await world.runFor(5)
    assert.deepEqual(log.batches[2], [2, 2])
  })

  test('decisions stay whole: one that does not fit the open batch opens another', async () => {
    const { world, log, ledger, add } = setUp()
    ledger.activate(log)
    add(...Array(6).fill(1))
    add(...Array(7).fill(2))
    await world.runFor(0)
    assert.deepEqual(log.batches, [Array(6).fill(1), Array(7).fill(2)])
  })

  test('a log that moved under it is lost leadership, in the words of whoever leads there', async () => {
    const { world, log, ledger, answers, add } = setUp({ inactiveError: Errors.NOT_CONTROLLER })
    ledger.activate(log)
    add(1)
    log.append([7], { timestamp: 0, producer: undefined })
    await world.runFor(0)
    assert.deepEqual([answers, ledger.status, log.records], [[[Errors.NOT_CONTROLLER, 0]], 'inactive', [7]])
  })

  test('a decision for which the open batch had to go, in vain, is answered with that error and leaves nothing behind', async () => {
    for (const divisible of [false, true]) {
      const { world, log, ledger, answers, answered, add } = setUp()
      ledger.activate(log)
      add(...Array(6).fill(1))
      log.error = Errors.NOT_LEADER_OR_FOLLOWER
      ledger.write(() => ({ records: Array(7).fill(2), answer: 0, divisible }), answered)
      assert.deepEqual(
        answers.map(([error]) => error),
        [Errors.NOT_LEADER_OR_FOLLOWER, Errors.NOT_LEADER_OR_FOLLOWER],
      )
      assert.deepEqual([ledger.status, ledger.state.seen], ['inactive', []])
      log.error = Errors.NONE
      ledger.activate(log)
      add(3)
      await world.runFor(0)
      assert.deepEqual(log.batches, [[3]])
    }
  })

  test('records that no batch holds are refused before they are replayed, or decided otherwise', async () => {
    const { world, log, ledger, answers, answered, add } = setUp({ lingerMs: 0 })
    ledger.activate(log)
    add(...Array(11).fill(1))
    assert.equal(answers[0][0], Errors.MESSAGE_TOO_LARGE)
    assert.equal(ledger.state.total, 0)
    const otherwise = (error: ErrorCode): Decision<number, string> => ({ records: [9], answer: `instead of ${error}` })
    ledger.write(() => ({ records: Array(11).fill(1), answer: 'large', otherwise }), answered)
    assert.deepEqual(log.records, [9])
    ledger.write(() => ({ records: Array(25).fill(1), answer: 'in pieces', divisible: true }), answered)
    assert.deepEqual(
      log.batches.map((batch) => batch.length),
      [1, 10, 10, 5],
    )
    ledger.onCommitted(26)
    assert.deepEqual(answers.slice(1), [
      [Errors.NONE, `instead of ${Errors.MESSAGE_TOO_LARGE}`],
      [Errors.NONE, 'in pieces'],
    ])
    await world.runFor(0)
  })

  test('requests are refused while nobody leads, while state loads, and while the log takes nothing', () => {
    const { log, ledger, answers, answered, add } = setUp()
    add(1)
    ledger.startLoading()
    add(1)
    ledger.read((state) => state.total, answered)
    ledger.replay(4, 0)
    log.records.push(4)
    ledger.activate(log)
    log.refused = Errors.NOT_ENOUGH_REPLICAS
    add(1)
    assert.deepEqual(
      answers.map(([error]) => error),
      [Errors.NOT_COORDINATOR, Errors.COORDINATOR_LOAD_IN_PROGRESS, Errors.COORDINATOR_LOAD_IN_PROGRESS, Errors.NOT_ENOUGH_REPLICAS],
    )
    assert.equal(ledger.state.total, 4)
  })

  test('a failed append fails everything that waits and leaves no state behind', async () => {
    const failures: ErrorCode[] = []
    const { world, log, ledger, answers, add } = setUp({ onFailed: (error) => void failures.push(error) })
    ledger.activate(log)
    add(1)
    await world.runFor(0)
    log.error = Errors.KAFKA_STORAGE_ERROR
    add(2)
    add(3)
    await world.runFor(0)
    assert.deepEqual(
      answers.map(([error]) => error),
      Array(3).fill(Errors.KAFKA_STORAGE_ERROR),
    )
    assert.deepEqual(failures, [Errors.KAFKA_STORAGE_ERROR])
    assert.equal(ledger.status, 'inactive')
    assert.equal(ledger.state.total, 0)
  })

  test('losing leadership fails what waits, and an append of before does not happen', async () => {
    const { world, log, ledger, answers, add } = setUp()
    ledger.activate(log)
    add(1)
    ledger.deactivate()
    await world.runFor(10)
    assert.deepEqual(answers, [[Errors.NOT_COORDINATOR, 0]])
    assert.deepEqual(log.records, [])
  })

  test('a log that someone else appended to is noticed', async () => {
    const { world, log, ledger, answers, add } = setUp()
    ledger.activate(log)
    add(1)
    log.records.push(100)
    await world.runFor(0)
    assert.deepEqual(answers, [[Errors.NOT_COORDINATOR, 0]])
    assert.equal(ledger.status, 'inactive')
  })

  test('an answer that is not committed in time fails, once', async () => {
    const { world, log, ledger, answers, add, commit } = setUp({ answerTimeoutMs: 100 })
    ledger.activate(log)
    add(1)
    await world.runFor(60)
    add(2)
    await world.runFor(50)
    assert.deepEqual(answers, [[Errors.REQUEST_TIMED_OUT, 0]])
    commit()
    assert.deepEqual(answers.slice(1), [[Errors.NONE, 1]])
    await world.runFor(1000)
    assert.equal(answers.length, 2)
    assert.equal(ledger.waitingCount, 0)
  })

  test('timers come due once, move, are cancelled, and die with leadership', async () => {
    const due: string[] = []
    const { world, log, ledger, answered } = setUp({
      timer: {
        decide: (_state, event) => ({ records: [1], answer: event }),
        answered: (_error, event) => void due.push(`${event} at ${Math.round(world.nowMs)}`),
        activated: () => [{ key: 'first', delayMs: 1000, event: 'first' }],
      },
    })
    log.onAppend = () => ledger.onCommitted(log.records.length)
    ledger.activate(log)
    const set = (key: string, delayMs: number): void =>
      ledger.write(() => ({ records: [], answer: 0, timers: [{ key, delayMs, event: key }] }), answered)
    set('moved', 600)
    set('soon', 10)
    set('cancelled', 500)
    await world.runFor(100)
    set('moved', 8000)
    ledger.write(() => ({ records: [], answer: 0, timers: [{ key: 'cancelled', cancel: true }] }), answered)
    await world.runFor(9000)
    assert.deepEqual(
      due.map((line) => line.split(' at ')[0]),
      ['soon', 'first', 'moved'],
    )
    const times = due.map((line) => Number(line.split(' at ')[1]))
    assert.ok(times[0] === 10 && times[1] === 1000 && times[2] >= 8100 && times[2] <= 8350, due.join(', '))
    set('lost', 300)
    ledger.deactivate()
    await world.runFor(1000)
    assert.equal(due.length, 3)
    assert.equal(ledger.timerCount, 0)
  })

  test('a timer that meets a log without replicas tries again', async () => {
    const due: number[] = []
    const { world, log, ledger, answered } = setUp({
      timer: {
        decide: () => ({ records: [1], answer: '' }),
        answered: () => void due.push(world.nowMs),
      },
    })
    ledger.activate(log)
    log.onAppend = () => ledger.onCommitted(log.records.length)
    ledger.write(() => ({ records: [], answer: 0, timers: [{ key: 'k', delayMs: 0, event: 'k' }] }), answered)
    log.refused = Errors.NOT_ENOUGH_REPLICAS
    await world.runFor(700)
    log.refused = Errors.NONE
    await world.runFor(1000)
    assert.equal(due.length, 1)
  })

  test('whatever happens, each answer comes once, and what is answered is in the log in that order', async () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ kind: fc.constant('add' as const), count: fc.integer({ min: 0, max: 4 }) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('read' as const) }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('commit' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('fail' as const) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('resign' as const) }) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { world, log, ledger } = setUp()
        let asked = 0
        const results = new Map<number, Answer>()
        const once = (id: number) => (error: ErrorCode, answer: unknown) => {
          assert.ok(!results.has(id), 'answered once')
          results.set(id, [error, answer])
        }
        const elect = (): void => {
          ledger.startLoading()
          log.records.forEach((record, offset) => {
            ledger.replay(record, offset)
          })
          ledger.activate(log)
        }
        elect()
        for (const next of steps) {
          if (next.kind === 'add') {
            const id = asked++
            const records = Array.from({ length: next.count }, () => id)
            ledger.write((state) => ({ records, answer: state.seen.length + records.length }), once(id))
          } else if (next.kind === 'read') ledger.read((state) => state.seen.length, once(asked++))
          else if (next.kind === 'commit') {
            log.committedOffset = Math.max(log.committedOffset, Math.floor(next.share * log.records.length))
            ledger.onCommitted(log.committedOffset)
          } else if (next.kind === 'wait') await world.runFor(0)
          else if (next.kind === 'fail') {
            log.error = Errors.KAFKA_STORAGE_ERROR
            await world.runFor(0)
            log.error = Errors.NONE
            if (ledger.status !== 'active') elect()
          } else {
            ledger.deactivate()
            elect()
          }
          for (const [error, answer] of results.values()) {
            assert.ok(error !== Errors.NONE || (answer as number) <= log.committedOffset, 'no answer tells of what is not committed')
          }
        }
        ledger.deactivate()
        assert.equal(results.size, asked, 'no answer is lost')
        const order = log.records.filter((id, index) => index === 0 || log.records[index - 1] !== id)
        assert.deepEqual(
          order,
          [...new Set(order)].sort((a, b) => a - b),
        )
        for (const [id, [error, answer]] of results) {
          if (error === Errors.NONE && log.records.includes(id)) assert.equal(log.records.lastIndexOf(id) + 1, answer)
        }
      }),
      { numRuns: 60 },
    )
  })
})
