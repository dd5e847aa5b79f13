import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Drawing } from './drawing.ts'
import { Violation } from './invariants/index.ts'
import { live, type Outcome } from './life.ts'
import type { Fault } from './nemesis/schedule.ts'
import { shrink } from './shrink.ts'

const outcomeOf = (faults: readonly Fault[], violation: Violation | undefined): Outcome => ({
  ...{
    seed: 1,
    schedule: { durationMs: 1000, faults },
    steps: 0,
    hash: '',
    acknowledgedCount: 0,
    faults: new Map(),
    virtualMs: 0,
    violation,
  },
})

test('a schedule is shrunk to the faults without which the same invariant holds', async () => {
  const faults = Array.from({ length: 12 }, (_, at): Fault => ({ atMs: at, forMs: 1, kind: 'kill', node: at }))
  const nodesOf = (list: readonly Fault[]): unknown[] => list.map((fault) => 'node' in fault && fault.node)
  // It takes the third and the ninth; another invariant fails when the fifth is alone.
  const fails = (list: readonly Fault[]): Violation | undefined => {
    const nodes = nodesOf(list)
    if (nodes.includes(3) && nodes.includes(9)) return new Violation('R1 election safety', '')
    return nodes.includes(5) ? new Violation('R2 epochs never fall', '') : undefined
  }
  const run: typeof live = ({ schedule }) => Promise.resolve(outcomeOf(schedule!.faults, fails(schedule!.faults)))
  const { kept, outcome, livesCount } = await shrink({ seed: 1, profile: 'raft' }, outcomeOf(faults, fails(faults)), 100, run)
  assert.deepEqual(kept, [3, 9])
  assert.deepEqual(nodesOf(outcome.schedule.faults), [3, 9])
  assert.ok(livesCount <= 100)
})

test('what happened is drawn with a column for each node, and only what concerns the subject', () => {
  const drawing = new Drawing()
  drawing.take(1, 'node-1', 'metadata leader of epoch 1')
  drawing.take(2, 'node-2', 'orders-0 leads epoch 0')
  drawing.take(3, 'nemesis', 'kill {}')
  drawing.take(4, 'node-1', 'ends: kill')
  drawing.take(5, 'node-2', 'metadata candidate of epoch 2')
  assert.deepEqual(drawing.draw(new Violation('R1 election safety', 'two leaders')).split('\n'), [
    '        ms  1  2  ',
    '       1.0  ●  │   metadata leader of epoch 1',
    '       3.0  │  │   ⚡ kill {}',
    '       4.0  ╳  │   ends: kill',
    '       5.0     ●   metadata candidate of epoch 2',
  ])
  assert.match(drawing.draw(new Violation('I7 logs match', 'orders-0 on node 2: differs')), /leads epoch 0(?![\s\S]*candidate)/)
})

test('the same seed gives a cluster the same life', async () => {
  const [one, two] = [await live({ seed: 5, profile: 'raft' }), await live({ seed: 5, profile: 'raft' })]
  assert.deepEqual([one.hash, one.steps], [two.hash, two.steps])
})
