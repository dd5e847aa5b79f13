import { after, before, describe } from 'node:test'
import { type ApacheKafka, startApacheKafka } from '../apache/apache-kafka.ts'
import { withoutApache } from '../apache/kafka-home.ts'
import { adminSuite } from './admin-suite.ts'
import type { BrokerAt } from './broker-at.ts'
import { groupsSuite } from './groups-suite.ts'
import { produceConsumeSuite } from './produce-consume-suite.ts'

const given = process.env.TKAFKA_TEST_BROKER

describe('the client against Apache Kafka', { skip: given === undefined && withoutApache }, () => {
  const broker: BrokerAt = { bootstrap: given ?? '' }
  let kafka: ApacheKafka | undefined
  before(async () => {
    if (given !== undefined) return
    kafka = await startApacheKafka()
    broker.bootstrap = kafka.bootstrap
  })
  after(() => kafka?.kill())

  adminSuite(broker)
  produceConsumeSuite(broker)
  groupsSuite(broker)
})
