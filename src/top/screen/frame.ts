import type { Health } from '../model/health.ts'
import type { Model } from '../model/model.ts'
import type { Attention } from '../sample.ts'
import { confirmLines } from './keys.ts'
import { cutLine, fitted, harmless, type Line, type Span, span, spread, widthOf } from './line.ts'
import { panelIds, panels } from './panels/index.ts'
import { byteRateOf, clockOf, countOf, percentOf, rateOf, sparkline, timeOf } from './quantity.ts'
import { headLine, layOut, rowLine } from './table.ts'
import { bodyLines, drillOf, linesOf, panelOfUi, rowsById, tableOf, type UiState } from './ui-state.ts'

/** What the frame shows beside the model. */
export interface Surroundings {
  readonly nowMs: number
  /** Why there is no newer sample; null when there is. */
  readonly trouble: string | null
  /** Played back from a recording. */
  readonly isReplay: boolean
  /** Drawings say nothing when they are read aloud. */
  readonly isSpoken: boolean
}

/** The whole screen: as many lines as `linesOf` says, none wider than the terminal. A pure function of what it is given. */
export function frameOf(ui: UiState, model: Model | undefined, around: Surroundings): Line[] {
  const { columns } = ui
  const body =
    model === undefined
      ? [[span(around.trouble ?? 'Looking at the cluster …', around.trouble === null ? 'dim' : 'bad')]]
      : bodyOf(ui, model)
  const room = bodyLines(ui) + (ui.page === null && ui.confirm === null ? 0 : 1)
  const lines: Line[] = [
    titleLine(ui, model, around),
    model === undefined ? [] : healthLine(model.health, columns),
    panelsLine(ui, model),
    ...(ui.page === null && ui.confirm === null ? [columnsLine(ui)] : []),
    ...body.slice(0, room),
    ...Array.from({ length: Math.max(0, room - body.length) }, (): Line => []),
    bottomLine(ui, model, around),
  ]
  return lines.slice(0, linesOf(ui)).map((line) => cutLine(around.isSpoken ? spoken(line) : line, columns))
}

function titleLine(ui: UiState, model: Model | undefined, { trouble, isReplay }: Surroundings): Line {
  const pause = ui.isPaused ? [span('paused', 'warn'), span('  ')] : []
  const replay = isReplay ? [span('replay', 'warn'), span('  ')] : []
  const time = model === undefined ? '' : clockOf(model.sample.timeMs)
  const right: Line = [...replay, ...pause, span(`${time}  every ${timeOf(ui.everyMs).replace('.0s', 's')}  ? help`, 'dim')]
  const silent = model?.sample.failures.find(({ broker }) => broker !== null)
  const first = trouble ?? (silent === undefined ? undefined : `broker ${silent.broker}: ${silent.message}`)
  const cluster = harmless(model?.sample.clusterId ?? '')
  const left: Line = [
    span('tkafka top', 'strong'),
    span(cluster === '' ? '' : `  ${cluster}`),
    span(first === undefined ? '' : `  ${harmless(first)}`, trouble === null ? 'warn' : 'bad'),
  ]
  return spread(left, right, ui.columns)
}

/** Parts in the order in which they matter; those at the end go when the terminal is narrow. */
function healthLine(health: Health, columns: number): Line {
  const parts: Line[] = [
    [
      span('Brokers '),
      span(`${health.brokersUp}/${health.brokersKnown}`, health.brokersUp < health.brokersKnown ? 'bad' : 'good'),
      span(
        health.controllerId === null ? ' ctl n/a' : ` ctl ${health.controllerId} e${health.quorumEpoch}`,
        health.controllerId === null ? 'bad' : 'plain',
      ),
    ],
    [
      span('URP '),
      span(String(health.underReplicated), health.underReplicated > 0 ? 'warn' : 'good'),
      span(health.underReplicatedTrend.some((each) => each > 0) ? ` ${sparkline(health.underReplicatedTrend, 4, 'zero')}` : ''),
    ],
    [span('offline '), span(String(health.offline), health.offline > 0 ? 'bad' : 'good')],
    [span('minISR '), counted(health.underMinIsr, 'bad'), ...((health.atMinIsr ?? 0) > 0 ? [span(` at ${health.atMinIsr}`, 'warn')] : [])],
    ...((health.moves?.count ?? 0) > 0 ? [movesPart(health)] : []),
    [
      span(
        `in ${health.inRate === null ? '-' : `${rateOf(health.inRate)}/s`}${health.bytesRate === null ? '' : ` ${byteRateOf(health.bytesRate)}`} ${sparkline(health.inTrend, 5, 'zero')}`,
      ),
    ],
    ...(health.oldestTransactionMs === null ? [] : [[span(`oldest txn ${timeOf(health.oldestTransactionMs)}`)]]),
    ...(health.nonPreferred > 0 ? [[span(`not preferred ${health.nonPreferred}`, 'warn' as const)]] : []),
    [
      span('quorum lag '),
      counted(health.quorumLag, 'plain'),
      ...(health.quorumFaults > 0 ? [span(` ${health.quorumFaults} voters behind`, 'bad')] : []),
    ],
    ...diskPart(health),
    [span(`p99 P ${latency(health.produceP99Ms)} F ${latency(health.fetchP99Ms)}`)],
  ]
  const shown: Span[] = []
  let left = columns
  for (const part of parts) {
    const cells = part.reduce((sum, { text }) => sum + widthOf(text), 0) + (shown.length === 0 ? 0 : 3)
    if (cells > left) break
    if (shown.length > 0) shown.push(span(' │ ', 'dim'))
    shown.push(...part)
    left -= cells
  }
  return shown
}

