import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ClientError, Producer, type SettingsInput, type Transactions } from '../../src/client/index.ts'
import { type ErrorCode, Errors } from '../../src/protocol/index.ts'
import { SeededRandom, type SimHost, World } from '../../src/sim/index.ts'
import { type OfferedApi, TransactionBroker, type TransactionBrokerOptions, type TransactionVerdict } from './transaction-broker.ts'

// The transactional producer against a broker that keeps Kafka's rules of transactions and answers by a script.

const SEEDS = 50

interface Scene {
  readonly broker: TransactionBroker
  readonly producer: Producer
  readonly transactions: Transactions
  readonly host: SimHost
}

interface Story extends Partial<Omit<TransactionBrokerOptions, 'version'>> {
  readonly seed?: number
  readonly version?: 1 | 2 | (() => 1 | 2)
  readonly config?: SettingsInput
}

function inScene<T>({ seed = 1, version = 2, config = {}, ...options }: Story, play: (scene: Scene) => Promise<T>): Promise<T> {
  const world = new World({ seed })
  const [brokerHost, host] = [world.host('broker'), world.host('client')]
  return world.run(async () => {
    const broker = await TransactionBroker.open(brokerHost, {
      ...{ partitionCount: 2, verdict: () => 'judge', delayMs: () => 1, ...options },
      version: typeof version === 'number' ? () => version : version,
    })
    const settings = { 'transactional.id': 'mine', 'linger.ms': 0, 'batch.size': 100, ...config }
    await using producer = new Producer(host, { 'bootstrap.servers': broker.bootstrap, ...settings })
    return await play({ broker, producer, transactions: producer.transactions, host })
  }, 1_000_000)
}

/** Sends values to both partitions in turn; gives what became of each. */
const sendAll = ({ producer }: Scene, values: readonly string[]): Promise<PromiseSettledResult<unknown>[]> =>
  Promise.allSettled(values.map((value, index) => producer.sendAsync({ topic: 't', partition: index % 2, value: Buffer.from(value) })))

/** `prefix`0, 1, 2 … */
const values = (prefix: string, count = 6): string[] => Array.from({ length: count }, (_, index) => `${prefix}${index}`)
const found = ({ broker }: Scene, outcome: 'open' | 'committed' | 'aborted'): string[] =>
  broker.partitions.flatMap((partition) => partition.valuesOf(outcome)).sort()

/** The error that it comes to. */
async function failureOf(work: Promise<unknown> | (() => unknown)): Promise<ClientError> {
  try {
    await (typeof work === 'function' ? work() : work)
  } catch (error) {
    assert.ok(error instanceof ClientError, String(error))
    return error
  }
  throw new Error('nothing went wrong')
}

/** The first request of an API comes to this, all others are judged. */
const once = (api: OfferedApi, verdict: TransactionVerdict, times = 1): ((asked: OfferedApi) => TransactionVerdict) => {
  let left = times
  return (asked) => (asked === api && left-- > 0 ? verdict : 'judge')
}

