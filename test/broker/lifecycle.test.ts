import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BrokerLifecycle } from '../../src/broker/broker-lifecycle.ts'
import { MetadataImage } from '../../src/metadata/index.ts'
import { Errors, KafkaError } from '../../src/protocol/index.ts'
import { World } from '../../src/sim/index.ts'
import { RecordingJournal } from './recording-journal.ts'

interface Beat {
  readonly brokerEpoch: number | bigint
  readonly wantFence: boolean
  readonly wantShutDown: boolean
  readonly offlineLogDirs: readonly string[]
}

interface Registration {
  readonly logDirs: readonly string[]
}

/** Ids of the broker's log directories. */
const FIRST = 'AAAAAAAAAAAAAAAAAAAAAQ'
const SECOND = 'AAAAAAAAAAAAAAAAAAAAAg'

interface Life {
  readonly lifecycle: BrokerLifecycle
  readonly beats: Beat[]
  /** Directories of whose failure nobody heard in time. */
  readonly untold: string[]
  nowMs(): number
  rest(ms: number): Promise<void>
}

/** A controller that answers as the test says; the lifecycle runs on the world's clock. */
const life = async (
  run: (parts: Life) => Promise<void>,
  answers: { register?: (request: Registration) => object; beat?: (beat: Beat, count: number) => object } = {},
  journal?: RecordingJournal,
): Promise<void> => {
  const world = new World({ seed: 1, ...(journal && { journal: () => journal }) })
  const host = world.host('node')
  const beats: Beat[] = []
  const untold: string[] = []
  const controller = {
    activeId: () => 1,
    decide: async (name: string, request: unknown) => {
      if (name === 'BrokerRegistration') return answers.register?.(request as Registration) ?? { errorCode: Errors.NONE, brokerEpoch: 7 }
      beats.push(request as Beat)
      return answers.beat?.(request as Beat, beats.length) ?? { errorCode: Errors.NONE, isFenced: false, shouldShutDown: true }
    },
  }
  const lifecycle = new BrokerLifecycle(host, controller as never, new MetadataImage(), {
    ...{
      nodeId: 1,
      clusterId: 'cluster',
      rack: null,
      listeners: () => [],
      features: [],
      logDirectoryIds: [FIRST, SECOND],
      previousBrokerEpoch: -1,
      cordonedDirectoryIds: () => [],
    },
    ...{ heartbeatIntervalMs: 2000, registrationTimeoutMs: 60_000, caughtUpTo: async () => {} },
    ...{ directoryFailureTimeoutMs: 30_000, directoryUntold: (id: string) => void untold.push(id) },
  })
  await world.run(async () => {
    const nowMs = () => host.clock.monotonic()
    await run({ lifecycle, beats, untold, nowMs, rest: (ms) => new Promise((resolve) => void host.clock.after(ms, resolve)) })
    lifecycle.close()
  })
}

test('a broker registers, stays fenced until it may serve, and then beats at its interval', () =>
  life(async ({ lifecycle, beats, rest }) => {
    await lifecycle.register()
    assert.deepEqual([lifecycle.epoch, lifecycle.state], [7, 'recovery'])
    await rest(10)
    assert.equal(beats.at(-1)!.wantFence, true)
    await lifecycle.unfence()
    assert.deepEqual([beats.at(-1)!.wantFence, lifecycle.state], [false, 'running'])
    const before = beats.length
    await rest(10_500)
    assert.equal(beats.length - before, 5)
  }))

test('a registration that another of its id took the place of, and whom nobody speaks for, is made again', () => {
  let current = 7
  return life(
    async ({ lifecycle }) => {
      await lifecycle.register()
      await lifecycle.unfence()
      assert.deepEqual([lifecycle.epoch, lifecycle.state], [9, 'running'])
    },
    {
      register: () => {
        // Right behind the first one comes what the process before had sent.
        const brokerEpoch = current
        current = current === 7 ? 8 : 9
        return { errorCode: Errors.NONE, brokerEpoch: brokerEpoch === 7 ? 7 : current }
      },
      beat: ({ brokerEpoch }) =>
        Number(brokerEpoch) === current
          ? { errorCode: Errors.NONE, isFenced: false, shouldShutDown: false }
          : { errorCode: Errors.STALE_BROKER_EPOCH },
    },
  )
})

