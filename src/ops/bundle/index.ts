/** What somebody needs who shall look at a cluster from afar: gathered within bounds of size and time, and without secrets. */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Admin } from '../../client/index.ts'
import type { Clock } from '../../host/index.ts'
import { clusterParts, type Part, quorumPart } from './cluster-parts.ts'
import { namesIn, withoutUnknownNames } from './names.ts'
import { hiddenSecrets, Pseudonyms, shownSettings, withoutSecrets } from './redaction.ts'
import { tarOf } from './tar.ts'
import { zipOf } from './zip.ts'

export type { Part } from './cluster-parts.ts'
export { hiddenSecrets, namesIn, Pseudonyms, shownSettings, tarOf, withoutSecrets, withoutUnknownNames, zipOf }

/** Of one file, and of all of them. */
const PART_BYTES_MAX = 8 * 1024 * 1024
const WHOLE_BYTES_MAX = 128 * 1024 * 1024
const PART_MS_MAX = 10_000

/** A file that is in the bundle, or is not. */
export interface BundledPart {
  readonly path: string
  readonly state: 'there' | 'cut' | 'missing'
  readonly bytes: number
  /** Why it is cut or missing. */
  readonly reason: string | null
}

export interface Gathered {
  readonly path: string
  /** A text as it is, anything else as JSON; undefined: it could not be had. */
  readonly content: unknown
  readonly reason: string | null
}

/** Asks for parts, all at once, none of them longer than its time and all of them not beyond the deadline. One that fails is told. */
export async function gather(parts: readonly Part[], clock: Clock, deadlineMs: number): Promise<Gathered[]> {
  return Promise.all(
    parts.map(async ({ path, ask }): Promise<Gathered> => {
      const limitMs = Math.min(PART_MS_MAX, deadlineMs - clock.monotonic())
      if (limitMs <= 0) return { path, content: undefined, reason: 'time was up' }
      const late = Symbol('late')
      const [overdue, cancel] = after(clock, limitMs, late)
      try {
        const content = await Promise.race([ask(), overdue])
        if (content === late) return { path, content: undefined, reason: `no answer within ${Math.round(limitMs)} ms` }
        return { path, content, reason: content === undefined ? 'it is not there' : null }
      } catch (error) {
        return { path, content: undefined, reason: error instanceof Error ? error.message : String(error) }
      } finally {
        cancel()
      }
    }),
  )
}

function after<T>(clock: Clock, delayMs: number, value: T): [promise: Promise<T>, cancel: () => void] {
  const { promise, resolve } = Promise.withResolvers<T>()
  const timer = clock.after(delayMs, () => resolve(value))
  return [promise, () => timer.cancel()]
}

/** What the cluster says. */
export async function gatherCluster(admin: Admin, clock: Clock, deadlineMs: number, timeoutMs: number): Promise<Gathered[]> {
  const found = await gather(clusterParts(admin, { timeoutMs }), clock, deadlineMs)
  return [...found, ...(await gather([quorumPart(admin, { timeoutMs })], clock, deadlineMs))]
}

/** Files as they go out: without secrets, and with `names` without those; as large as they may be. */
export function writtenParts(
  gathered: readonly Gathered[],
  names: Pseudonyms | undefined,
): { files: { path: string; bytes: Buffer }[]; parts: BundledPart[] } {
  const files: { path: string; bytes: Buffer }[] = []
  let left = WHOLE_BYTES_MAX
  const parts = gathered.map(({ path, content, reason }): BundledPart => {
    if (content === undefined) return { path, state: 'missing', bytes: 0, reason: reason === null ? null : shown(reason, names) }
    const { text, cut } = typeof content === 'string' ? boundedText(shown(content, names)) : boundedJson(hiddenSecrets(content), names)
    const bytes = Buffer.from(text)
    if (bytes.length > left) return { path, state: 'missing', bytes: 0, reason: 'the bundle is as large as it may be' }
    left -= bytes.length
    files.push({ path, bytes })
    return { path, state: cut === null ? 'there' : 'cut', bytes: bytes.length, reason: cut }
  })
  return { files, parts }
}

const shown = (text: string, names: Pseudonyms | undefined): string => {
  const safe = withoutSecrets(text)
  return names === undefined ? safe : names.hide(safe)
}

/** The end of a text: what happened last counts most. */
function boundedText(text: string): { text: string; cut: string | null } {
  if (text.length <= PART_BYTES_MAX) return { text, cut: null }
  return { text: text.slice(-PART_BYTES_MAX), cut: `the last ${PART_BYTES_MAX} of ${text.length} characters` }
}

/** Lists line by line, as far as there is room. */
function boundedJson(value: unknown, names: Pseudonyms | undefined): { text: string; cut: string | null } {
  const textOf = (each: unknown): string =>
    JSON.stringify(names === undefined ? each : names.hideIn(each), (_, field) => (typeof field === 'bigint' ? String(field) : field))
  if (!Array.isArray(value)) return { text: `${textOf(value)}\n`, cut: null }
  const lines: string[] = []
  let size = 0
  for (const each of value) {
    const line = textOf(each)
    size += line.length + 3
    if (size > PART_BYTES_MAX) return { text: `[\n${lines.join(',\n')}\n]\n`, cut: `the first ${lines.length} of ${value.length}` }
    lines.push(line)
  }
  return { text: lines.length === 0 ? '[]\n' : `[\n${lines.join(',\n')}\n]\n`, cut: null }
}

/** All files in one, below one folder. */
export async function archiveOf(
  kind: 'tar.gz' | 'zip',
  folder: string,
  files: readonly { path: string; bytes: Buffer }[],
  timeMs: number,
): Promise<Buffer> {
  const below = files.map(({ path, bytes }) => ({ path: `${folder}/${path}`, bytes }))
  return kind === 'zip' ? zipOf(below, timeMs) : promisify(gzip)(tarOf(below, timeMs))
}