for (const version of [1, 2] as const)
  describe(`transactions of version ${version}`, () => {
    it('are seen as a whole when they are committed, and never when they are aborted', () =>
      inScene({ version }, async (scene) => {
        const { transactions, broker } = scene
        await transactions.init()
        for (const [name, isCommitted] of [
          ['a', true],
          ['b', false],
          ['c', true],
        ] as const) {
          transactions.begin()
          await sendAll(scene, values(name))
          assert.equal(found(scene, 'open').length, 6)
          await (isCommitted ? transactions.commit() : transactions.abort())
        }
        assert.deepEqual(found(scene, 'committed'), [...values('a'), ...values('c')])
        assert.deepEqual(found(scene, 'aborted'), values('b'))
        // With the second version a partition joins with its first batch.
        assert.equal(broker.asked.includes('AddPartitionsToTxn'), version === 1)
      }))

    it('commit what was sent and not awaited, and need no coordinator when nothing was', () =>
      inScene({ version }, async (scene) => {
        const { transactions, broker } = scene
        await transactions.init()
        transactions.begin()
        void sendAll(scene, values('a', 50))
        await transactions.commit()
        assert.equal(found(scene, 'committed').length, 50)
        const before = broker.asked.length
        for (const end of [() => transactions.commit(), () => transactions.abort()]) {
          transactions.begin()
          await end()
        }
        assert.equal(broker.asked.length, before)
      }))

    it('commit offsets of a group with their records, and drop them with an abort', () =>
      inScene({ version }, async ({ transactions, broker }) => {
        const group = { groupId: 'g', memberId: 'm', generationId: 3 }
        await transactions.init()
        transactions.begin()
        await transactions.sendOffsets([{ topic: 't', partition: 0, offset: 5 }], group)
        assert.equal(broker.offsets.size, 0)
        await transactions.commit()
        assert.equal(broker.offsets.get('g 0'), 5)
        transactions.begin()
        await transactions.sendOffsets([{ topic: 't', partition: 0, offset: 9 }], group)
        await transactions.abort()
        assert.equal(broker.offsets.get('g 0'), 5)
        assert.equal(broker.asked.includes('AddOffsetsToTxn'), version === 1)
      }))

    it('abort at once: what did not go yet fails and is not sent', () =>
      inScene({ version, config: { 'linger.ms': 1000, 'batch.size': 16_384 } }, async (scene) => {
        const { transactions, producer } = scene
        await transactions.init()
        await producer.ready('t')
        transactions.begin()
        const sent = sendAll(scene, values('a'))
        await transactions.abort()
        assert.ok((await sent).every(({ status }) => status === 'rejected'))
        assert.equal(found(scene, 'aborted').length, 0)
      }))

    it('can only be aborted once a record has failed, and the next one is whole again', () =>
      inScene({ version, verdict: once('Produce', Errors.TOPIC_AUTHORIZATION_FAILED) }, async (scene) => {
        const { transactions, producer } = scene
        await transactions.init()
        transactions.begin()
        await sendAll(scene, values('a', 40))
        assert.equal(transactions.phase, 'abortable error')
        const refused = await failureOf(() => producer.send({ topic: 't', value: null }))
        assert.match(refused.message, /can only be aborted: a record was not delivered: t-\d: /)
        assert.equal((await failureOf(transactions.commit())).errorName, 'TOPIC_AUTHORIZATION_FAILED')
        await transactions.abort()
        transactions.begin()
        await sendAll(scene, values('b', 40))
        await transactions.commit()
        assert.deepEqual(found(scene, 'committed'), values('b', 40).sort())
      }))

    it('fail as a whole when a record fails while they are committed', () =>
      inScene({ version, verdict: once('Produce', Errors.INVALID_RECORD) }, async (scene) => {
        const { transactions } = scene
        await transactions.init()
        transactions.begin()
        void sendAll(scene, values('a', 20))
        assert.equal((await failureOf(transactions.commit())).errorName, 'INVALID_RECORD')
        await transactions.abort()
        assert.deepEqual(found(scene, 'committed'), [])
      }))

    it('are lost with a record that is too large to be sent at all', () =>
      inScene({ version, config: { 'max.request.size': 1000 } }, async (scene) => {
        const { transactions, producer } = scene
        await transactions.init()
        await producer.ready('t')
        transactions.begin()
        await failureOf(() => producer.send({ topic: 't', value: Buffer.alloc(2000) }))
        assert.equal(transactions.phase, 'abortable error')
        await transactions.abort()
        assert.equal(transactions.phase, 'ready')
      }))

    it('are lost with a record that is refused while it stands in line', async () => {
      const lost = async (config: SettingsInput, send: (scene: Scene) => Promise<unknown>): Promise<void> =>
        inScene({ version, config }, async (scene) => {
          const { transactions, producer } = scene
          await transactions.init()
          await producer.ready('t')
          transactions.begin()
          const kept = sendAll(scene, ['a'])
          await failureOf(send(scene))
          await kept
          assert.equal(transactions.phase, 'abortable error')
          await failureOf(transactions.commit())
          // Others may stand in line still.
          await transactions.abort().catch(() => transactions.abort())
          assert.deepEqual(found(scene, 'committed'), [])
        })
      const value = (size: number): Buffer => Buffer.alloc(size)
      // The topic has no such partition; there is no room; too much stands in line; nothing as large is ever taken.
      await lost({ 'max.block.ms': 100 }, ({ producer }) => producer.sendAsync({ topic: 't', partition: 9, value: value(1) }))
      const line = ({ producer }: Scene, sizes: readonly number[]): Promise<unknown> =>
        Promise.all(sizes.map((size) => producer.sendAsync({ topic: 't', partition: 9, value: value(size) })))
      await lost({ 'max.block.ms': 1000, 'buffer.memory': 1000, 'max.request.size': 1000 }, (scene) => line(scene, [700, 700]))
      await lost({ 'max.block.ms': 1000, 'max.request.size': 1000 }, (scene) => line(scene, [700, 2000]))
    })

    it('wait for no answer of use to them any more once they are lost', () => {
      const fails = once('Produce', Errors.INVALID_RECORD)
      const verdict = (api: OfferedApi): TransactionVerdict =>
        api === 'TxnOffsetCommit' ? Errors.COORDINATOR_LOAD_IN_PROGRESS : fails(api)
      return inScene({ version, verdict, config: { 'max.block.ms': 5000 } }, async (scene) => {
        const { transactions, producer } = scene
        await transactions.init()
        await producer.ready('t')
        transactions.begin()
        const sent = sendAll(scene, values('a'))
        const offsets = failureOf(transactions.sendOffsets([{ topic: 't', partition: 0, offset: 1 }], { groupId: 'g' }))
        await sent
        assert.equal(transactions.phase, 'abortable error')
        await transactions.abort()
        assert.match((await offsets).message, /the transaction is lost/)
        transactions.begin()
        await sendAll(scene, values('b'))
        await transactions.commit()
        assert.deepEqual(found(scene, 'committed'), values('b'))
      })
    })

    it('end for good when another producer takes the id over', () =>
      inScene({ version }, async (scene) => {
        const { transactions, producer, broker } = scene
        await transactions.init()
        transactions.begin()
        await sendAll(scene, values('a'))
        broker.takeOver()
        assert.equal((await failureOf(transactions.commit())).errorName, 'PRODUCER_FENCED')
        assert.equal(transactions.phase, 'fatal error')
        assert.match((await failureOf(() => producer.send({ topic: 't', value: null }))).message, /transactional.id mine/)
        assert.equal((await failureOf(() => transactions.begin())).errorName, 'PRODUCER_FENCED')
        assert.deepEqual(found(scene, 'committed'), [])
      }))

    it('can be aborted when a leader has seen a later epoch, and then tell who is fenced', () =>
      inScene({ version }, async (scene) => {
        const { transactions, broker } = scene
        await transactions.init()
        transactions.begin()
        broker.takeOver()
        if (version === 1) {
          await sendAll(scene, values('a'))
          assert.equal(transactions.phase, 'fatal error')
          return
        }
        await sendAll(scene, values('a'))
        assert.equal(transactions.phase, 'abortable error')
        assert.equal((await failureOf(transactions.abort())).errorName, 'PRODUCER_FENCED')
      }))

    it('wait for coordinators that load, move, or are still at the last transaction', async () => {
      const passing = [
        Errors.COORDINATOR_LOAD_IN_PROGRESS,
        Errors.CONCURRENT_TRANSACTIONS,
        Errors.NOT_COORDINATOR,
        Errors.COORDINATOR_NOT_AVAILABLE,
        ...(['lose the request', 'lose the answer'] as const),
      ]
      const apis = [
        'FindCoordinator',
        'InitProducerId',
        'AddPartitionsToTxn',
        'AddOffsetsToTxn',
        'TxnOffsetCommit',
        'EndTxn',
        'Produce',
      ] as const
      for (const api of apis)
        for (const code of passing) {
          // A leader does not coordinate.
          if (api === 'Produce' && typeof code === 'number' && code !== Errors.CONCURRENT_TRANSACTIONS) continue
          await inScene({ version, verdict: once(api, code, 3) }, async (scene) => {
            const { transactions, broker } = scene
            await transactions.init()
            transactions.begin()
            void sendAll(scene, values('a'))
            await transactions.sendOffsets([{ topic: 't', partition: 1, offset: 7 }], { groupId: 'g' })
            await transactions.commit()
            assert.deepEqual([found(scene, 'committed'), broker.offsets.get('g 1')], [values('a'), 7], `${api} ${code}`)
          })
        }
    })

    it('tell errors that can be aborted from those that are final', async () => {
      const cases: readonly (readonly [OfferedApi, ErrorCode, Transactions['phase']])[] = [
        ['FindCoordinator', Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, 'fatal error'],
        ['InitProducerId', Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, 'uninitialized'],
        ['InitProducerId', Errors.INVALID_TRANSACTION_TIMEOUT, 'fatal error'],
        ['Produce', Errors.INVALID_PRODUCER_EPOCH, 'abortable error'],
        ['Produce', Errors.INVALID_TXN_STATE, 'abortable error'],
        ['Produce', Errors.TRANSACTION_ABORTABLE, 'abortable error'],
        ['Produce', Errors.INVALID_PRODUCER_ID_MAPPING, 'fatal error'],
        ['Produce', Errors.PRODUCER_FENCED, 'fatal error'],
        ['TxnOffsetCommit', Errors.ILLEGAL_GENERATION, 'abortable error'],
        ['TxnOffsetCommit', Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, 'fatal error'],
        ['EndTxn', Errors.TRANSACTION_ABORTABLE, 'abortable error'],
        ['EndTxn', Errors.INVALID_TXN_STATE, 'fatal error'],
        ...(version === 2
          ? []
          : ([
              ['AddPartitionsToTxn', Errors.TOPIC_AUTHORIZATION_FAILED, 'abortable error'],
              ['AddPartitionsToTxn', Errors.INVALID_TXN_STATE, 'fatal error'],
              ['AddOffsetsToTxn', Errors.GROUP_AUTHORIZATION_FAILED, 'abortable error'],
              ['AddOffsetsToTxn', Errors.INVALID_PRODUCER_EPOCH, 'fatal error'],
            ] as const)),
      ]
      for (const [api, code, phase] of cases)
        await inScene({ version, verdict: once(api, code) }, async (scene) => {
          const { transactions } = scene
          const failure = await failureOf(async () => {
            await transactions.init()
            transactions.begin()
            await sendAll(scene, values('a'))
            await transactions.sendOffsets([{ topic: 't', partition: 0, offset: 1 }], { groupId: 'g' })
            await transactions.commit()
          })
          assert.equal(transactions.phase, phase, `${api} ${failure.errorName}: ${failure.message}`)
          if (phase === 'abortable error') {
            await transactions.abort()
            transactions.begin()
            await sendAll(scene, values('b'))
            await transactions.commit()
            assert.deepEqual(found(scene, 'committed'), values('b'), `${api} ${failure.errorName}`)
          }
        })
    })
  })

