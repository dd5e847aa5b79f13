import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fetcherIdOf } from '../../src/replica/replica-fetchers.ts'

/** Utils.abs(31 * topic.hashCode() + partition) % n of Apache Kafka 4.3.1: for partitions 0, 1 and 7, over 1, 3 and 8 fetchers each. */
const ofKafka = {
  orders: [0, 2, 5, 0, 1, 4, 0, 1, 6],
  __consumer_offsets: [0, 2, 7, 0, 1, 6, 0, 1, 0],
  'a-rather.long_topic-name': [0, 0, 6, 0, 1, 7, 0, 1, 5],
  'ß€': [0, 1, 3, 0, 2, 4, 0, 2, 2],
}

test('partitions are spread over the fetchers of their leader as Apache Kafka spreads them', () => {
  for (const [topic, expected] of Object.entries(ofKafka)) {
    const ids = [0, 1, 7].flatMap((partition) => [1, 3, 8].map((count) => fetcherIdOf(topic, partition, count)))
    assert.deepEqual(ids, expected, topic)
  }
})
