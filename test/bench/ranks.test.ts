import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { liesBelow } from '../../src/bench/ranks.ts'
import { SeededRandom } from '../../src/sim/index.ts'

describe('what lies below by more than accident', () => {
  it('is every value below every other, few as they are', () => {
    assert.equal(liesBelow([1], [2]), true)
    assert.equal(liesBelow([1, 2], [3, 4]), true)
    assert.equal(liesBelow([1, 3], [2, 4]), false)
    assert.equal(liesBelow([1], [1]), false)
    assert.equal(liesBelow([], [1]), false)
  })

  it('is what the ranks say, as tables of Mann and Whitney have it', () => {
    // Five against five: U at most 4, one-sided, at five per cent.
    assert.equal(liesBelow([1, 2, 3, 5, 8], [4, 6, 7, 9, 10]), true)
    assert.equal(liesBelow([1, 2, 3, 5, 9], [4, 6, 7, 8, 10]), false)
    // Three against three: nothing but U = 0.
    assert.equal(liesBelow([1, 2, 4], [3, 5, 6]), false)
  })

  it('is seldom found where there is nothing, few values or many', () => {
    const random = new SeededRandom(11)
    const draw = (count: number): number[] => Array.from({ length: count }, () => random.below(1000))
    for (const count of [5, 15, 30]) {
      const found = Array.from({ length: 400 }, () => liesBelow(draw(count), draw(count))).filter(Boolean).length
      assert.ok(found > 4 && found < 36, `${found} of 400 with ${count}`)
    }
  })

  it('is nothing where all are equal', () => {
    for (const count of [3, 30]) assert.equal(liesBelow(Array(count).fill(7), Array(count).fill(7)), false)
  })
})
