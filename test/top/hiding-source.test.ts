import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { hidingSource } from '../../src/top/hiding-source.ts'
import { noAttention } from '../../src/top/sample.ts'
import { sampleAt } from './sample-fixture.ts'

describe('what goes wrong at a look', () => {
  const hide = (text: string): string => text.replaceAll('s3cret', '(hidden)')

  test('is told without secrets, of one broker and of all', async () => {
    const failures = [{ what: 'Metadata', broker: 1, name: 'SASL_AUTHENTICATION_FAILED', message: 'no such login: s3cret' }]
    const { next } = hidingSource({ next: async () => sampleAt(0, { failures }) }, hide)
    assert.equal((await next(noAttention))?.failures[0]?.message, 'no such login: (hidden)')
    const failing = hidingSource({ next: () => Promise.reject(new Error('s3cret is not known')) }, hide)
    await assert.rejects(failing.next(noAttention), { message: '(hidden) is not known' })
  })
})