test('while another incarnation holds the id, it tries again until its time is up', async () => {
  let tries = 0
  await life(
    async ({ lifecycle, nowMs }) => {
      const startedMs = nowMs()
      await assert.rejects(lifecycle.register(), /DUPLICATE_BROKER_REGISTRATION/)
      assert.ok(nowMs() - startedMs >= 60_000)
      assert.ok(tries > 100)
    },
    {
      register: () => {
        tries++
        return { errorCode: Errors.DUPLICATE_BROKER_REGISTRATION }
      },
    },
  )
})

test('a refusal that does not pass ends the start at once', () =>
  life(
    async ({ lifecycle, nowMs }) => {
      const startedMs = nowMs()
      await assert.rejects(lifecycle.register(), /INCONSISTENT_CLUSTER_ID/)
      assert.equal(nowMs(), startedMs)
      assert.equal(lifecycle.epoch, -1)
    },
    { register: () => ({ errorCode: Errors.INCONSISTENT_CLUSTER_ID }) },
  ))

test('while no controller answers, registering goes on until its time is up, and then says which setting that is', async () => {
  let tries = 0
  await life(
    async ({ lifecycle, nowMs }) => {
      const startedMs = nowMs()
      await assert.rejects(lifecycle.register(), /60000 ms \(initial\.broker\.registration\.timeout\.ms\).*nobody there/)
      assert.ok(nowMs() - startedMs >= 60_000)
      assert.ok(tries > 100)
    },
    {
      register: () => {
        tries++
        throw new KafkaError(Errors.NOT_CONTROLLER, 'nobody there')
      },
    },
  )
})

test('a controller that answers late registers the broker all the same', async () => {
  let isThere = false
  await life(
    async ({ lifecycle, rest }) => {
      const registered = lifecycle.register()
      await rest(50_000)
      isThere = true
      await registered
      assert.equal(lifecycle.epoch, 7)
    },
    {
      register: () => {
        if (!isThere) throw new KafkaError(Errors.NOT_CONTROLLER, 'nobody there')
        return { errorCode: Errors.NONE, brokerEpoch: 7 }
      },
    },
  )
})

test('a broker that stops while it registers does not go on with that', () =>
  life(
    async ({ lifecycle, rest }) => {
      const registered = assert.rejects(lifecycle.register(), /shutting down/)
      await rest(1000)
      lifecycle.close()
      await registered
    },
    { register: () => ({ errorCode: Errors.DUPLICATE_BROKER_REGISTRATION }) },
  ))

test('heartbeats that are refused go on at their interval, and each reason is said once until one is accepted', async () => {
  let refusal: number = Errors.STALE_BROKER_EPOCH
  const journal = new RecordingJournal()
  await life(
    async ({ lifecycle, beats, rest }) => {
      await lifecycle.register()
      await rest(20_500)
      assert.equal(beats.length, 11)
      const warnings = () => journal.entries.filter(({ level }) => level === 'warn').map(({ fields }) => fields.error)
      assert.deepEqual(warnings(), ['STALE_BROKER_EPOCH'])
      refusal = Errors.NONE
      await rest(2000)
      refusal = Errors.BROKER_ID_NOT_REGISTERED
      await rest(10_000)
      assert.deepEqual(warnings(), ['STALE_BROKER_EPOCH', 'BROKER_ID_NOT_REGISTERED'])
    },
    { beat: () => ({ errorCode: refusal, isFenced: true }) },
    journal,
  )
})

