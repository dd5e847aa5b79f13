import type { BrokerShare, DirectoryWish, MoveProgress, PlannedMove, ThrottleOutcome } from '../ops/index.ts'
import { bytesText, counted } from './render/quantities.ts'
import { viewTable } from './render/render.ts'
import type { Column, Style } from './render/view.ts'

/** More moves than these are counted. */
const MOVES_SHOWN = 20

/** Lines of a plan to be confirmed. */
export const fewLines = (lines: readonly string[]): string[] =>
  lines.length <= MOVES_SHOWN ? [...lines] : [...lines.slice(0, MOVES_SHOWN), `…${lines.length - MOVES_SHOWN} more`]

const ids = (list: readonly number[]): string => list.join(',')
const sizeText = (bytes: number | null): string => (bytes === null ? '-' : bytesText(bytes))

export const moveColumns: readonly Column<PlannedMove>[] = [
  { name: 'TOPIC', value: ({ topic }) => topic, narrow: 'shorten' },
  { name: 'PARTITION', value: ({ partition }) => partition, right: true },
  { name: 'FROM', value: ({ from }) => ids(from) },
  { name: 'TO', value: ({ to }) => ids(to) },
  { name: 'SIZE', value: ({ bytes }) => bytes, text: ({ bytes }) => sizeText(bytes), right: true },
]

const shareColumns: readonly Column<BrokerShare>[] = [
  { name: 'BROKER', value: ({ broker }) => broker, right: true },
  { name: 'REPLICAS', value: (each) => each.replicas[0], right: true },
  { name: 'AFTER', value: (each) => each.replicas[1], right: true },
  { name: 'SIZE', value: (each) => each.bytes[0], text: (each) => bytesText(each.bytes[0]), right: true },
  { name: 'AFTER', value: (each) => each.bytes[1], text: (each) => bytesText(each.bytes[1]), right: true },
  { name: 'LEADERS', value: (each) => each.leaders[0], right: true },
  { name: 'AFTER', value: (each) => each.leaders[1], right: true },
]

export const moveLine = ({ topic, partition, from, to }: PlannedMove): string => `${topic}-${partition}: ${ids(from)} → ${ids(to)}`

export const directoryLine = ({ topic, partition, broker, from, path }: DirectoryWish): string =>
  `${topic}-${partition} on ${broker}: ${from === null ? '' : `${from} → `}${path}`

/** `3 partitions change, 2.1 GiB to copy, preferred leaders of 2 change` */
export function movesSummary(moves: readonly PlannedMove[]): string {
  const bytes = moves.reduce((sum, each) => sum + (each.bytes ?? 0), 0)
  const leaders = moves.filter(({ from, to }) => from[0] !== to[0]).length
  const known = moves.every((each) => each.bytes !== null) ? '' : 'at least '
  return `${counted(moves.length, 'partition')} to change, ${known}${bytesText(bytes)} to copy, ${counted(leaders, 'preferred leader')} to change`
}

/** A plan for people: what it costs, what brokers have before and after, and the moves while they are few. */
export async function planText(moves: readonly PlannedMove[], shares: readonly BrokerShare[], style: Style): Promise<string> {
  // What costs most first; of equals the order stays.
  const costly = moves.toSorted((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0))
  const shown = style.wide ? costly : costly.slice(0, MOVES_SHOWN)
  const more = moves.length > shown.length ? `…${moves.length - shown.length} more (--output wide)\n` : ''
  return `${style.dim('PLAN')} ${movesSummary(moves)}\n${await viewTable(shareColumns, shares, style)}\n${await viewTable(moveColumns, shown, style)}${more}`
}

const percent = ({ bytesMoved, bytesTotal }: MoveProgress): number | null =>
  bytesMoved === null || bytesTotal === null ? null : bytesTotal === 0 ? 100 : Math.floor((bytesMoved / bytesTotal) * 100)

/** rpk's columns. */
export const progressColumns: readonly Column<MoveProgress>[] = [
  { name: 'TOPIC', value: ({ topic }) => topic, narrow: 'shorten' },
  { name: 'PARTITION', value: ({ partition }) => partition, right: true },
  { name: 'REPLICAS', value: ({ replicas }) => ids(replicas) },
  { name: 'ADDING', value: ({ adding }) => ids(adding) },
  { name: 'REMOVING', value: ({ removing }) => ids(removing) },
  { name: 'COMPLETION-%', value: percent, right: true },
  { name: 'BYTES-MOVED', value: ({ bytesMoved }) => bytesMoved, text: ({ bytesMoved }) => sizeText(bytesMoved), right: true },
  { name: 'BYTES-REMAINING', value: remaining, text: (each) => sizeText(remaining(each)), right: true },
  { name: 'NOTE', value: ({ stuck }) => stuck, text: ({ stuck }) => stuck ?? '' },
]

function remaining({ bytesMoved, bytesTotal }: MoveProgress): number | null {
  return bytesMoved === null || bytesTotal === null ? null : bytesTotal - bytesMoved
}

/** What was done about throttles, in lines; none when there were none. */
export function throttleLines({ brokers, topics, failures }: ThrottleOutcome, verb: 'set' | 'cleared'): string[] {
  const parts = [
    ...(brokers.length > 0 ? [`broker${brokers.length === 1 ? '' : 's'} ${ids(brokers)}`] : []),
    ...(topics.length > 0 ? [`topic${topics.length === 1 ? '' : 's'} ${topics.join(', ')}`] : []),
  ]
  const done = parts.length === 0 ? [] : [`throttles ${verb} on ${parts.join(' and ')}`]
  return [...done, ...failures.map(({ type, name, message }) => `throttle not ${verb}: ${type} ${name}: ${message}`)]
}
