import type { Admin, TopicPartition } from '../client/index.ts'
import { loadPartitionPlaces, loadTopicSelection, parseOffsetPlace, parseTime, placeLanguage, type ResetTarget } from '../ops/index.ts'
import { usageFault } from './fault.ts'
import { Flags, parseCount, parseDurationMs, parsePartitions } from './flags.ts'
import type { Shell } from './shell.ts'
import { readTextFile } from './text-file.ts'

/** Group ids as given, or all that match; without any: all groups. */
export async function groupIdsOf(admin: Admin, given: readonly string[], regex: boolean): Promise<string[]> {
  if (!regex && given.length > 0) return [...new Set(given)]
  const { wholePattern } = await loadTopicSelection()
  const patterns = given.map(wholePattern)
  const { groups } = await admin.listGroups()
  return groups.map(({ groupId }) => groupId).filter((id) => patterns.length === 0 || patterns.some((pattern) => pattern.test(id)))
}

/** `T` or `T:0,1` to partitions; with `perhapsGone` those that are named need not be there. @throws Fault (usage), KafkaError when a topic is not there */
export async function topicPartitionsOf(
  admin: Admin,
  texts: readonly string[],
  options: { readonly perhapsGone?: boolean } = {},
): Promise<TopicPartition[]> {
  const { partitionsOf } = await loadPartitionPlaces()
  const partitions = []
  for (const text of texts) {
    const at = text.lastIndexOf(':')
    const chosen = at < 0 ? undefined : parsePartitions(text.slice(at + 1), '--topic')
    if (chosen !== undefined && options.perhapsGone === true)
      partitions.push(...chosen.map((partition) => ({ topic: text.slice(0, at), partition })))
    else partitions.push(...(await partitionsOf(admin, at < 0 ? text : text.slice(0, at), chosen)))
  }
  return partitions
}

/** The ways of kafka-consumer-groups to say where to, and one more that says them all. */
export const resetFlags = {
  to: Flags.string({ summary: 'start, end, N, +N, -N (from the end), @TIME, @-1h', helpValue: 'PLACE' }),
  'to-earliest': Flags.boolean({ summary: 'to the first record' }),
  'to-latest': Flags.boolean({ summary: 'behind the last record' }),
  'to-current': Flags.boolean({ summary: 'where it is' }),
  'to-offset': Flags.string({ summary: 'to this offset', helpValue: 'N' }),
  'to-datetime': Flags.string({ summary: 'to the first record at or after YYYY-MM-DDTHH:mm:SS.sss', helpValue: 'TIME' }),
  'by-duration': Flags.string({ summary: 'to the first record of the last so many', helpValue: 'PT1H' }),
  'shift-by': Flags.string({ summary: 'forwards, or with a minus sign backwards', helpValue: 'N' }),
  'from-file': Flags.string({ summary: 'lines of [group,]topic,partition,offset', helpValue: 'FILE' }),
  'to-group': Flags.string({ summary: 'where this group is', helpValue: 'GROUP' }),
}

type ResetFlags = { readonly [K in keyof typeof resetFlags]?: string | boolean | undefined }

/** @throws Fault (usage) unless exactly one target is named */
export async function readResetTarget(shell: Shell, flags: ResetFlags, group: string): Promise<ResetTarget> {
  const names = Object.keys(resetFlags) as (keyof typeof resetFlags)[]
  const given = names.filter((name) => flags[name] !== undefined && flags[name] !== false)
  if (given.length !== 1) throw usageFault('where to?', `Say one of ${names.map((name) => `--${name}`).join(', ')}.`)
  const name = given[0]!
  const text = String(flags[name])
  const { clock } = await shell.host()
  switch (name) {
    case 'to':
      return { kind: 'place', place: placeOf(text, clock.now()) }
    case 'to-earliest':
      return { kind: 'place', place: { kind: 'start' } }
    case 'to-latest':
      return { kind: 'place', place: { kind: 'end' } }
    case 'to-current':
      return { kind: 'current' }
    case 'to-offset':
      return { kind: 'place', place: { kind: 'offset', offset: parseCount(text, '--to-offset') } }
    case 'to-datetime':
      return { kind: 'place', place: { kind: 'time', timestampMs: timeOf(text, clock.now()) } }
    case 'by-duration':
      return { kind: 'place', place: { kind: 'time', timestampMs: clock.now() - Math.abs(parseDurationMs(text, '--by-duration')) } }
    case 'shift-by':
      return { kind: 'shift', count: parseCount(text, '--shift-by', Number.MIN_SAFE_INTEGER) }
    case 'to-group':
      return { kind: 'group', group: text }
    case 'from-file':
      return { kind: 'offsets', offsets: await readOffsetsFile(shell, text, group) }
  }
}

function placeOf(text: string, nowMs: number) {
  const place = parseOffsetPlace(text, nowMs)
  if (place === undefined) throw usageFault(`--to ${text} is no place`, `Places: ${placeLanguage}.`)
  return place
}

function timeOf(text: string, nowMs: number): number {
  const time = parseTime(text, nowMs)
  if (time === undefined)
    throw usageFault(`--to-datetime ${text} is no date and time`, 'Write 2026-11-21T09:30:00.000, with Z or +01:00 behind it for a zone.')
  return time
}

async function readOffsetsFile(shell: Shell, path: string, group: string): Promise<(TopicPartition & { offset: number })[]> {
  const text = await readTextFile(shell, path)
  const offsets: (TopicPartition & { offset: number })[] = []
  let linesOfOthers = 0
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '') continue
    const cells = line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'))
    const [topic, partition, offset] = cells.slice(-3)
    if (cells.length < 3 || cells.length > 4) throw usageFault(`${path}: "${line}" is not [group,]topic,partition,offset`)
    const place = { topic: topic!, partition: parseCount(partition!, path, 0, 0x7fffffff), offset: parseCount(offset!, path) }
    if (cells.length === 4 && cells[0] !== group) {
      linesOfOthers++
      continue
    }
    if (offsets.some((each) => each.topic === place.topic && each.partition === place.partition))
      throw usageFault(`${path} names ${place.topic}-${place.partition} twice`, 'One line a partition.')
    offsets.push(place)
  }
  if (offsets.length === 0)
    throw usageFault(
      `${path} has no offsets for group ${group}`,
      linesOfOthers === 0
        ? ''
        : linesOfOthers === 1
          ? 'Its one line is of another group.'
          : `Its ${linesOfOthers} lines are of other groups.`,
    )
  return offsets
}
