import assert from 'node:assert/strict'
import { it } from 'node:test'
import { nextPollMs } from '../../src/compat/tools/kafka-console-consumer.ts'

it('kafka-console-consumer does not wait past its timeout', () => {
  assert.equal(nextPollMs(2500, 0), 1000)
  assert.equal(nextPollMs(2500, 2000), 500)
  assert.equal(nextPollMs(2500, 2501), 0)
  assert.equal(nextPollMs(Number.POSITIVE_INFINITY, 5000), 1000)
})
