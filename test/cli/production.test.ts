import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { produceRecords } from '../../src/cli/records/production.ts'
import type { RecordInput } from '../../src/cli/records/record-json.ts'
import { ClientError, type Producer } from '../../src/client/index.ts'
import { Errors } from '../../src/protocol/index.ts'

/** A producer as far as it is asked, whose cluster takes its time. */
const producing = (failure: Error) => {
  const calls: string[] = []
  const producer = {
    send: () => calls.push('send') > 0,
    flush: async () => {
      await new Promise(setImmediate)
      calls.push('flushed')
    },
    close: async () => void calls.push('closed'),
  } as unknown as Producer
  async function* read(): AsyncGenerator<RecordInput[]> {
    yield [{ topic: 't', key: null, value: Buffer.from('a'), headers: [] } as unknown as RecordInput]
    throw failure
  }
  const options = { producer, read, inputs: [[] as never], stop: new AbortController().signal, countMax: Number.POSITIVE_INFINITY }
  const done = produceRecords({ ...options, toRecord: () => ({ topic: 't', value: null }) as never, failed: () => {} })
  return { calls, done }
}

describe('what was taken before an input ended badly', () => {
  it('is delivered when it is the input that cannot be read', async () => {
    const { calls, done } = producing(new Error('EIO'))
    await assert.rejects(done, /EIO/)
    assert.deepEqual(calls, ['send', 'flushed', 'closed'])
  })

  it('has a moment when the cluster refuses', async () => {
    const { calls, done } = producing(new ClientError(Errors.TOPIC_AUTHORIZATION_FAILED, 'no'))
    await assert.rejects(done, /no/)
    assert.deepEqual(calls, ['send', 'closed'])
  })
})
