import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UnsentAnswers } from '../../src/net/unsent-answers.ts'

test('an answer waits for those before it, then for the socket', () => {
  const unsent = new UnsentAnswers()
  const told: number[][] = []
  const observer = { sent: (...times: number[]) => void told.push(times) }
  unsent.add(100, 0, 2, observer)
  unsent.add(50, 1, 3, observer)
  unsent.left(60, 5)
  assert.deepEqual(told, [], 'ten bytes of the first are left')
  unsent.left(50, 6)
  assert.deepEqual(told.splice(0), [[0, 4, 6]])
  unsent.add(30, 7, 9, undefined)
  unsent.add(20, 8, 9, observer)
  unsent.left(20, 11)
  assert.deepEqual(told.splice(0), [[3, 5, 10]])
  unsent.left(0, 12)
  assert.deepEqual(told.splice(0), [[2, 1, 4]])
})

test('a connection that always has something unsent forgets what was sent', () => {
  const unsent = new UnsentAnswers()
  let sent = 0
  const observer = { sent: () => void sent++ }
  unsent.add(10, 0, 0, observer)
  for (let i = 0; i < 5000; i++) {
    unsent.add(10, i, i, observer)
    unsent.left(10, i)
  }
  assert.equal(sent, 5000)
  unsent.left(0, 5000)
  assert.equal(sent, 5001)
})
