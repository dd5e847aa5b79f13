import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Delivery, Producer } from '../../src/client/index.ts'
import { Errors } from '../../src/protocol/index.ts'
import { SeededRandom, World } from '../../src/sim/index.ts'
import { FickleBroker, type Verdict } from './fickle-broker.ts'

// The idempotent producer against a broker that keeps Kafka's rules of sequences and answers by a script.

interface Story {
  readonly seed?: number
  readonly partitionCount?: number
  readonly recordCount?: number
  readonly verdict: (partition: number) => Verdict
  readonly delayMs?: () => number
}

/** Sends numbered records, several batches in flight; gives what the log of each partition holds. */
async function logsAfter({ seed = 1, partitionCount = 1, recordCount = 60, verdict, delayMs = () => 1 }: Story): Promise<number[][]> {
  const world = new World({ seed })
  const brokerHost = world.host('broker')
  const clientHost = world.host('client')
  return world.run(async () => {
    const broker = await FickleBroker.open(brokerHost, { topic: 't', partitionCount, verdict, delayMs })
    const producer = new Producer(clientHost, { 'bootstrap.servers': broker.bootstrap, 'linger.ms': 0, 'batch.size': 100 })
    const sent: Promise<Delivery>[] = []
    for (let number = 0; number < recordCount; number++) {
      const partition = number % partitionCount
      // Some at once and some later, so that batches of several sizes are on their way together.
      if (number % 7 === 0) await new Promise<void>((resolve) => void clientHost.clock.after(0.2, resolve))
      sent.push(producer.sendAsync({ topic: 't', partition, value: Buffer.from(String(number)) }))
    }
    await producer.close()
    await Promise.all(sent)
    return broker.partitions.map((each) => each.values.map(Number))
  }, 100_000)
}

const inOrder = (partition: number, partitionCount: number, recordCount: number): number[] =>
  Array.from({ length: Math.ceil((recordCount - partition) / partitionCount) }, (_, i) => partition + i * partitionCount)

describe('an idempotent producer', () => {
  it('keeps its order on a fresh partition that refuses the first batches and takes a later one', async () => {
    let count = 0
    const [log] = await logsAfter({ verdict: () => (count++ < 2 ? Errors.NOT_LEADER_OR_FOLLOWER : 'judge') })
    assert.deepEqual(log, inOrder(0, 1, 60))
  })

  it('starts over when the broker expects another sequence though nothing unanswered stands before', async () => {
    let count = 0
    const [log] = await logsAfter({ verdict: () => (++count === 6 ? Errors.OUT_OF_ORDER_SEQUENCE_NUMBER : 'judge') })
    assert.deepEqual(
      [...log].sort((a, b) => a - b),
      inOrder(0, 1, 60),
    )
  })

  it('delivers everything once and in order whatever is refused and whatever goes lost', async () => {
    const codes = [Errors.NOT_LEADER_OR_FOLLOWER, Errors.UNKNOWN_TOPIC_OR_PARTITION, Errors.KAFKA_STORAGE_ERROR] as const
    for (let seed = 1; seed <= 300; seed++) {
      const random = new SeededRandom(seed)
      const badness = random.fraction() * 0.6
      const verdict = (): Verdict => {
        if (random.fraction() >= badness) return 'judge'
        const which = random.below(5)
        return which === 3 ? 'lose the request' : which === 4 ? 'lose the answer' : codes[which]
      }
      const partitionCount = 1 + random.below(3)
      const logs = await logsAfter({ seed, partitionCount, verdict, delayMs: () => random.fraction() * 3 })
      for (const [partition, log] of logs.entries()) assert.deepEqual(log, inOrder(partition, partitionCount, 60), `seed ${seed}`)
    }
  })
})
