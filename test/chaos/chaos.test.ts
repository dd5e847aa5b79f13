import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { FaultKind } from './faults.ts'
import { namespacesMissing } from './namespaces.ts'
import { reportLines } from './report.ts'
import { type RunResult, runChaos } from './run.ts'

const skip = namespacesMissing() ?? false

const short = async (
  seed: number,
  faults: readonly FaultKind[],
  unsafe: boolean,
  seconds: number,
  holdMs: readonly [number, number],
): Promise<RunResult & { folder: string }> => {
  const folder = mkdtempSync(join(tmpdir(), 'tkafka-chaos-'))
  const kinds = ['tkafka', 'tkafka', 'tkafka'] as const
  const shape = {
    seed,
    kinds,
    faults,
    unsafe,
    folder,
    apart: false,
    proxies: false,
    timeouts: 'short',
    minutes: seconds / 60,
    rate: 500,
  } as const
  return { ...(await runChaos({ ...shape, holdMs, say: () => {} })), folder }
}

test('three nodes under faults keep what they promised to their clients', { skip, timeout: 180_000 }, async () => {
  const result = await short(11, ['kill', 'pause', 'partition', 'reset', 'power-loss'], false, 15, [2000, 4000])
  assert.deepEqual([result.witnesses, result.failures], [[], []], reportLines(result).join('\n'))
  const { acknowledged, reads } = result.history.counts
  assert.ok(acknowledged > 500 && reads > acknowledged && result.faults.length > 0, reportLines(result).join('\n'))
  assert.ok(!existsSync(result.folder), 'nothing is kept of a run that went well')
})

test('the same run with acks=1 and unclean elections is found to lose records', { skip, timeout: 180_000 }, async () => {
  // One partition, longer than it takes to elect another leader: the old one goes on to acknowledge for a while.
  const result = await short(5, ['partition'], true, 3, [7000, 7000])
  rmSync(result.folder, { recursive: true, force: true })
  assert.ok(result.anomalies.has('lost-from-log'), reportLines(result).join('\n'))
})
