import { illegalArgument } from './exception.ts'

const letters: Readonly<Record<string, (at: Date, width: number) => string>> = {
  y: (at, width) => (width === 2 ? padded(at.getFullYear() % 100, 2) : padded(at.getFullYear(), width)),
  M: (at, width) => (width >= 3 ? at.toLocaleString('en', { month: width === 3 ? 'short' : 'long' }) : padded(at.getMonth() + 1, width)),
  d: (at, width) => padded(at.getDate(), width),
  H: (at, width) => padded(at.getHours(), width),
  h: (at, width) => padded(at.getHours() % 12 || 12, width),
  m: (at, width) => padded(at.getMinutes(), width),
  s: (at, width) => padded(at.getSeconds(), width),
  S: (at, width) => padded(at.getMilliseconds(), width),
  a: (at) => (at.getHours() < 12 ? 'AM' : 'PM'),
  E: (at, width) => at.toLocaleString('en', { weekday: width <= 3 ? 'short' : 'long' }),
}
const padded = (value: number, width: number): string => String(value).padStart(width, '0')

/** SimpleDateFormat with its common letters, in local time and English. @throws JavaException for letters it does not know */
export function dateFormat(pattern: string): (ms: number) => string {
  const parts = [...pattern.matchAll(/'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+|'/g)].map(([whole, quoted, letter]) => {
    if (quoted !== undefined) return () => (quoted === '' ? "'" : quoted.replaceAll("''", "'"))
    if (letter === undefined) return () => whole
    const write = letters[letter]
    if (write === undefined) throw illegalArgument(`Illegal pattern character '${letter}'`)
    return (at: Date) => write(at, whole.length)
  })
  return (ms) => {
    const at = new Date(ms)
    return parts.map((part) => part(at)).join('')
  }
}
