import type { HealthCheck } from '../ops/index.ts'
import { viewTable } from './render/render.ts'
import type { Column, Style } from './render/view.ts'

/** More names than these are counted. */
const NAMES_MAX = 8

export const healthColumns: readonly Column<HealthCheck>[] = [
  { name: 'CHECK', value: ({ check }) => check },
  { name: 'STATE', value: stateOf },
  { name: 'DETAIL', value: ({ detail }) => detail },
  { name: 'CONCERNED', value: ({ concerned }) => concerned.join(','), text: concernedText, narrow: 'shorten' },
]

function stateOf({ healthy }: HealthCheck): string {
  return healthy ? 'ok' : 'NOT-OK'
}

function concernedText({ concerned }: HealthCheck): string {
  const more = concerned.length - NAMES_MAX
  return `${concerned.slice(0, NAMES_MAX).join(', ')}${more > 0 ? ` …${more} more` : ''}`
}

/** The verdict, and what it rests on. */
export async function healthText(checks: readonly HealthCheck[], style: Style): Promise<string> {
  const ill = checks.filter(({ healthy }) => !healthy)
  const verdict = ill.length === 0 ? style.bold('HEALTHY') : `${style.bad('NOT HEALTHY')}: ${ill.map(({ check }) => check).join(', ')}`
  const columns = healthColumns.filter(({ name }) => name !== 'CONCERNED' || ill.some(({ concerned }) => concerned.length > 0))
  return `${verdict}\n${await viewTable(columns, checks, style)}`
}
