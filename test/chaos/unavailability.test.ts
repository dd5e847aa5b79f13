import assert from 'node:assert/strict'
import { test } from 'node:test'
import { History } from './history.ts'
import type { Operation } from './operation.ts'
import { unavailability, unavailableMs } from './unavailability.ts'

const sent = (key: number, value: number, fromMs: number, toMs: number, type: 'ok' | 'info' = 'ok'): Operation[] => [
  { f: 'send', type: 'invoke', process: 1, atMs: fromMs, key, value, offset: -1 },
  { f: 'send', type, process: 1, atMs: toMs, key, value, offset: type === 'ok' ? value : -1 },
]

test('a partition is away from the fault until the first acknowledgement of what was sent after it', () => {
  const history = History.of([...sent(0, 0, 90, 130), ...sent(0, 1, 105, 400, 'info'), ...sent(0, 2, 110, 350), ...sent(0, 3, 120, 340)])
  assert.equal(unavailableMs(history.key(0), 100), 240)
  assert.equal(unavailableMs(history.key(0), 115), 225)
  assert.equal(unavailableMs(history.key(0), 500), undefined)
})

test('faults of one kind and target are told together, over all partitions', () => {
  const history = History.of([...sent(0, 0, 100, 110), ...sent(1, 0, 100, 150), ...sent(0, 1, 200, 300), ...sent(1, 1, 200, 270)])
  const fault = { kind: 'kill', target: 'leader', nodes: [1], endMs: 0, downCount: 1 } as const
  const rows = unavailability(history, [
    { ...fault, beginMs: 100, recoveryMs: 7 },
    { ...fault, beginMs: 200, recoveryMs: -1 },
  ])
  assert.deepEqual(rows, [{ kind: 'kill leader', faults: 2, downCount: 2, p50Ms: 70, maxMs: 100, recoveryMaxMs: 7 }])
})