test('heartbeats that are not answered are sent again, and nothing stops', () =>
  life(
    async ({ lifecycle, beats, rest }) => {
      await lifecycle.register()
      await lifecycle.unfence()
      assert.ok(beats.length > 5)
      await rest(100)
    },
    {
      beat: (_beat, count) => {
        if (count <= 5) throw new KafkaError(Errors.NOT_CONTROLLER, 'nobody there')
        return { errorCode: Errors.NONE, isFenced: false, shouldShutDown: false }
      },
    },
  ))

test('a directory that fails is told at once, even when a heartbeat without it is under way', async () => {
  let answer: ((what: object) => void) | undefined
  let isSlow = false
  await life(
    async ({ lifecycle, beats, rest }) => {
      await lifecycle.register()
      await lifecycle.unfence()
      isSlow = true
      lifecycle.directoryFailed(FIRST)
      await rest(10)
      assert.deepEqual(beats.at(-1)!.offlineLogDirs, [FIRST])
      lifecycle.directoryFailed(SECOND)
      await rest(10)
      isSlow = false
      answer!({ errorCode: Errors.NONE, isFenced: false, shouldShutDown: false })
      await rest(10)
      assert.deepEqual(beats.at(-1)!.offlineLogDirs, [FIRST, SECOND])
    },
    {
      beat: () => {
        const given = { errorCode: Errors.NONE, isFenced: false, shouldShutDown: false }
        return isSlow ? new Promise<object>((resolve) => (answer = resolve)) : given
      },
    },
  )
})

test('a stop waits until the controller lets the broker go, but no longer than its limit', async () => {
  await life(
    async ({ lifecycle, nowMs }) => {
      await lifecycle.register()
      await lifecycle.unfence()
      const startedMs = nowMs()
      await lifecycle.shutDown(5000)
      assert.ok(nowMs() - startedMs < 1000)
      assert.equal(lifecycle.state, 'shutting down')
    },
    { beat: ({ wantShutDown }, count) => ({ errorCode: 0, isFenced: false, shouldShutDown: wantShutDown && count > 5 }) },
  )
  await life(
    async ({ lifecycle, beats, nowMs, rest }) => {
      await lifecycle.register()
      await lifecycle.unfence()
      const startedMs = nowMs()
      await lifecycle.shutDown(5000)
      assert.equal(Math.round((nowMs() - startedMs) / 100), 50)
      const sent = beats.length
      await rest(10_000)
      assert.equal(beats.length, sent, 'nothing is sent any more')
    },
    { beat: () => ({ errorCode: 0, isFenced: false, shouldShutDown: false }) },
  )
})

const saidOfWaiting = (journal: RecordingJournal): unknown[] =>
  journal.entries
    .filter(({ message }) => /waits to be let go|stops all the same/.test(message))
    .map(({ level, fields }) => [level, fields.forMs])

test('a stop that takes long says every ten seconds that it waits, and at its end that it goes all the same', async () => {
  const journal = new RecordingJournal()
  await life(
    async ({ lifecycle, rest }) => {
      await lifecycle.register()
      await lifecycle.unfence()
      await lifecycle.shutDown(35_500)
      await rest(60_000)
      assert.deepEqual(saidOfWaiting(journal), [
        ['info', 10_000],
        ['info', 20_000],
        ['info', 30_000],
        ['warn', 35_500],
      ])
    },
    { beat: () => ({ errorCode: 0, isFenced: false, shouldShutDown: false }) },
    journal,
  )
})

test('a stop that shall not wait at all asks nobody', async () => {
  const journal = new RecordingJournal()
  await life(
    async ({ lifecycle, beats, rest }) => {
      await lifecycle.register()
      await lifecycle.unfence()
      const before = beats.length
      await lifecycle.shutDown(0)
      await rest(5000)
      assert.deepEqual([beats.length, lifecycle.state, saidOfWaiting(journal)], [before, 'shutting down', []])
    },
    {},
    journal,
  )
})

