import { invalid } from '../settings.ts'

/** What to do where there is no position: start at an end, at a time, or say so. */
export type OffsetReset = { readonly kind: 'earliest' | 'latest' | 'none' } | { readonly kind: 'by_duration'; readonly durationMs: number }

/** auto.offset.reset as Kafka writes it; durations in ISO 8601 with days, hours, minutes, seconds (KIP-1106). */
export function parseOffsetReset(text: string): OffsetReset {
  const lower = text.toLowerCase()
  if (lower === 'earliest' || lower === 'latest' || lower === 'none') return { kind: lower }
  const match = /^by_duration:P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,9})?)S)?)?$/i.exec(text)
  if (match === null || /P$|T$/i.test(text)) throw invalid('auto.offset.reset', text, 'latest, earliest, none or by_duration:PnDTnHnMn.nS')
  const [days, hours, minutes, seconds] = match.slice(1).map((each) => Number(each ?? 0))
  return { kind: 'by_duration', durationMs: Math.round((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000) }
}
