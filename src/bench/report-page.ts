import { type BenchReport, type BenchRow, middleRound } from './bench-report.ts'
import { Latencies } from './latencies.ts'

/** A report as one HTML file that needs nothing else: the summary, and plots as SVG. */
export function reportPage(report: BenchReport): string {
  const round = middleRound(report)
  const rows = round.rows
  const plots = [
    plot('Throughput', 'records/s', 's', [line('records/s', rows, (row) => row.recordsPerSecond)]),
    ...(round.transactions === null
      ? []
      : [plot('Transactions', 'committed/s', 's', [line('committed/s', rows, (row) => row.transactions?.perSecond)])]),
    ...(round.latency === null
      ? []
      : [
          plot('Latency over time', 'ms', 's', [
            line('p50', rows, (row) => row.latency?.p50Ms),
            line('p99', rows, (row) => row.latency?.p99Ms ?? undefined),
            line('max', rows, (row) => row.latency?.maxMs),
          ]),
          distributionPlot(report),
        ]),
  ]
  const title = `tkafka bench ${report.kind}`
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)} ${escaped(report.time)}</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24; background: #fff }
table { border-collapse: collapse; margin: 1rem 0 } td, th { padding: .2rem .8rem .2rem 0; text-align: right } td:first-child, th:first-child { text-align: left }
tr + tr td { border-top: 1px solid #d8dee4 } svg { width: 100%; height: auto } figure { margin: 2rem 0 } figcaption { font-weight: 600 }
@media (prefers-color-scheme: dark) { body { color: #e6edf3; background: #0d1117 } tr + tr td { border-color: #30363d } svg { filter: invert(.88) hue-rotate(180deg) } }
</style></head><body>
<h1>${escaped(title)}</h1>
<p>${escaped(report.time)}, topic ${escaped(report.topic)}${report.clusterId === null ? '' : `, cluster ${escaped(report.clusterId)}`}</p>
${roundsTable(report)}
${transactionsTable(report)}
${settingsTable(report)}
${plots.join('\n')}
</body></html>
`
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
const grouped = (value: number | null): string =>
  value === null
    ? '-'
    : value < 100
      ? value.toFixed(1)
      : Math.round(value)
          .toString()
          .replace(/\B(?=(\d{3})+$)/g, ',')

function roundsTable({ rounds }: BenchReport): string {
  const cells = rounds.map(({ records, recordsPerSecond, mibPerSecond, latency, failed, clientCores }, index) => {
    const marks =
      latency === null
        ? Array.from({ length: 5 }, () => '-')
        : [latency.p50Ms, latency.p95Ms, latency.p99Ms, latency.p999Ms, latency.maxMs].map(grouped)
    return [
      String(index + 1),
      grouped(records),
      grouped(recordsPerSecond),
      grouped(mibPerSecond),
      ...marks,
      String(failed),
      clientCores?.toFixed(2) ?? '-',
    ]
  })
  return table(
    ['round', 'records', 'records/s', 'MiB/s', 'p50 ms', 'p95 ms', 'p99 ms', 'p99.9 ms', 'max ms', 'failed', 'client cores'],
    cells,
  )
}

/** Nothing of loads without transactions. */
function transactionsTable({ rounds }: BenchReport): string {
  const cells = rounds.flatMap(({ transactions }, index) => {
    if (transactions === null) return []
    const { committed, perSecond, recordsEach, aborted, failed, abortShare, commitLatency } = transactions
    const shares = [grouped(recordsEach), grouped(aborted), String(failed), `${(abortShare * 100).toFixed(1)} %`]
    const marks = [commitLatency?.p50Ms, commitLatency?.p99Ms, commitLatency?.maxMs].map((each) => grouped(each ?? null))
    return [[String(index + 1), grouped(committed), grouped(perSecond), ...shares, ...marks]]
  })
  const head = ['round', 'committed', 'committed/s', 'records each', 'aborted', 'failed', 'abort share']
  return cells.length === 0 ? '' : table([...head, 'commit p50 ms', 'commit p99 ms', 'commit max ms'], cells)
}

function settingsTable({ settings }: BenchReport): string {
  return table(
    ['setting', 'value'],
    Object.entries(settings).map(([key, value]) => [key, value === null ? '-' : String(value)]),
  )
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: string): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`
  return `<table>${line(head, 'th')}${rows.map((row) => line(row, 'td')).join('')}</table>`
}

interface Line {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

function line(name: string, rows: readonly BenchRow[], yOf: (row: BenchRow) => number | undefined): Line {
  return {
    name,
    points: rows.flatMap((row) => {
      const value = yOf(row)
      return value === undefined ? [] : [[row.atMs / 1000, value] as const]
    }),
  }
}

/** Latency at each percentile, on the scale that HDR histograms are drawn on: each step to the right is ten times rarer. */
function distributionPlot({ rounds }: BenchReport): string {
  const all = new Latencies()
  for (const { histogram } of rounds) if (histogram !== null) all.merge(Latencies.decode(histogram))
  const points: [number, number][] = []
  const last = Math.log10(Math.max(10, all.count))
  for (let x = 0; x <= last; x += 0.02) points.push([x, all.atMs(100 * (1 - 10 ** -x))])
  const tick = (x: number): string => (x === 0 ? '0' : `${Number((100 * (1 - 10 ** -x)).toFixed(6))} %`)
  return plot('Latency by percentile', 'ms', '', [{ name: 'latency', points }], tick)
}

const width = 800
const height = 280
const [left, right, top, bottom] = [70, 20, 16, 40] as const
const colors = ['#0969da', '#cf222e', '#8250df']

function plot(
  title: string,
  unit: string,
  unitX: string,
  lines: readonly Line[],
  tickX = (x: number): string => `${Number(x.toFixed(1))} ${unitX}`,
): string {
  const points = lines.flatMap((each) => each.points)
  const xMost = Math.max(1e-9, ...points.map(([x]) => x))
  const yMost = roundUp(Math.max(1e-9, ...points.map(([, y]) => y)))
  const at = (x: number, y: number): string =>
    `${(left + (x / xMost) * (width - left - right)).toFixed(1)},${(height - bottom - (y / yMost) * (height - top - bottom)).toFixed(1)}`
  const ticks = [0, 0.25, 0.5, 0.75, 1]
  const grid = ticks.map((part) => {
    const [x, y] = at(0, part * yMost).split(',')
    return `<line x1="${x}" y1="${y}" x2="${width - right}" y2="${y}" stroke="#d8dee4"/><text x="${left - 8}" y="${Number(y) + 4}" text-anchor="end">${grouped(part * yMost)}</text>`
  })
  const steps = unitX === '' ? Array.from({ length: Math.floor(xMost) + 1 }, (_, index) => index) : ticks.map((part) => part * xMost)
  const marks = steps.map(
    (x) => `<text x="${at(x, 0).split(',')[0]}" y="${height - bottom + 18}" text-anchor="middle">${escaped(tickX(x))}</text>`,
  )
  const paths = lines.map(
    ({ points: own }, index) =>
      `<polyline fill="none" stroke="${colors[index % colors.length]}" stroke-width="1.5" points="${own.map(([x, y]) => at(x, y)).join(' ')}"/>`,
  )
  const names =
    lines.length < 2
      ? []
      : lines.map(
          ({ name }, index) =>
            `<text x="${width - right - 60 * (lines.length - index) + 40}" y="12" fill="${colors[index % colors.length]}">${escaped(name)}</text>`,
        )
  return `<figure><figcaption>${escaped(title)} (${escaped(unit)})</figcaption><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}" font-size="12" font-family="system-ui, sans-serif" fill="#1b1f24">${[...grid, ...marks, ...paths, ...names].join('')}</svg></figure>`
}

/** 1, 2 or 5 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value) ?? value
}
