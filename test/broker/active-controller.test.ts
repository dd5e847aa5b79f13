import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ActiveController } from '../../src/broker/active-controller.ts'
import { controllerHandlers } from '../../src/broker/apis/index.ts'
import { BrokerMetrics } from '../../src/broker/broker-metrics.ts'
import { Dispatcher } from '../../src/broker/dispatch.ts'
import { silentJournal } from '../../src/host/index.ts'
import { Server } from '../../src/net/index.ts'
import { Apis, Errors, parseVersions } from '../../src/protocol/index.ts'
import { type SimHost, World } from '../../src/sim/index.ts'

const PORT = 9093
const apis = [Apis.ApiVersions, Apis.BrokerHeartbeat, Apis.AlterPartition, Apis.AllocateProducerIds]

/** A controller whose answers a test gives. */
const openController = async (host: SimHost, answer: (name: string) => object | Promise<object>): Promise<void> => {
  const apiKeys = apis.map(({ key, versions, stableMax }) => ({
    apiKey: key,
    minVersion: parseVersions(versions).lowest,
    maxVersion: stableMax,
  }))
  const handlers = controllerHandlers
    .filter(({ api }) => apis.some(({ key }) => key === api.key))
    .map((handler) => ({
      ...handler,
      handle: () => (handler.api.key === Apis.ApiVersions.key ? { errorCode: 0, apiKeys } : answer(handler.api.name)),
    }))
  const node = { host, journal: silentJournal, metrics: new BrokerMetrics() }
  const dispatcher = new Dispatcher(handlers as never, node as never, 'controller')
  await Server.open(host, {
    listeners: [{ name: 'CONTROLLER', securityProtocol: 'PLAINTEXT', host: host.name, port: PORT } as never],
    onFrame: (connection, frame, lease) => dispatcher.accept(connection, frame, lease),
  })
}

const never = new Promise<object>(() => {})
const heartbeat = { brokerId: 1, brokerEpoch: 1, currentMetadataOffset: 0, wantFence: false, wantShutDown: false, offlineLogDirs: [] }

interface Stage {
  readonly controller: ActiveController
  lead(name: string): void
  cut(name: string): void
  pause(ms: number): Promise<void>
  /** Milliseconds that the work takes. */
  timed(work: Promise<unknown>): Promise<number>
}

/** `answers`: of each controller by its name. */
const onStage = async (
  answers: Readonly<Record<string, (name: string) => object | Promise<object>>>,
  act: (stage: Stage) => Promise<void>,
): Promise<void> => {
  const cut = new Set<string>()
  const world = new World({ seed: 1, faults: { link: (from, to) => (cut.has(from) || cut.has(to) ? { down: true } : undefined) } })
  const host = world.host('broker')
  const names = Object.keys(answers)
  await world.run(async () => {
    for (const name of names) await openController(world.host(name), answers[name]!)
    let leader = names[0]!
    const controller = new ActiveController({
      ...{ host, nodeId: 1, local: undefined, quorum: undefined as never, waitMs: 30_000, heartbeatMs: 2000 },
      leader: () => ({ id: 11 + names.indexOf(leader), host: leader, port: PORT }),
      handlerOf: (name) => controllerHandlers.find(({ api }) => api.name === name)!,
    })
    await act({
      controller,
      lead: (name) => {
        leader = name
        controller.leaderChanged()
      },
      cut: (name) => void cut.add(name),
      pause: (ms) => new Promise((resolve) => void host.clock.after(ms, resolve)),
      timed: async (work) => {
        const startedMs = world.nowMs
        await work
        return world.nowMs - startedMs
      },
    })
    controller.close()
  }, 3_600_000)
}

test('a request that a controller is slow with delays no heartbeat, and no change of in-sync replicas', () =>
  onStage({ slow: (name) => (name === 'AllocateProducerIds' ? never : { errorCode: Errors.NONE }) }, async ({ controller, timed }) => {
    const slow = controller.decide('AllocateProducerIds', { brokerId: 1, brokerEpoch: 1 }, 0)
    const asked = assert.rejects(slow, { code: Errors.NOT_CONTROLLER })
    assert.ok((await timed(controller.decide('BrokerHeartbeat', heartbeat as never, 1))) < 50)
    assert.ok((await timed(controller.decide('AlterPartition', { brokerId: 1, brokerEpoch: 1, topics: [] } as never, 3))) < 50)
    assert.ok((await timed(asked)) > 29_000)
  }))

test('what waits for a controller that leads no more is asked of the one that does, whether it was connected or not', async () => {
  for (const silence of ['it holds what it was asked', 'it is cut off']) {
    await onStage({ old: () => never, new: () => ({ errorCode: Errors.NONE }) }, async ({ controller, lead, cut, timed, pause }) => {
      if (silence === 'it is cut off') cut('old')
      const waiting = Promise.all([
        controller.decide('AllocateProducerIds', { brokerId: 1, brokerEpoch: 1 }, 0),
        controller.decide('BrokerHeartbeat', heartbeat as never, 1),
      ])
      await pause(1000)
      lead('new')
      assert.ok((await timed(waiting)) < 200, silence)
    })
  }
})

test('a heartbeat waits no longer for a controller than until the next one is due, connecting included', () =>
  onStage({ silent: () => never }, async ({ controller, cut, timed }) => {
    const beat = () => timed(assert.rejects(controller.decide('BrokerHeartbeat', heartbeat as never, 1), { code: Errors.NOT_CONTROLLER }))
    assert.ok((await beat()) < 2200)
    cut('silent')
    assert.ok((await beat()) < 2200)
    assert.ok((await beat()) < 2200)
  }))

test('what a client asked for times out when no controller answers, as at Apache Kafka', () =>
  onStage({ gone: () => never }, async ({ controller, cut, timed }) => {
    cut('gone')
    const created = controller.decide('CreateTopics', { topics: [], timeoutMs: 1000, validateOnly: false } as never, 7)
    assert.ok((await timed(assert.rejects(created, { code: Errors.REQUEST_TIMED_OUT }))) < 31_000)
  }))
