import { after, before } from 'node:test'
import { type RunningBroker, runBroker } from '../broker/broker-fixture.ts'
import type { BrokerAt } from '../client/broker-at.ts'
import { describeTop } from './cluster-specification.ts'

const at: BrokerAt = { bootstrap: '' }
let broker: RunningBroker
before(async () => {
  broker = await runBroker()
  at.bootstrap = broker.bootstrap
})
after(() => broker[Symbol.asyncDispose]())

describeTop('tkafka', at)
