/** The language of places in a partition: rpk's, with kcat's words. */

export type OffsetPlace =
  | { readonly kind: 'start' }
  | { readonly kind: 'end' }
  /** Where the group is. */
  | { readonly kind: 'stored' }
  | { readonly kind: 'offset'; readonly offset: number }
  | { readonly kind: 'after start'; readonly count: number }
  | { readonly kind: 'before end'; readonly count: number }
  /** The first record at or after it, milliseconds since 1970. */
  | { readonly kind: 'time'; readonly timestampMs: number }

export interface OffsetRange {
  readonly from: OffsetPlace
  /** The first offset that is not wanted; undefined: go on. */
  readonly until: OffsetPlace | undefined
}

const timeLanguage = 'TIME: 13 digits ms, 9 or 10 digits s, a date, RFC 3339, -48h'
/** What an expression may look like, for help and errors: a range, and one place. */
export const offsetLanguage = `start, end, N, +N, -N, N:M, :end, @TIME, @TIME:TIME; ${timeLanguage}`
export const placeLanguage = `start, end, N, +N, -N, @TIME; ${timeLanguage}`

const start: OffsetPlace = { kind: 'start' }
const end: OffsetPlace = { kind: 'end' }

/** Undefined when the text is no such expression. */
export function parseOffsetRange(text: string, nowMs: number): OffsetRange | undefined {
  const kcat = /^([se])@(.+)$/.exec(text)
  if (kcat !== null) {
    const time = parseTime(kcat[2]!, nowMs)
    if (time === undefined) return undefined
    const place: OffsetPlace = { kind: 'time', timestampMs: time }
    return kcat[1] === 's' ? { from: place, until: undefined } : { from: start, until: place }
  }
  if (text.startsWith('@')) return parseTimes(text.slice(1), nowMs)
  const colon = text.indexOf(':')
  if (colon < 0) {
    const from = parsePlace(text)
    return from === undefined ? undefined : { from, until: undefined }
  }
  const from = colon === 0 ? start : parsePlace(text.slice(0, colon))
  const rest = text.slice(colon + 1)
  const until = rest === '' ? undefined : parsePlace(rest)
  if (from === undefined || (rest !== '' && until === undefined) || text === ':') return undefined
  return { from, until }
}

/** One place: a range without its end. */
export function parseOffsetPlace(text: string, nowMs: number): OffsetPlace | undefined {
  const range = parseOffsetRange(text, nowMs)
  return range?.until === undefined ? range?.from : undefined
}

function parsePlace(text: string): OffsetPlace | undefined {
  switch (text) {
    case 'start':
    case 'beginning':
    case 'earliest':
    case 'oldest':
      return start
    case 'end':
    case 'latest':
    case 'newest':
      return end
    case 'stored':
    case 'committed':
      return { kind: 'stored' }
  }
  const match = /^([+-]?)(\d{1,16})$/.exec(text)
  if (match === null) return undefined
  const count = Number(match[2])
  if (!Number.isSafeInteger(count)) return undefined
  if (match[1] === '') return { kind: 'offset', offset: count }
  return { kind: match[1] === '+' ? 'after start' : 'before end', count }
}

/** `t`, `t:`, `:t`, `t1:t2`, and `start` or `end` in place of a time. Times hold colons themselves, so each colon is tried. */
function parseTimes(text: string, nowMs: number): OffsetRange | undefined {
  const whole = timeOrWord(text, nowMs)
  if (whole !== undefined) return { from: whole, until: undefined }
  for (let at = text.indexOf(':'); at >= 0; at = text.indexOf(':', at + 1)) {
    const [first, second] = [text.slice(0, at), text.slice(at + 1)]
    const from = first === '' ? start : timeOrWord(first, nowMs)
    const until = second === '' ? undefined : timeOrWord(second, nowMs)
    if (from !== undefined && (second === '' || until !== undefined) && first + second !== '') return { from, until }
  }
  return undefined
}

function timeOrWord(text: string, nowMs: number): OffsetPlace | undefined {
  if (text === 'start') return start
  if (text === 'end') return end
  const timestampMs = parseTime(text, nowMs)
  return timestampMs === undefined ? undefined : { kind: 'time', timestampMs }
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** 13 digits: ms; 9 or 10: s; a date or date and time (UTC unless it says otherwise); a duration from now, with its sign. */
export function parseTime(text: string, nowMs: number): number | undefined {
  if (/^\d{13}$/.test(text)) return Number(text)
  if (/^\d{9,10}$/.test(text)) return Number(text) * 1000
  const date = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/.exec(text)
  if (date !== null) {
    const zoned = date[1] === undefined || date[4] !== undefined ? text : `${text}Z`
    const ms = Date.parse(zoned.replace(',', '.').replace(/([+-]\d{2})(\d{2})$/, '$1:$2'))
    return Number.isNaN(ms) ? undefined : ms
  }
  const duration = /^([+-]?)((?:\d{1,9}(?:\.\d{1,9})?(?:ms|s|m|h|d|w))+)$/.exec(text)
  if (duration === null) return undefined
  const parts = [...duration[2]!.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g)]
  const ms = parts.reduce((sum, [, value, unit]) => sum + Number(value) * unitMs[unit!]!, 0)
  return Math.round(duration[1] === '-' ? nowMs - ms : nowMs + ms)
}