test('a stop does not wait for controllers that have been silent for long', async () => {
  const journal = new RecordingJournal()
  let isSilent = false
  await life(
    async ({ lifecycle, rest, nowMs }) => {
      await lifecycle.register()
      await lifecycle.unfence()
      const startedMs = nowMs()
      const stopped = lifecycle.shutDown(300_000).then(() => nowMs() - startedMs)
      await rest(15_000)
      isSilent = true
      await rest(15_000)
      isSilent = false
      await rest(15_000)
      assert.equal(lifecycle.state, 'pending controlled shutdown')
      isSilent = true
      assert.equal(Math.round((await stopped) / 1000), 65)
      assert.deepEqual(saidOfWaiting(journal).at(-1), ['warn', 65_000])
    },
    {
      beat: () => {
        if (isSilent) throw new KafkaError(Errors.NOT_CONTROLLER, 'nobody there')
        return { errorCode: Errors.NONE, isFenced: false, shouldShutDown: false }
      },
    },
    journal,
  )
})

test('a broker that was unregistered stops at once: nobody knows of anything to be moved away', () =>
  life(
    async ({ lifecycle, nowMs }) => {
      await lifecycle.register()
      await lifecycle.unfence()
      const startedMs = nowMs()
      await lifecycle.shutDown(5000)
      assert.ok(nowMs() - startedMs < 100)
    },
    { beat: ({ wantShutDown }) => (wantShutDown ? { errorCode: Errors.STALE_BROKER_EPOCH } : { errorCode: Errors.NONE, isFenced: false }) },
  ))

test('new listeners are registered under the same incarnation, until the controller takes them', async () => {
  let tries = 0
  await life(
    async ({ lifecycle, nowMs }) => {
      await lifecycle.registerAgain()
      assert.equal(tries, 0, 'the first registration will have them')
      await lifecycle.register()
      const startedMs = nowMs()
      await lifecycle.registerAgain()
      assert.equal(tries, 3)
      assert.equal(nowMs() - startedMs, 1000)
    },
    { register: () => ({ errorCode: ++tries === 2 ? Errors.NOT_CONTROLLER : Errors.NONE, brokerEpoch: 7 }) },
  )
})

test('a broker that asks to be let go does not register again', async () => {
  let tries = 0
  await life(
    async ({ lifecycle, rest }) => {
      await lifecycle.register()
      await lifecycle.unfence()
      const refused = lifecycle.registerAgain()
      await rest(100)
      const stopped = lifecycle.shutDown(5000)
      await refused
      await lifecycle.registerAgain()
      await stopped
      assert.equal(tries, 2)
    },
    {
      register: () => ({ errorCode: ++tries === 2 ? Errors.NOT_CONTROLLER : Errors.NONE, brokerEpoch: 7 }),
      beat: () => ({ errorCode: 0, isFenced: false, shouldShutDown: false }),
    },
  )
})

test('a log directory that failed is left out of a registration as soon as the controller has heard of it, and not before', async () => {
  const registered: (readonly string[])[] = []
  let isRefused = true
  await life(
    async ({ lifecycle, beats, rest }) => {
      await lifecycle.register()
      lifecycle.directoryFailed(FIRST)
      await rest(10)
      assert.deepEqual(beats.at(-1)!.offlineLogDirs, [FIRST])
      await lifecycle.registerAgain()
      isRefused = false
      await rest(1000)
      await lifecycle.registerAgain()
      assert.deepEqual(registered, [[FIRST, SECOND], [FIRST, SECOND], [SECOND]])
    },
    {
      register: ({ logDirs }) => {
        registered.push(logDirs)
        return { errorCode: Errors.NONE, brokerEpoch: 7 }
      },
      beat: () => ({ errorCode: isRefused ? Errors.NOT_CONTROLLER : Errors.NONE, isFenced: true }),
    },
  )
})

