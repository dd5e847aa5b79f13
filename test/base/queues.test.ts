import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BinaryHeap, BoundedQueue } from '../../src/base/index.ts'

test('a bounded queue behaves as an array with a maximum', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.array(fc.option(fc.nat()), { maxLength: 200 }), (countMax, steps) => {
      const queue = new BoundedQueue<number>(countMax)
      const model: number[] = []
      for (const step of steps) {
        if (step === null) assert.equal(queue.shift(), model.shift())
        else {
          const room = model.length < countMax
          assert.equal(queue.push(step), room)
          if (room) model.push(step)
        }
        assert.equal(queue.count, model.length)
        assert.equal(queue.peek(), model[0])
        assert.deepEqual([...queue], model)
      }
    }),
  )
})

test('a binary heap gives its items in order', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(50)), { maxLength: 200 }), (steps) => {
      const heap = new BinaryHeap<number>((a, b) => a < b)
      const model: number[] = []
      for (const step of steps) {
        if (step === null) {
          model.sort((a, b) => a - b)
          assert.equal(heap.pop(), model.shift())
        } else {
          heap.push(step)
          model.push(step)
        }
        assert.equal(heap.count, model.length)
        assert.equal(heap.peek(), model.length === 0 ? undefined : Math.min(...model))
      }
    }),
  )
})
