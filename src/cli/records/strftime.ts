import { usageFault } from '../fault.ts'

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const months = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
]

const two = (value: number, fill = '0'): string => String(value).padStart(2, fill)
const hour12 = (date: Date): number => date.getUTCHours() % 12 || 12
const dayOfYear = (date: Date): number =>
  (Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()) - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000 + 1

/** What each letter writes: those of C that no locale changes, in English and in UTC; %f is microseconds, as in Python. */
const letters: Readonly<Record<string, (date: Date) => string>> = {
  Y: (date) => String(date.getUTCFullYear()).padStart(4, '0'),
  C: (date) => two(Math.floor(date.getUTCFullYear() / 100)),
  y: (date) => two(date.getUTCFullYear() % 100),
  m: (date) => two(date.getUTCMonth() + 1),
  B: (date) => months[date.getUTCMonth()]!,
  b: (date) => months[date.getUTCMonth()]!.slice(0, 3),
  h: (date) => months[date.getUTCMonth()]!.slice(0, 3),
  d: (date) => two(date.getUTCDate()),
  e: (date) => two(date.getUTCDate(), ' '),
  j: (date) => String(dayOfYear(date)).padStart(3, '0'),
  A: (date) => days[date.getUTCDay()]!,
  a: (date) => days[date.getUTCDay()]!.slice(0, 3),
  u: (date) => String(date.getUTCDay() || 7),
  w: (date) => String(date.getUTCDay()),
  H: (date) => two(date.getUTCHours()),
  k: (date) => two(date.getUTCHours(), ' '),
  I: (date) => two(hour12(date)),
  l: (date) => two(hour12(date), ' '),
  p: (date) => (date.getUTCHours() < 12 ? 'AM' : 'PM'),
  M: (date) => two(date.getUTCMinutes()),
  S: (date) => two(date.getUTCSeconds()),
  f: (date) => `${String(date.getUTCMilliseconds()).padStart(3, '0')}000`,
  s: (date) => String(Math.floor(date.getTime() / 1000)),
  z: () => '+0000',
  Z: () => 'UTC',
  n: () => '\n',
  t: () => '\t',
  '%': () => '%',
}

const composed: Readonly<Record<string, string>> = {
  F: '%Y-%m-%d',
  T: '%H:%M:%S',
  R: '%H:%M',
  D: '%m/%d/%y',
  r: '%I:%M:%S %p',
  c: '%a %b %e %H:%M:%S %Y',
}

/** Times in ms as texts; `-` for one that no calendar has. @throws Fault (usage) for letters that mean nothing */
export function strftime(pattern: string): (timestamp: number | bigint) => string {
  const plain = pattern.replace(/%([%FTRDrc])/g, (whole, letter: string) => composed[letter] ?? whole)
  const unknown = [...plain.matchAll(/%(.?)/gs)].find(([, letter]) => !Object.hasOwn(letters, letter!))
  if (unknown !== undefined) {
    const known = [...Object.keys(letters), ...Object.keys(composed)].map((letter) => `%${letter}`).join(' ')
    throw usageFault(`format: ${unknown[0]} means nothing in strftime[…]`, `Known are ${known}.`)
  }
  return (timestamp) => {
    const date = new Date(Number(timestamp))
    return Number.isNaN(date.getTime()) ? '-' : plain.replace(/%(.)/gs, (_, letter: string) => letters[letter]!(date))
  }
}
