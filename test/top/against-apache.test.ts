import { after, before, describe } from 'node:test'
import { type ApacheKafka, startApacheKafka } from '../apache/apache-kafka.ts'
import { withoutApache } from '../apache/kafka-home.ts'
import type { BrokerAt } from '../client/broker-at.ts'
import { describeTop } from './cluster-specification.ts'

describe('top against Apache Kafka', { skip: withoutApache }, () => {
  const at: BrokerAt = { bootstrap: '' }
  let kafka: ApacheKafka | undefined
  before(async () => {
    kafka = await startApacheKafka()
    at.bootstrap = kafka.bootstrap
  })
  after(() => kafka?.kill())

  describeTop('Apache Kafka', at)
})
