import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { produceRecords } from '../../src/cli/records/production.ts'
import type { RecordInput } from '../../src/cli/records/record-json.ts'
import { produceInTransactions } from '../../src/cli/records/transactional-production.ts'
import { ClientError, type Producer } from '../../src/client/index.ts'
import { Errors } from '../../src/protocol/index.ts'

/** A producer as far as it is asked, whose cluster takes its time. */
const producing = (failure: Error) => {
  const calls: string[] = []
  const producer = {
    send: () => calls.push('send') > 0,
    flush: async () => {
      await new Promise(setImmediate)
      calls.push('flushed')
    },
    close: async () => void calls.push('closed'),
  } as unknown as Producer
  async function* read(): AsyncGenerator<RecordInput[]> {
    yield [{ topic: 't', key: null, value: Buffer.from('a'), headers: [] } as unknown as RecordInput]
    throw failure
  }
  const options = { producer, read, inputs: [[] as never], stop: new AbortController().signal, countMax: Number.POSITIVE_INFINITY }
  const done = produceRecords({ ...options, toRecord: () => ({ topic: 't', value: null }) as never, failed: () => {} })
  return { calls, done }
}

describe('what was taken before an input ended badly', () => {
  it('is delivered when it is the input that cannot be read', async () => {
    const { calls, done } = producing(new Error('EIO'))
    await assert.rejects(done, /EIO/)
    assert.deepEqual(calls, ['send', 'flushed', 'closed'])
  })

  it('has a moment when the cluster refuses', async () => {
    const { calls, done } = producing(new ClientError(Errors.TOPIC_AUTHORIZATION_FAILED, 'no'))
    await assert.rejects(done, /no/)
    assert.deepEqual(calls, ['send', 'closed'])
  })
})

describe('what is produced in transactions', () => {
  /** A producer whose commits come to this. */
  const ending = async (commit: (phase: (next: string) => void) => Promise<void>, stop = new AbortController().signal) => {
    let phase = 'uninitialized'
    const to = (next: string): void => void (phase = next)
    const transactions = {
      get phase() {
        return phase
      },
      init: async () => to('ready'),
      begin: () => to('in transaction'),
      commit: () => {
        to('committing')
        return commit(to)
      },
    }
    const producer = { transactions, send: () => true, close: async () => {} } as unknown as Producer
    async function* read(): AsyncGenerator<RecordInput[]> {
      for (const value of ['a', 'b', 'c'])
        yield [{ topic: 't', key: null, value: Buffer.from(value), headers: [] } as unknown as RecordInput]
    }
    const toRecord = () => ({ topic: 't', value: null }) as never
    return produceInTransactions({ producer, read, toRecord, inputs: [[] as never], stop, countMax: 100, recordsEach: 2 })
  }
  const late = new ClientError(Errors.REQUEST_TIMED_OUT, 'commit did not end')

  it('is counted by transactions', async () => {
    const produced = await ending(async (to) => to('ready'))
    assert.deepEqual(produced, { sent: 3, transactions: 2, aborted: 0, inDoubt: 0, failure: undefined })
  })

  it('is in doubt when nothing is heard of the commit', async () => {
    const stuck = await ending(() => Promise.reject(late))
    assert.deepEqual(stuck, { sent: 0, transactions: 0, aborted: 0, inDoubt: 2, failure: late })
    const stop = new AbortController()
    const stopped = await ending(() => {
      stop.abort()
      return new Promise<never>(() => {})
    }, stop.signal)
    assert.deepEqual([stopped.inDoubt, stopped.aborted, stopped.failure], [2, 0, undefined])
  })

  it('is lost when the commit is refused', async () => {
    const fenced = new ClientError(Errors.PRODUCER_FENCED, 'fenced')
    const lost = await ending((to) => {
      to('fatal error')
      return Promise.reject(fenced)
    })
    assert.deepEqual([lost.aborted, lost.inDoubt, lost.failure], [2, 0, fenced])
  })
})