test('a registration that brings a failed log directory back is followed by word of it at once', async () => {
  let answer: ((what: object) => void) | undefined
  let isSlow = false
  const told: string[] = []
  await life(
    async ({ lifecycle, rest }) => {
      await lifecycle.register()
      await lifecycle.unfence()
      isSlow = true
      lifecycle.directoryFailed(FIRST)
      await rest(10)
      // The controller has acted on the heartbeat; what it says has not come yet.
      await lifecycle.registerAgain()
      isSlow = false
      answer!({ errorCode: Errors.NONE, isFenced: false })
      await rest(10)
      assert.deepEqual(told.slice(-3), [`offline ${FIRST}`, `with ${FIRST},${SECOND}`, `offline ${FIRST}`])
    },
    {
      register: ({ logDirs }) => {
        told.push(`with ${logDirs}`)
        return { errorCode: Errors.NONE, brokerEpoch: 7 }
      },
      beat: ({ offlineLogDirs }) => {
        told.push(`offline ${offlineLogDirs}`)
        return isSlow ? new Promise((resolve) => void (answer = resolve)) : { errorCode: Errors.NONE, isFenced: false }
      },
    },
  )
})

test('a broker is not unfenced before the controller has heard of the log directories that failed', () =>
  life(
    async ({ lifecycle, beats }) => {
      lifecycle.directoryFailed(FIRST)
      await lifecycle.register()
      await lifecycle.unfence()
      assert.deepEqual(
        beats.map(({ wantFence, offlineLogDirs }) => [wantFence, offlineLogDirs]),
        [
          [true, [FIRST]],
          [false, [FIRST]],
        ],
      )
    },
    { beat: ({ wantFence }) => ({ errorCode: Errors.NONE, isFenced: wantFence }) },
  ))

test('a log directory that fails before the broker is registered is told of as soon as it is', () =>
  life(async ({ lifecycle, beats, rest }) => {
    lifecycle.directoryFailed(FIRST)
    await rest(1000)
    assert.deepEqual(beats, [])
    await lifecycle.register()
    await rest(10)
    assert.deepEqual(
      beats.map(({ offlineLogDirs }) => offlineLogDirs),
      [[FIRST]],
    )
  }))

test('a log directory whose failure no controller hears of in time is one for which the broker must stop', async () => {
  let isDeaf = false
  await life(
    async ({ lifecycle, untold, rest }) => {
      await lifecycle.register()
      await lifecycle.unfence()
      lifecycle.directoryFailed(FIRST)
      isDeaf = true
      await rest(60_000)
      assert.deepEqual(untold, [], 'it was told at once')
      lifecycle.directoryFailed(SECOND)
      await rest(29_000)
      assert.deepEqual(untold, [])
      await rest(2000)
      assert.deepEqual(untold, [SECOND])
      await rest(60_000)
      assert.deepEqual(untold, [SECOND], 'once')
    },
    {
      beat: ({ offlineLogDirs }) => {
        if (isDeaf && offlineLogDirs.length !== 1) throw new KafkaError(Errors.NOT_CONTROLLER, 'nobody there')
        return { errorCode: Errors.NONE, isFenced: false }
      },
    },
  )
})

test('a controller that hears of a failed log directory late, but in time, is enough', async () => {
  let isDeaf = true
  await life(
    async ({ lifecycle, untold, rest }) => {
      lifecycle.directoryFailed(FIRST)
      const registered = lifecycle.register()
      await rest(20_000)
      isDeaf = false
      await registered
      await rest(60_000)
      assert.deepEqual(untold, [])
      lifecycle.directoryFailed(SECOND)
      lifecycle.close()
      await rest(60_000)
      assert.deepEqual(untold, [], 'it stops already')
    },
    {
      register: () => {
        if (isDeaf) throw new KafkaError(Errors.NOT_CONTROLLER, 'nobody there')
        return { errorCode: Errors.NONE, brokerEpoch: 7 }
      },
      beat: () => ({ errorCode: Errors.NONE, isFenced: true }),
    },
  )
})

test('a broker that is closed while it waits to be unfenced says so', () =>
  life(
    async ({ lifecycle }) => {
      await lifecycle.register()
      const waiting = lifecycle.unfence()
      lifecycle.close()
      await assert.rejects(waiting, /shutting down/)
    },
    { beat: () => ({ errorCode: 0, isFenced: true }) },
  ))
