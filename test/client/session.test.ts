import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { metadataCall } from '../../src/client/cluster.ts'
import { BrokerLink, connectionSettings, resolveSettings } from '../../src/client/index.ts'
import { secureLinks } from '../../src/client/secure-links.ts'
import { ChannelGround } from '../../src/net/index.ts'
import { KafkaError } from '../../src/protocol/index.ts'
import { type SimHost, World } from '../../src/sim/index.ts'
import { SessionBroker } from './session-broker.ts'

interface Stage {
  readonly broker: SessionBroker
  readonly link: BrokerLink
  readonly host: SimHost
  readonly pause: (ms: number) => Promise<void>
  readonly ask: (name: string) => Promise<unknown>
}

/** A link to a broker that ends sessions after 10 s, in a simulated world. */
function onStage<T>(seed: number, play: (stage: Stage) => Promise<T>, password = 'secret'): Promise<T> {
  const world = new World({ seed })
  const brokerHost = world.host('broker')
  const host = world.host('client')
  return world.run(async () => {
    const delayMs = (): number => brokerHost.random.fraction() * 30
    const broker = await SessionBroker.open(brokerHost, { password: 'secret', sessionLifetimeMs: 10_000, delayMs })
    const { settings } = resolveSettings(connectionSettings, {
      ...{ 'security.protocol': 'SASL_PLAINTEXT', 'sasl.mechanism': 'SCRAM-SHA-256' },
      'sasl.jaas.config': `org.apache.kafka.common.security.scram.ScramLoginModule required username="u" password="${password}";`,
    })
    const ground = new ChannelGround(host)
    const node = { id: 1, host: brokerHost.name, port: 9092, rack: null }
    const link = new BrokerLink(node, { host, settings, ground, ...secureLinks(host, settings), onDown: () => {} })
    const pause = (ms: number): Promise<void> => new Promise((resolve) => void host.clock.after(ms, resolve))
    const ask = (name: string): Promise<unknown> => link.request(metadataCall, { topics: [{ name }] })
    try {
      return await play({ broker, link, host, pause, ask })
    } finally {
      link.close()
      ground.close()
    }
  }, 1_000_000)
}

describe('a session that ends (KIP-368)', () => {
  it('is renewed before it does; what is asked meanwhile waits and leaves in its order', async () => {
    for (let seed = 1; seed <= 5; seed++) {
      await onStage(seed, async ({ broker, pause, ask, host }) => {
        await ask('first')
        const names: string[] = []
        const answers: Promise<unknown>[] = []
        for (let round = 0; round < 1000; round++) {
          await pause(host.random.fraction() * 100)
          for (let count = host.random.below(4); count > 0; count--) {
            names.push(String(names.length))
            answers.push(ask(names.at(-1)!))
          }
        }
        await Promise.all(answers)
        assert.deepEqual(broker.asked, ['first', ...names])
        assert.deepEqual(broker.cutOff, [])
        assert.equal(broker.connections, 1)
        assert.ok(broker.logins >= 5 && broker.logins <= 8, `${broker.logins} logins in 50 s`)
      })
    }
  })

  it('is begun again after it ended unused', async () => {
    await onStage(1, async ({ broker, pause, ask }) => {
      await ask('first')
      await pause(60_000)
      await ask('second')
      assert.deepEqual([broker.asked, broker.logins, broker.connections, broker.cutOff], [['first', 'second'], 2, 1, []])
    })
  })

  it('ends with the connection when the password is no longer good, and comes back with it', async () => {
    await onStage(1, async ({ broker, pause, ask, link }) => {
      await ask('first')
      broker.password = 'another'
      await pause(20_000)
      const refused = (error: unknown) => error instanceof KafkaError && error.errorName === 'SASL_AUTHENTICATION_FAILED'
      await Promise.all([assert.rejects(ask('a'), refused), assert.rejects(ask('b'), refused)])
      assert.equal(link.connected, false)
      broker.password = 'secret'
      await ask('second')
      assert.deepEqual(broker.asked, ['first', 'second'])
    })
  })

  it('never begins with a wrong password, which is not told', async () => {
    await onStage(
      1,
      async ({ ask }) => {
        await assert.rejects(
          ask('first'),
          (error) => error instanceof KafkaError && /refused the login/.test(error.message) && !/hush/.test(error.message),
        )
      },
      'hush-hush',
    )
  })
})
