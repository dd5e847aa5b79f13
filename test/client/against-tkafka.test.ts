import { after, before, describe } from 'node:test'
import { type RunningBroker, runBroker } from '../broker/broker-fixture.ts'
import { adminSuite } from './admin-suite.ts'
import type { BrokerAt } from './broker-at.ts'
import { groupsSuite } from './groups-suite.ts'
import { produceConsumeSuite } from './produce-consume-suite.ts'

describe('the client against tkafka', () => {
  const broker: BrokerAt = { bootstrap: '' }
  let running: RunningBroker | undefined
  before(async () => {
    running = await runBroker()
    broker.bootstrap = running.bootstrap
  })
  after(() => running?.[Symbol.asyncDispose]())

  adminSuite(broker)
  produceConsumeSuite(broker)
  groupsSuite(broker)
})
