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

test('many unsent answers are told in their order, whatever was sent before', () => {
  const unsent = new UnsentAnswers()
  const told: number[] = []
  let added = 0
  let left = 0
  const add = (): void => {
    const number = added++
    unsent.add(10, 0, 0, { sent: () => void told.push(number) })
    left += 10
  }
  for (const [more, sentBytes] of [
    [3, 20],
    [6, 0],
    [9, 55],
    [1, 15],
    [40, 590],
  ] as const) {
    for (let i = 0; i < more; i++) add()
    unsent.left((left = Math.max(0, left - sentBytes)), 1)
    assert.equal(told.length, Math.floor((10 * added - left) / 10))
  }
  assert.deepEqual(
    told,
    Array.from({ length: added }, (_, number) => number),
  )
})
