import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ClientError, Producer } from '../../src/client/index.ts'
import { type ErrorCode, Errors } from '../../src/protocol/index.ts'
import { type SimHost, World } from '../../src/sim/index.ts'
import { FickleBroker, type Verdict } from './fickle-broker.ts'

// What a producer waits for, and for how long: against a scripted broker, in virtual time.

interface Scene {
  readonly settings?: Record<string, string | number>
  readonly verdict?: () => Verdict
  readonly delayMs?: () => number
  readonly idVerdict?: () => ErrorCode
  readonly leaderless?: boolean
}

async function play(
  { settings = {}, verdict = () => 'judge', delayMs = () => 1, ...rest }: Scene,
  act: (producer: Producer, broker: FickleBroker, host: SimHost) => Promise<void>,
): Promise<void> {
  const world = new World({ seed: 1 })
  const brokerHost = world.host('broker')
  const host = world.host('client')
  await world.run(async () => {
    const broker = await FickleBroker.open(brokerHost, { topic: 't', partitionCount: 1, verdict, delayMs, ...rest })
    const producer = new Producer(host, { 'bootstrap.servers': broker.bootstrap, 'linger.ms': 0, ...settings })
    await act(producer, broker, host)
    await producer.close(1000)
  }, 1_000_000)
}

const pause = (host: SimHost, ms: number): Promise<void> => new Promise((resolve) => void host.clock.after(ms, resolve))
const at = (value: string | Buffer, partition = 0) => ({ topic: 't', partition, value: Buffer.from(value) })

