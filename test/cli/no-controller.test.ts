import assert from 'node:assert/strict'
import { after, before, describe, it, mock } from 'node:test'
import { type RunningBroker, runBroker } from '../broker/broker-fixture.ts'
import { run } from './run-command.ts'

describe('a command on a cluster whose brokers have no active controller', () => {
  let running: RunningBroker
  before(async () => {
    running = await runBroker()
    assert.equal((await tkafka(['topics', 'create', 'orders'])).code, 0)
    // As while none is active: each request waits for one. (Heartbeats go on, so that the broker can stop.)
    const { controller } = running.broker
    const decide = controller.decide.bind(controller)
    const never = new Promise<never>(() => {})
    const decideNothing: typeof decide = (name, ...rest) => (name === 'BrokerHeartbeat' ? decide(name, ...rest) : never)
    mock.method(controller, 'decide', decideNothing)
    mock.method(controller, 'describeQuorum', () => never)
  })
  after(async () => {
    mock.restoreAll()
    await running[Symbol.asyncDispose]()
  })
  const tkafka = (argv: string[], stdin = '') => run([...argv, '-b', running.bootstrap], { stdin })
  const hint = /\n {2}.*no controller is active.*majority of the quorum/

  it('produce fails in its time, and says what could not be had', async () => {
    const startedMs = performance.now()
    const { code, stderr } = await tkafka(['produce', 'orders', '--timeout', '1s'], 'one\ntwo\n')
    assert.ok(performance.now() - startedMs < 15_000)
    assert.equal(code, 1)
    assert.match(
      stderr,
      /^tkafka produce: orders-0: not delivered within 1020 ms of being sent: no producer id could be had: \S.* \[REQUEST_TIMED_OUT 7\]\n {2}.*perhaps none is active.*\ntkafka produce: 2 records failed, 0 were sent\n$/,
    )
  })

  it('cluster describe stars nobody', async () => {
    const { code, stdout, stderr } = await tkafka(['cluster', 'describe', '--timeout', '1s'])
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^ID +HOST +PORT +RACK +CONTROLLER +ROLES\n *1 +\S+ +\d+ +- +-\n$/)
  })

  it('cluster quorum status says that none is active', async () => {
    const { code, stderr } = await tkafka(['cluster', 'quorum', 'status', '--timeout', '1s'])
    assert.deepEqual([code, hint.test(stderr)], [1, true], stderr)
  })

  it('topics create says that none is active', async () => {
    const { code, stderr } = await tkafka(['topics', 'create', 'more', '--timeout', '1s'])
    assert.equal(code, 1)
    assert.match(stderr, /^tkafka topics create: more: no answer/)
    assert.match(stderr, hint)
  })
})
