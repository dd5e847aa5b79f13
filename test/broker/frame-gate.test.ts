import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Lease } from '../../src/base/index.ts'
import { FrameGate } from '../../src/broker/frame-gate.ts'
import type { ServerConnection } from '../../src/net/index.ts'

const connection = (): ServerConnection => ({ open: true }) as ServerConnection

test('the frame of a connection that is gone before the gate opens is let go of', () => {
  const gate = new FrameGate()
  const held = new Set<Lease>()
  const lease = (): Lease => {
    const each: Lease = { retain: () => {}, release: () => void held.delete(each) }
    held.add(each)
    return each
  }
  for (let attempt = 0; attempt < 3; attempt++) {
    const impatient = connection()
    gate.accept(impatient, Buffer.from('lost'), lease())
    gate.closed(impatient)
  }
  assert.equal(held.size, 0)
  const [first, second] = [connection(), connection()]
  gate.accept(first, Buffer.from('one'), lease())
  gate.accept(second, Buffer.from('two'), undefined)
  const taken: string[] = []
  gate.open({ accept: (_, frame) => void taken.push(frame.toString()) })
  gate.accept(first, Buffer.from('three'), undefined)
  assert.deepEqual(taken, ['one', 'two', 'three'])
  assert.equal(held.size, 1, 'who takes a frame lets go of it')
})
