import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ActiveController } from '../../src/broker/active-controller.ts'
import { BrokerLifecycle } from '../../src/broker/broker-lifecycle.ts'
import { type Broker, embeddedProperties, startNode } from '../../src/broker/index.ts'
import type { Controller } from '../../src/controller/index.ts'
import { type Host, silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { Errors } from '../../src/protocol/index.ts'
import { until } from './until.ts'

/** A host that knows which timers are still to come. */
const countingHost = (): { host: Host; pending: Set<string> } => {
  const real = nodeHost({ journal: silentJournal })
  const pending = new Set<string>()
  let number = 0
  const { clock } = real
  return {
    pending,
    host: {
      ...real,
      clock: {
        now: () => clock.now(),
        monotonic: () => clock.monotonic(),
        defer: (callback) => clock.defer(callback),
        after(delayMs, callback) {
          const name = `#${number++} in ${delayMs} ms ${new Error().stack?.split('\n')[2]?.trim()}`
          pending.add(name)
          const timer = clock.after(delayMs, () => {
            pending.delete(name)
            callback()
          })
          return {
            cancel() {
              pending.delete(name)
              timer.cancel()
            },
          }
        },
      },
    },
  }
}

const openIn = async (host: Host, directory: string): Promise<Broker> => {
  const properties = embeddedProperties(join(directory, 'data'), 0)
  return (await startNode({ host, properties, hostName: 'localhost', formatWhenNew: true })).broker!
}

const inDirectory = async (run: (directory: string) => Promise<void>): Promise<void> => {
  const directory = await mkdtemp(join(tmpdir(), 'tkafka-stopping-'))
  try {
    await run(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

const nothingIn = (pending: Set<string>, after: string): Promise<void> =>
  until(() => pending.size === 0, `nothing is to come after ${after}`, 3000).catch((error: Error) => {
    throw new Error(`${error.message}; but: ${[...pending].join(', ')}`)
  })

test('a node that is closed leaves no timer behind', () =>
  inDirectory(async (directory) => {
    const { host, pending } = countingHost()
    const broker = await openIn(host, directory)
    await broker.close()
    await nothingIn(pending, 'close')
  }))

test('a node that is killed leaves no timer behind', () =>
  inDirectory(async (directory) => {
    const { host, pending } = countingHost()
    const broker = await openIn(host, directory)
    await broker.kill()
    await nothingIn(pending, 'kill')
  }))

test('a node that could not register takes back everything it has opened', async (t) =>
  inDirectory(async (directory) => {
    const { host, pending } = countingHost()
    const { mock } = t.mock.method(BrokerLifecycle.prototype, 'register', async () => {
      throw new Error('refused')
    })
    await assert.rejects(openIn(host, directory), /refused/)
    await nothingIn(pending, 'a start that failed')
    // Locks and ports are free again.
    mock.restore()
    await (await openIn(host, directory)).close()
  }))

test('who waits for an active controller is told when the node stops', async () => {
  const { host, pending } = countingHost()
  const nobody = { request: async () => ({ errorCode: Errors.NOT_CONTROLLER, answer: undefined }) } as unknown as Controller
  const leader = { id: 1, host: 'nowhere', port: 1 }
  const client = new ActiveController({
    quorum: undefined as never,
    host,
    nodeId: 1,
    local: nobody,
    waitMs: 30_000,
    heartbeatMs: 2000,
    leader: () => leader,
    handlerOf: () => assert.fail(),
  })
  const asked = client.decide('CreateTopics', {} as never, 7)
  await until(() => pending.size > 0, 'it waits')
  client.close()
  await assert.rejects(asked, { code: Errors.NOT_CONTROLLER })
  await nothingIn(pending, 'close')
})
