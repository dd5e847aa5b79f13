import { anomalies } from './anomaly.ts'
import type { RunResult } from './run.ts'
import { unavailability } from './unavailability.ts'

const table = (rows: readonly (readonly (string | number)[])[]): string[] => {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)))
  return rows.map((row) =>
    row.map((cell, column) => (column === 0 ? String(cell).padEnd(widths[0]!) : String(cell).padStart(widths[column]!))).join('  '),
  )
}

/** The volume with the findings: a zero says nothing without what was tried. */
export const reportLines = (result: RunResult): string[] => {
  const { history, faults, seconds, network, skippedFaults } = result
  const { counts } = history
  const kinds = [...Map.groupBy(faults, ({ kind }) => kind)].map(([kind, list]) => `${kind} ${list.length}`).sort()
  const lines = [
    `${seconds.toFixed(0)} s over ${network}`,
    `records   ${counts.acknowledged} acknowledged, ${counts.unknown} unknown, ${counts.failed} not sent, of ${counts.sends}`,
    `reads     ${counts.reads} records in ${counts.polls} polls`,
    `groups    ${counts.commits} commits, ${counts.rebalances} assignments`,
    `clients   ${counts.crashes} lives`,
    `faults    ${faults.length}: ${kinds.join(', ')}`,
    ...[...skippedFaults].map(([kind, why]) => `          without ${kind}: ${why}`),
    '',
    'until the first record sent after a fault began was acknowledged, over all partitions, in ms',
    ...table([
      ['fault', 'times', 'nodes down', 'p50', 'max', 'in sync again, max'],
      ...unavailability(history, faults).map((row) => [row.kind, row.faults, row.downCount, row.p50Ms, row.maxMs, row.recoveryMaxMs]),
    ]),
    '',
  ]
  for (const [name, count] of result.anomalies) lines.push(`ANOMALY ${name}: ${count} (${anomalies[name]})`)
  for (const { name, what } of result.witnesses) lines.push(`  ${name}: ${what}`)
  for (const failure of result.failures) lines.push(`FAILURE ${failure}`)
  if (result.anomalies.size + result.failures.length === 0) lines.push('no anomalies')
  return lines
}