const counted = (value: number | null, alarm: 'bad' | 'plain'): Span =>
  value === null ? span('n/a', 'dim') : span(countOf(value), value > 0 ? alarm : 'good')

const latency = (ms: number | null): string => (ms === null ? 'n/a' : `${ms < 10 ? ms.toFixed(1) : Math.round(ms)}ms`)

function movesPart({ moves }: Health): Line {
  const { count, done, etaMs } = moves!
  return [span(`moves ${count}${done === null ? '' : ` ${percentOf(done)}`}${etaMs === null ? '' : ` ${timeOf(etaMs)}`}`, 'warn')]
}

function diskPart({ fullestDisk }: Health): Line[] {
  if (fullestDisk === null) return []
  const { broker, used, fullInMs } = fullestDisk
  return [
    [span(`disk b${broker} ${percentOf(used)}${fullInMs === null ? '' : ` full in ${timeOf(fullInMs)}`}`, used >= 0.85 ? 'bad' : 'plain')],
  ]
}

function panelsLine(ui: UiState, model: Model | undefined): Line {
  const names = panelIds.flatMap((id, index): Span[] => {
    const { title, countOf: count } = panels[id]
    const many = model === undefined ? null : (count?.(model) ?? null)
    const isShown = ui.panel === id
    return [span(`[${index + 1}]${title}${many === null ? '' : ` ${countOf(many)}`}`, isShown ? 'strong' : 'dim'), span(' ')]
  })
  const path = ui.drills.map(({ id }) => ` › ${harmless(id)}`).join('')
  const { filter, marks } = tableOf(ui)
  const notes: Span[] = [
    ...(path === '' ? [] : [span(path, 'strong')]),
    ...(filter === '' ? [] : [span(`  /${harmless(filter)}`, 'warn')]),
    ...(ui.issuesOnly ? [span('  issues only', 'warn')] : []),
    ...(marks.length === 0 ? [] : [span(`  ${marks.length} marked`, 'warn')]),
    ...(ui.isReadOnly ? [span('  read-only', 'dim')] : []),
  ]
  return spread(names, notes, ui.columns)
}

function columnsLine(ui: UiState): Line {
  const { sortedBy, isDescending } = tableOf(ui)
  return headLine(layOut(panelOfUi(ui).columns, ui.columns, ui.isWide), sortedBy, isDescending)
}

function bodyOf(ui: UiState, model: Model): Line[] {
  if (ui.confirm !== null) return confirmBody(ui, ui.confirm)
  if (ui.page !== null) {
    const { title, lines, top } = ui.page
    return [[span(harmless(title), 'head')], ...lines.slice(top, top + bodyLines(ui)).map((text): Line => [span(harmless(text))])]
  }
  const rows = rowsById(ui, model)
  if (typeof rows === 'string') return [[span(`  ${rows}`, 'dim')]]
  const { order, cursor, top, marks, filter } = tableOf(ui)
  if (order.length === 0) {
    const why =
      filter !== '' ? `nothing matches /${harmless(filter)}` : ui.issuesOnly && rows.size > 0 ? 'nothing is wrong here' : 'nothing here'
    return [[span(`  ${why}`, 'dim')]]
  }
  const laid = layOut(panelOfUi(ui).columns, ui.columns, ui.isWide)
  return order
    .slice(top, top + bodyLines(ui))
    .flatMap((id, index) => (rows.has(id) ? [rowLine(laid, rows.get(id), top + index === cursor, marks.includes(id))] : []))
}

