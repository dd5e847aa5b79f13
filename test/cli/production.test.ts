import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { produceRecords } from '../../src/cli/records/production.ts'
import type { RecordInput } from '../../src/cli/records/record-json.ts'
import { type ProducedTransactions, produceInTransactions } from '../../src/cli/records/transactional-production.ts'
import { ClientError, type OutgoingRecord, Producer, type SettingsInput } from '../../src/client/index.ts'
import { Errors } from '../../src/protocol/index.ts'
import { World } from '../../src/sim/index.ts'
import { TransactionBroker, type TransactionVerdict } from '../client/transaction-broker.ts'

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

  it('is in doubt too when the producer is of no use any more: the commit before may have been taken', async () => {
    const fenced = new ClientError(Errors.PRODUCER_FENCED, 'fenced')
    for (const phase of ['fatal error', 'uninitialized', 'initializing']) {
      const produced = await ending((to) => {
        to(phase)
        return Promise.reject(fenced)
      })
      assert.deepEqual([produced.aborted, produced.inDoubt, produced.failure], [0, 2, fenced], phase)
    }
  })

  it('is lost when the commit can only be aborted', async () => {
    const refused = new ClientError(Errors.TRANSACTION_ABORTABLE, 'abort')
    const lost = await ending((to) => {
      to('abortable error')
      return Promise.reject(refused)
    })
    assert.deepEqual([lost.aborted, lost.inDoubt, lost.failure], [2, 0, refused])
  })
})

describe('a commit that is not waited for to its end', () => {
  /** Produces two records in a transaction; EndTxn is held up until told to stop, or max.block.ms, and then comes to `verdict`. */
  const heldUp = (verdict: TransactionVerdict, config: SettingsInput, stops: boolean): Promise<[ProducedTransactions, string[]]> => {
    const world = new World({ seed: 1 })
    const [brokerHost, host] = [world.host('broker'), world.host('client')]
    return world.run(async () => {
      const stop = new AbortController()
      let asked = 0
      let isHeld = true
      const broker = await TransactionBroker.open(brokerHost, {
        ...{ partitionCount: 1, version: () => 2, delayMs: () => 1 },
        verdict: (api) => {
          if (api !== 'EndTxn') return 'judge'
          if (isHeld) {
            if (asked++ === 0) host.clock.after(stops ? 300 : 1700, () => (isHeld = false))
            if (stops) stop.abort()
            return Errors.COORDINATOR_LOAD_IN_PROGRESS
          }
          const now = verdict
          verdict = 'judge'
          return now
        },
      })
      const settings = { 'bootstrap.servers': broker.bootstrap, 'transactional.id': 'mine', 'linger.ms': 0, ...config }
      const producer = new Producer(host, settings)
      async function* read(): AsyncGenerator<RecordInput[]> {
        for (const value of ['a', 'b']) yield [{ topic: 't', key: null, value: Buffer.from(value), headers: [] } as unknown as RecordInput]
      }
      const toRecord = ({ value }: RecordInput) => ({ topic: 't', value }) as OutgoingRecord
      const options = { inputs: [[] as never], stop: stop.signal, countMax: 100, recordsEach: Number.POSITIVE_INFINITY }
      const produced = await produceInTransactions({ producer, read, toRecord, ...options })
      await producer.close()
      return [produced, broker.partitions.flatMap((each) => each.valuesOf('committed'))]
    }, 1_000_000)
  }
  const ways: readonly (readonly [string, SettingsInput, boolean])[] = [
    ['a stop', {}, true],
    ['max.block.ms', { 'max.block.ms': 1500 }, false],
  ]
  for (const [what, config, stops] of ways) {
    it(`for ${what} counts when it ends well after all`, async () => {
      const [{ sent, aborted, inDoubt }, seen] = await heldUp('judge', config, stops)
      assert.deepEqual([sent, aborted, inDoubt, seen], [2, 0, 0, ['a', 'b']])
    })

    it(`for ${what} does not count when it comes to an abort`, async () => {
      const [{ sent, aborted, inDoubt }, seen] = await heldUp(Errors.TRANSACTION_ABORTABLE, config, stops)
      assert.deepEqual([sent, aborted, inDoubt, seen], [0, 2, 0, []])
    })

    it(`for ${what} is in doubt when another producer is there before it is heard of`, async () => {
      const [{ sent, aborted, inDoubt }] = await heldUp(Errors.PRODUCER_FENCED, config, stops)
      assert.deepEqual([sent, aborted, inDoubt], [0, 0, 2])
    })
  }
})
