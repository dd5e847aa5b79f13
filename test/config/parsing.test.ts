import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { brokerSettings, isFault, parseSetting, topicSettings, UNLIMITED } from '../../src/config/index.ts'

const topic = (key: keyof typeof topicSettings, text: string) => parseSetting(key, topicSettings[key], text)
const broker = (key: keyof typeof brokerSettings, text: string) => parseSetting(key, brokerSettings[key], text)
const reason = (result: object): string => (isFault(result) ? result.message : 'no fault')

describe('a value is read by its type', () => {
  test('numbers: trimmed, signed, in range of their type', () => {
    assert.deepEqual(topic('retention.ms', ' +0042 '), { value: 42, text: '42' })
    assert.match(reason(topic('retention.ms', '1e3')), /Invalid value 1e3 for configuration retention.ms: Not a number of type LONG/)
    assert.match(reason(topic('segment.bytes', '2147483648')), /Not a number of type INT/)
    assert.match(reason(broker('share.coordinator.state.topic.min.isr', '32768')), /Not a number of type SHORT/)
  })

  test('a long beyond 2^53 stands for "no limit" and keeps its text', () => {
    assert.deepEqual(topic('flush.ms', '9223372036854775807'), { value: UNLIMITED, text: '9223372036854775807' })
    assert.deepEqual(topic('flush.ms', '9007199254740993'), { value: UNLIMITED, text: '9007199254740993' })
    assert.match(reason(topic('flush.ms', '9223372036854775808')), /Not a number of type LONG/)
  })

  test('doubles print as in Java', () => {
    assert.deepEqual(topic('min.cleanable.dirty.ratio', '1'), { value: 1, text: '1.0' })
    assert.deepEqual(broker('log.cleaner.io.max.bytes.per.second', '12345678.9'), { value: 12_345_678.9, text: '1.23456789E7' })
    assert.match(reason(topic('min.cleanable.dirty.ratio', 'NaN')), /Not a number of type DOUBLE/)
  })

  test('booleans in any case, nothing else', () => {
    assert.deepEqual(topic('preallocate', ' TRUE '), { value: true, text: 'true' })
    assert.match(reason(topic('preallocate', 'yes')), /Expected value to be either true or false/)
  })

  test('lists lose the blanks around commas; empty and repeated entries are refused', () => {
    assert.deepEqual(topic('cleanup.policy', 'compact , delete'), { value: ['compact', 'delete'], text: 'compact,delete' })
    assert.deepEqual(topic('cleanup.policy', ''), { value: [], text: '' })
    assert.match(reason(topic('cleanup.policy', 'delete,delete')), /must not be duplicated/)
    assert.match(reason(broker('log.dirs', 'a,,b')), /must not be empty/)
    assert.match(reason(broker('log.dirs', '')), /must not be empty/)
  })

  test('bounds and words: the fault names key, value and what is legal', () => {
    assert.equal(reason(topic('segment.bytes', '1')), 'Invalid value 1 for configuration segment.bytes: Value must be at least 1048576')
    assert.equal(
      reason(topic('min.cleanable.dirty.ratio', '1.5')),
      'Invalid value 1.5 for configuration min.cleanable.dirty.ratio: Value must be no more than 1',
    )
    assert.match(reason(topic('compression.type', 'brotli')), /String must be one of: uncompressed, zstd, lz4, snappy, gzip, producer/)
    assert.equal(isFault(broker('group.consumer.migration.policy', 'Bidirectional')), false)
  })

  test('checks that are more than a range', () => {
    assert.match(reason(topic('compression.gzip.level', '0')), /between 1 and 9 or equal to -1/)
    assert.equal(isFault(topic('leader.replication.throttled.replicas', '*')), false)
    assert.equal(isFault(topic('leader.replication.throttled.replicas', '0:1,1:2')), false)
    assert.match(reason(topic('leader.replication.throttled.replicas', '0-1')), /partitionId/)
    assert.match(reason(broker('controller.quorum.voters', 'localhost:9093')), /\{id\}@\{host\}:\{port\}/)
  })

  test('no text makes it throw, for any key', () => {
    const keys = Object.keys(brokerSettings) as (keyof typeof brokerSettings)[]
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.oneof(fc.string(), fc.stringMatching(/^-?\d{1,25}(\.\d+)?$/)), (key, text) => {
        const result = broker(key, text)
        if (isFault(result)) assert.ok(result.message.includes(key))
      }),
    )
  })
})
