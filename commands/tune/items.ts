import { type ItemTable, itemKind, words } from '../../src/cli/index.ts'
import type { TuningCheck } from '../../src/ops/index.ts'

const checks = itemKind<TuningCheck>('TuningChecks', {
  check: 'string',
  state: words('ok', 'warning', 'wrong', 'unknown'),
  value: 'string?',
  wanted: 'string',
  why: 'string',
  how: 'string?',
})

export const items: ItemTable = { 'tune check': [checks] }
