import { JavaException } from '../java/exception.ts'

/** `2026-11-21T04:30:00.000`, with or without a zone (without: UTC), in milliseconds since 1970. @throws JavaException */
export function instantMs(text: string): number {
  const unparseable = (reason: string): JavaException => {
    const cause = new JavaException('java.text.ParseException', reason)
    return new JavaException('java.lang.RuntimeException', cause.toString(), { causedBy: cause })
  }
  const time = text.split('T')[1]
  if (time === undefined || time === '') throw unparseable("Error parsing timestamp. It does not contain a 'T' according to ISO8601 format")
  const zoned = /[+\-Z]/.test(time) ? text : `${text}Z`
  const parts = /^(\d{1,4})-(\d{1,2})-(\d{1,2})T(\d{1,2}):(\d{1,2}):(\d{1,2})\.(\d{1,3})(?:Z|([+-])(\d\d)(?::?(\d\d))?)$/.exec(zoned)
  if (parts === null) throw unparseable(`Unparseable date: "${zoned}"`)
  const [year, month, day, hour, minute, second, millis] = parts.slice(1, 8).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const at = Date.UTC(year, month - 1, day, hour, minute, second, millis)
  const isReal = month >= 1 && month <= 12 && day >= 1 && new Date(at).getUTCDate() === day && hour < 24 && minute < 60 && second < 60
  if (!isReal) throw unparseable(`Unparseable date: "${zoned}"`)
  const zoneMs = (Number(parts[9] ?? 0) * 60 + Number(parts[10] ?? 0)) * 60_000
  return parts[8] === '-' ? at + zoneMs : at - zoneMs
}

const units = [86_400_000, 3_600_000, 60_000, 1000]

/** `PT1H30M`, `P2DT3.5S` in milliseconds. @throws JavaException */
export function durationMs(text: string): number {
  const match = /^([+-]?)P(?:([+-]?\d+)D)?(?:T(?=[+\-\d])(?:([+-]?\d+)H)?(?:([+-]?\d+)M)?(?:([+-]?\d+(?:[.,]\d{0,9})?)S)?)?$/i.exec(text)
  if (match === null || match.slice(2).every((part) => part === undefined))
    throw new JavaException('java.time.format.DateTimeParseException', 'Text cannot be parsed to a Duration')
  const ms = match.slice(2).reduce((sum, part, index) => sum + Number((part ?? '0').replace(',', '.')) * units[index]!, 0)
  return Math.trunc(match[1] === '-' ? -ms : ms)
}