function confirmBody(ui: UiState, commands: readonly (readonly string[])[]): Line[] {
  const wrapped = confirmLines(commands).flatMap((text) => {
    const width = Math.max(10, ui.columns - 4)
    const count = Math.max(1, Math.ceil(text.length / width))
    return Array.from(
      { length: count },
      (_, index): Line => [span(`${index === 0 ? '$ ' : '  '}${text.slice(index * width, (index + 1) * width)}`, 'strong')],
    )
  })
  return [
    [span(`Run ${commands.length === 1 ? 'this' : `these ${commands.length}`}?`, 'head')],
    [],
    ...wrapped,
    [],
    [span('y', 'strong'), span(' runs it, any other key leaves things as they are')],
  ]
}

const prompts = {
  filter: () => '/',
  command: () => ':',
  topics: () => 'topics that match: ',
  throttle: () => 'throttle (e.g. 50MB/s, off): ',
  reset: (subjects: readonly string[]) =>
    `reset ${subjects.length === 1 ? subjects[0] : `${subjects.length} marked`} to (start end N +N -N @TIME @-1h): `,
} as const

function bottomLine(ui: UiState, model: Model | undefined, { nowMs }: Surroundings): Line {
  if (ui.prompt !== null) {
    const { kind, text, subjects } = ui.prompt
    const label = harmless(prompts[kind](subjects))
    // What was typed last is in sight, however long it is.
    const room = Math.max(1, ui.columns - widthOf(label) - 1)
    return [span(label, 'head'), span(harmless(text).slice(-room)), span('▏', 'strong')]
  }
  if (ui.message !== null && nowMs < ui.message.untilMs) return [span(harmless(ui.message.text), ui.message.tone)]
  const event = model?.events.at(-1)
  const right: Line =
    event === undefined
      ? []
      : [span(harmless(`${clockOf(event.timeMs)} ${event.kind} ${event.subject} ${event.detail}`), event.isBad ? 'warn' : 'dim')]
  return spread(
    [span(hintsOf(ui), 'dim')],
    right.map((each) => span(fitted(each.text, Math.min(widthOf(each.text), Math.floor(ui.columns * 0.7))), each.tone)),
    ui.columns,
  )
}

function hintsOf(ui: UiState): string {
  if (ui.page !== null) return '↑↓ scroll  any other key: back'
  const drill = drillOf(ui)
  const { drillInto } = panelOfUi(ui)
  const isOfGroups = drill?.kind === 'group' || (drill === null && ui.panel === 'groups')
  const isOfTopics = drill?.kind === 'topic' || (drill === null && ui.panel === 'topics')
  const hints = [
    ...(drillInto === undefined ? [] : ['⏎ into']),
    ...(drill === null ? [] : ['Esc back']),
    'd describe',
    ...(ui.isReadOnly
      ? []
      : [...(isOfGroups ? ['r reset'] : []), ...(isOfTopics ? ['e elect'] : []), ...(ui.panel === 'moves' ? ['t throttle'] : [])]),
    ...['/ filter', '! issues', ': command', 'q quit'],
  ]
  return hints.join('  ')
}

/** What a screen reader would spell out sign by sign is left out. */
const spoken = (line: Line): Line => line.map(({ text, tone }) => span(text.replace(/[▁▂▃▄▅▆▇█░│▸▏]+/g, ''), tone))

/** Whose records are to be dated, and whose replicas are compared: what is in sight. */
export function attentionOf(ui: UiState, model: Model | undefined): Attention {
  const drill = drillOf(ui)
  const topic = drill?.kind === 'topic' ? drill.id : null
  if (model === undefined) return { records: [], topic }
  const { order, top } = tableOf(ui)
  const seen = order.slice(top, top + bodyLines(ui))
  if (drill?.kind === 'group') {
    const inSight = new Set(seen)
    const partitions = model.groups.get(drill.id)?.partitions ?? []
    const wanted = partitions.filter((each) => (each.lag ?? 0) > 0 && inSight.has(`${each.topic}-${each.partition}`))
    return { records: wanted.map(({ topic, partition }) => ({ group: drill.id, topic, partition })), topic }
  }
  if (drill !== null || ui.panel !== 'groups') return { records: [], topic }
  // The hindmost partition of each group first, then the next of each: the more are known, the surer is the age of the group.
  const behind = seen.map((id) => {
    const partitions = (model.groups.get(id)?.partitions ?? []).filter(({ lag }) => (lag ?? 0) > 0)
    return partitions.sort((a, b) => b.lag! - a.lag!).map(({ topic, partition }) => ({ group: id, topic, partition }))
  })
  const deepest = behind.reduce((most, { length }) => Math.max(most, length), 0)
  const records = Array.from({ length: Math.min(deepest, DEPTH_MAX) }, (_, depth) => behind.flatMap((list) => list[depth] ?? [])).flat()
  return { records, topic }
}

/** Partitions of a group that are asked for its age. */
const DEPTH_MAX = 64