describe('a transactional producer', () => {
  it('says what is wrong with the order of its calls, and is none the worse for it', () =>
    inScene({}, async ({ producer, transactions }) => {
      const misused = async (work: () => unknown, words: RegExp): Promise<void> => {
        const { errorName, message } = await failureOf(work)
        assert.equal(errorName, 'INVALID_TXN_STATE')
        assert.match(message, words)
      }
      const record = { topic: 't', value: null }
      await misused(() => transactions.begin(), /before init/)
      await misused(() => producer.send(record), /need a transaction/)
      await transactions.init()
      await misused(() => transactions.init(), /initialized already/)
      await misused(() => producer.sendAsync(record), /need a transaction/)
      await misused(() => transactions.commit(), /no transaction to commit/)
      await misused(() => transactions.abort(), /no transaction to abort/)
      transactions.begin()
      await misused(() => transactions.begin(), /under way/)
      const committing = transactions.commit()
      await misused(() => producer.send(record), /the commit before/)
      await misused(() => transactions.abort(), /the commit before/)
      await committing
    }))

  it('takes what another one had begun down with it when it takes the id', () =>
    inScene({}, async (scene) => {
      const { transactions, host, broker } = scene
      await transactions.init()
      transactions.begin()
      await sendAll(scene, values('a'))
      await using second = new Producer(host, { 'bootstrap.servers': broker.bootstrap, 'transactional.id': 'mine' })
      await second.transactions.init()
      assert.deepEqual(found(scene, 'aborted'), values('a'))
      assert.equal((await failureOf(transactions.commit())).errorName, 'PRODUCER_FENCED')
    }))

  it('goes on with a commit that takes longer than max.block.ms, and tells of it when asked again', () => {
    let isStuck = false
    const verdict = (api: OfferedApi): TransactionVerdict => (api === 'EndTxn' && isStuck ? Errors.COORDINATOR_LOAD_IN_PROGRESS : 'judge')
    return inScene({ verdict, config: { 'max.block.ms': 500 } }, async (scene) => {
      const { transactions } = scene
      await transactions.init()
      transactions.begin()
      await sendAll(scene, values('a'))
      isStuck = true
      const late = await failureOf(transactions.commit())
      assert.match(late.message, /commit of transactional.id mine did not end within 500 ms: EndTxn: COORDINATOR_LOAD_IN_PROGRESS/)
      assert.match((await failureOf(transactions.abort())).message, /the commit before/)
      isStuck = false
      await transactions.commit()
      assert.deepEqual(found(scene, 'committed'), values('a'))
    })
  })

  it('aborts what is under way when it is closed', () =>
    inScene({}, async (scene) => {
      const { transactions, producer } = scene
      await transactions.init()
      transactions.begin()
      await sendAll(scene, values('a'))
      await producer.close()
      assert.deepEqual([found(scene, 'aborted'), found(scene, 'open')], [values('a'), []])
    }))

  it('may be initialized again where it was not allowed to', () =>
    inScene({ verdict: once('InitProducerId', Errors.CLUSTER_AUTHORIZATION_FAILED) }, async ({ transactions }) => {
      assert.equal((await failureOf(transactions.init())).errorName, 'CLUSTER_AUTHORIZATION_FAILED')
      await transactions.init()
      assert.equal(transactions.phase, 'ready')
    }))

  it('knows nothing more of a transaction that was aborted when its next epoch is refused', () => {
    const fails = once('Produce', Errors.INVALID_RECORD)
    let inits = 0
    const verdict = (api: OfferedApi): TransactionVerdict => {
      if (api === 'InitProducerId' && ++inits === 2) return Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
      return fails(api)
    }
    return inScene({ version: 1, verdict }, async (scene) => {
      const { transactions, broker } = scene
      await transactions.init()
      transactions.begin()
      await sendAll(scene, values('a'))
      assert.equal((await failureOf(transactions.abort())).errorName, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED')
      assert.equal(transactions.phase, 'uninitialized')
      await transactions.init()
      const before = broker.asked.length
      transactions.begin()
      await transactions.commit()
      assert.equal(broker.asked.length, before)
      transactions.begin()
      await sendAll(scene, values('b'))
      await transactions.commit()
      assert.deepEqual(found(scene, 'committed'), values('b'))
    })
  })

  it('has no way on after a lost record where brokers give no second epoch', () =>
    inScene({ version: 1, initMax: 2, verdict: once('Produce', Errors.INVALID_RECORD) }, async (scene) => {
      const { transactions } = scene
      await transactions.init()
      transactions.begin()
      await sendAll(scene, values('a'))
      assert.equal(transactions.phase, 'fatal error')
    }))

  it('changes over to the second version between two transactions', () => {
    let version: 1 | 2 = 1
    let breaks = false
    const verdict = (api: OfferedApi): TransactionVerdict => {
      if (!breaks || api !== 'EndTxn') return 'judge'
      breaks = false
      return 'lose the request'
    }
    return inScene({ version: () => version, verdict }, async (scene) => {
      const { transactions, broker } = scene
      await transactions.init()
      for (const [round, name] of ['a', 'b', 'c'].entries()) {
        transactions.begin()
        await sendAll(scene, values(name))
        version = 2
        // What is finalised is heard of with the next connection.
        breaks = round === 0
        await transactions.commit()
      }
      assert.deepEqual(found(scene, 'committed'), [...values('a'), ...values('b'), ...values('c')])
      assert.equal(broker.asked.filter((api) => api === 'AddPartitionsToTxn').length, 1)
      assert.equal(broker.asked.filter((api) => api === 'InitProducerId').length, 2)
    })
  })

  it('takes only settings under which nothing goes lost', () =>
    inScene({}, async ({ host, broker }) => {
      const servers = { 'bootstrap.servers': broker.bootstrap }
      for (const config of [{ acks: '1' }, { 'enable.idempotence': false }, { retries: 0 }])
        assert.throws(() => new Producer(host, { ...servers, 'transactional.id': 'x', ...config }), /transactional.id=x is not legal/)
      assert.throws(() => new Producer(host, servers).transactions, /without transactional.id/)
    }))

  it('commits each transaction whole and once or not at all, whatever is refused and whatever goes lost', async () => {
    const codes: readonly ErrorCode[] = [
      ...[Errors.COORDINATOR_LOAD_IN_PROGRESS, Errors.NOT_COORDINATOR, Errors.CONCURRENT_TRANSACTIONS],
      ...[Errors.TRANSACTION_ABORTABLE, Errors.NOT_LEADER_OR_FOLLOWER, Errors.OUT_OF_ORDER_SEQUENCE_NUMBER],
    ]
    for (let seed = 1; seed <= SEEDS; seed++) {
      const random = new SeededRandom(seed)
      const badness = random.fraction() * 0.4
      const verdict = (api: OfferedApi): TransactionVerdict => {
        if (api === 'ApiVersions' || api === 'Metadata' || random.fraction() >= badness) return 'judge'
        const which = random.below(4)
        if (which < 2) return which === 0 ? 'lose the request' : 'lose the answer'
        const code = codes[random.below(codes.length)]!
        const isOfLeader = code === Errors.NOT_LEADER_OR_FOLLOWER || code === Errors.OUT_OF_ORDER_SEQUENCE_NUMBER
        return isOfLeader && api !== 'Produce' ? 'judge' : code
      }
      const story = { seed, version: (1 + random.below(2)) as 1 | 2, verdict, delayMs: () => random.fraction() * 3 }
      await inScene(story, async (scene) => {
        const { transactions } = scene
        const expected: string[] = []
        // Whoever does not hear of his commit knows nothing of it, but that it is whole.
        const inDoubt: string[][] = []
        for (let round = 0; round < 8 && transactions.phase !== 'fatal error'; round++) {
          const own = values(`${round}-`, 1 + random.below(20))
          const isMeant = random.fraction() < 0.7
          try {
            if (transactions.phase === 'uninitialized') await transactions.init()
            transactions.begin()
            void sendAll(scene, own)
            await (isMeant ? transactions.commit() : transactions.abort())
            if (isMeant) expected.push(...own)
          } catch (error) {
            if (!(error instanceof ClientError)) throw error
            if (transactions.phase === 'abortable error') await transactions.abort().catch(() => {})
            if (isMeant && (transactions.phase as string) === 'fatal error') inDoubt.push(own)
          }
        }
        const committed = found(scene, 'committed')
        for (const own of inDoubt) if (committed.includes(own[0]!)) expected.push(...own)
        assert.deepEqual(committed, expected.sort(), `seed ${seed}`)
      })
    }
  })
})
