import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Errors } from '../../src/protocol/index.ts'
import { ReplicationWaiters } from '../../src/replica/replication-waiters.ts'

test('every waiter is told once: when its offset is reached, in whatever order they came, or when that can no longer be', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 30 }), fc.array(fc.nat(20), { maxLength: 10 }), (offsets, marks) => {
      const waiters = new ReplicationWaiters()
      const told: number[][] = offsets.map(() => [])
      for (const [n, offset] of offsets.entries()) waiters.add(offset, (code) => void told[n]!.push(code))
      let highest = -1
      for (const mark of marks) {
        waiters.complete(mark)
        highest = Math.max(highest, mark)
        for (const [n, offset] of offsets.entries()) assert.deepEqual(told[n], offset <= highest ? [Errors.NONE] : [])
      }
      waiters.fail(Errors.NOT_LEADER_OR_FOLLOWER)
      waiters.complete(100)
      for (const [n, offset] of offsets.entries()) {
        assert.deepEqual(told[n], [offset <= highest ? Errors.NONE : Errors.NOT_LEADER_OR_FOLLOWER])
      }
    }),
  )
})

test('a waiter that adds another one when it is told does not lose it', () => {
  const waiters = new ReplicationWaiters()
  const told: string[] = []
  waiters.add(1, () => {
    told.push('first')
    waiters.add(2, () => told.push('second'))
  })
  waiters.complete(1)
  waiters.complete(2)
  assert.deepEqual(told, ['first', 'second'])
})