describe('a producer', () => {
  it('goes on with its sequences after a topic was idle', () =>
    play({ settings: { 'metadata.max.idle.ms': 5000, 'metadata.max.age.ms': 3000 } }, async (producer, broker, host) => {
      await producer.sendAsync(at('a'))
      await pause(host, 20_000)
      assert.equal((await producer.sendAsync(at('b'))).offset, 1)
      assert.deepEqual(broker.partitions[0].values, ['a', 'b'])
    }))

  it('waits for as much room as the record needs that it refused', () =>
    play({ settings: { 'buffer.memory': 1_048_576 } }, async (producer) => {
      await producer.ready('t')
      assert.ok(producer.send(at(Buffer.alloc(400_000))))
      const large = at(Buffer.alloc(700_000))
      assert.ok(!producer.send(large))
      await producer.ready('t')
      assert.ok(producer.send(large))
    }))

  it('waits no longer for the room of a record that was given up', () =>
    play({ settings: { 'buffer.memory': 1_048_576 } }, async (producer) => {
      await producer.ready('t')
      assert.ok(producer.send(at(Buffer.alloc(100_000))))
      assert.ok(!producer.send(at(Buffer.alloc(990_000))))
      await producer.ready('t')
      const leftBytes: number[] = []
      for (let round = 0; round < 3; round++) {
        while (producer.send(at(Buffer.alloc(100_000))));
        await producer.ready('t')
        leftBytes.push(producer.bufferedBytes)
      }
      assert.ok(
        leftBytes.every((bytes) => bytes > 300_000),
        `ready at ${leftBytes}`,
      )
    }))

  it('holds nobody back for the room of one whose time is over', () => {
    let delayMs = 1
    return play({ settings: { 'buffer.memory': 1_048_576, 'max.block.ms': 1000 }, delayMs: () => delayMs }, async (producer, _, host) => {
      await producer.ready('t')
      delayMs = 5000
      assert.ok(producer.send(at(Buffer.alloc(400_000))))
      assert.ok(!producer.send(at(Buffer.alloc(990_000))))
      const startedMs = host.clock.monotonic()
      const large = assert.rejects(producer.ready('t'), /no room in buffer.memory within 1000 ms/)
      await pause(host, 500)
      await producer.ready('t')
      assert.equal(Math.round(host.clock.monotonic() - startedMs), 1000)
      await large
    })
  })

  it('takes no more in line than buffer.memory', () =>
    play({ settings: { 'buffer.memory': 10_000, 'max.request.size': 5000 } }, async (producer) => {
      const sends = Array.from({ length: 20 }, () => producer.sendAsync(at(Buffer.alloc(1000))))
      const refused = (await Promise.allSettled(sends)).filter((each) => each.status === 'rejected')
      assert.ok(refused.length > 0 && refused.length <= 11, `${refused.length} were refused`)
      for (const { reason } of refused) assert.match(reason.message, /bytes of records wait for room already/)
    }))

  it('tells later that the line is full, so that who tries again at once lets others go on', () =>
    play({ settings: { 'buffer.memory': 10_000, 'max.request.size': 5000, 'retry.backoff.ms': 100 } }, async (producer, broker, host) => {
      const patient = Array.from({ length: 9 }, () => producer.sendAsync(at(Buffer.alloc(1000))))
      const startedMs = host.clock.monotonic()
      let tries = 0
      const insist = async (): Promise<void> => {
        for (;;) {
          tries++
          assert.ok(tries < 1000, 'others go on')
          try {
            await producer.sendAsync(at(Buffer.alloc(2000)))
            return
          } catch (error) {
            assert.ok(error instanceof ClientError && error.retriable)
            assert.match(error.message, /bytes of records wait for room already/)
          }
        }
      }
      await insist()
      assert.ok(tries > 1 && host.clock.monotonic() - startedMs >= 100)
      await Promise.all(patient)
      assert.equal(broker.partitions[0].values.length, 10)
    }))

  it('lets no record stand in line that can never be sent', () =>
    play({ settings: { 'max.request.size': 5000 } }, async (producer, _broker, host) => {
      const startedMs = host.clock.monotonic()
      const first = producer.sendAsync(at('first'))
      await assert.rejects(producer.sendAsync(at(Buffer.alloc(6000))), /larger than max.request.size=5000/)
      assert.equal(host.clock.monotonic(), startedMs)
      await first
    }))

  it('refuses at once what names no partition that could ever be there', () =>
    play({}, async (producer) => {
      await producer.ready('t')
      for (const partition of [-1, 0.5, Number.NaN])
        assert.throws(() => producer.send(at('x', partition)), {
          code: Errors.INVALID_REQUEST,
          message: /partition (-1|0.5|NaN) of topic t/,
        })
    }))

  it('holds nobody back for a partition that is not there', () =>
    play({}, async (producer, _broker, host) => {
      const lost = assert.rejects(producer.sendAsync(at('x', 9)), /no partition 9/)
      const startedMs = host.clock.monotonic()
      await producer.sendAsync(at('y'))
      assert.ok(host.clock.monotonic() - startedMs < 1000)
      await lost
    }))

  it('flushes what was sent before, however much is sent meanwhile', () =>
    play(
      { settings: { 'buffer.memory': 2000, 'batch.size': 500, 'max.request.size': 1500 }, delayMs: () => 20 },
      async (producer, _broker, host) => {
        let isOver = false
        const load = (async () => {
          while (!isOver) {
            for (let n = 0; n < 20; n++) producer.sendAsync(at(Buffer.alloc(400))).catch(() => {})
            await pause(host, 20)
          }
        })()
        await pause(host, 500)
        const startedMs = host.clock.monotonic()
        await producer.flush()
        assert.ok(host.clock.monotonic() - startedMs < 2000)
        isOver = true
        await load
      },
    ))

  it('flushes all parts of a batch that had to be split', () => {
    const script: Verdict[] = [Errors.MESSAGE_TOO_LARGE, Errors.NOT_LEADER_OR_FOLLOWER]
    const scene = { settings: { 'linger.ms': 50, acks: '1', 'enable.idempotence': 'false' }, verdict: () => script.shift() ?? 'judge' }
    return play(scene, async (producer) => {
      await producer.ready('t')
      const told: (string | undefined)[] = []
      for (let n = 0; n < 4; n++) producer.send(at(Buffer.alloc(300)), (error) => void told.push(error?.message))
      await producer.flush()
      assert.deepEqual(told, [undefined, undefined, undefined, undefined])
    })
  })

  it('gives back as much as it took for a batch that had to be split', () => {
    const script: Verdict[] = []
    const scene = { settings: { 'linger.ms': 50, acks: '1', 'enable.idempotence': 'false' }, verdict: () => script.shift() ?? 'judge' }
    return play(scene, async (producer) => {
      await producer.ready('t')
      for (let round = 0; round < 20; round++) {
        script.push(Errors.MESSAGE_TOO_LARGE)
        for (let n = 0; n < 7; n++) producer.send(at(Buffer.alloc(300 + round)))
        producer.send(at('x'))
        await producer.flush()
        assert.equal(producer.bufferedBytes, 0)
      }
    })
  })

  const short = { 'delivery.timeout.ms': 3000, 'request.timeout.ms': 2000 }
  const late = (scene: Scene, cause: RegExp, hint: RegExp): Promise<void> =>
    play({ ...scene, settings: short }, async (producer, _broker, host) => {
      const startedMs = host.clock.monotonic()
      await assert.rejects(producer.sendAsync(at('x')), (error: ClientError) => {
        assert.equal(error.code, Errors.REQUEST_TIMED_OUT)
        assert.match(error.message, cause)
        assert.match(error.hint, hint)
        return true
      })
      assert.ok(host.clock.monotonic() - startedMs < 3100)
    })

  it('says what kept a record from being delivered in time: no producer id', () =>
    late(
      { idVerdict: () => Errors.COORDINATOR_LOAD_IN_PROGRESS },
      /^t-0: not delivered within 3000 ms of being sent: no producer id could be had: the cluster gave none: COORDINATOR_LOAD_IN_PROGRESS$/,
      /perhaps none is active/,
    ))

  it('… no leader', () => late({ leaderless: true }, /of being sent: the partition has no leader that is known$/, /without a leader/))

  it('… refusals', () => late({ verdict: () => Errors.NOT_ENOUGH_REPLICAS }, /of being sent: NOT_ENOUGH_REPLICAS$/, /^$/))

  it('… silence', () => {
    let delayMs = 1
    const idVerdict = (): ErrorCode => {
      delayMs = 60_000
      return Errors.NONE
    }
    return late({ delayMs: () => delayMs, idVerdict }, /of being sent: broker:9092 did not answer in time$/, /./)
  })
})
