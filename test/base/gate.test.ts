import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Gate } from '../../src/base/index.ts'

test('a gate lets so many through at once, in the order they came, and goes on after a failure', async () => {
  const gate = new Gate(2)
  const started: number[] = []
  const ends: (() => void)[] = []
  const works = Array.from({ length: 5 }, (_, n) =>
    gate.pass(async () => {
      started.push(n)
      await new Promise<void>((resolve) => ends.push(resolve))
      if (n === 1) throw new Error('fails')
      return n
    }),
  )
  const settled = Promise.allSettled(works)
  for (let round = 0; round < 5; round++) {
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(started.length, Math.min(5, 2 + round))
    ends[round]?.()
  }
  assert.deepEqual(
    (await settled).map((each) => (each.status === 'fulfilled' ? each.value : each.reason.message)),
    [0, 'fails', 2, 3, 4],
  )
  assert.deepEqual(started, [0, 1, 2, 3, 4])
})
