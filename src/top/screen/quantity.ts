/** Numbers as they fit into columns: at most six signs, so that a table does not move when they grow. */

const countUnits = ['', 'k', 'M', 'G', 'T', 'P']
const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** `48,211` below a hundred thousand, else `1.2M`. */
export function countOf(value: number): string {
  const size = Math.abs(value)
  const sign = value < 0 ? '-' : ''
  if (size < 100_000) return sign + String(Math.round(size)).replace(/\B(?=(\d{3})+$)/g, ',')
  return sign + scaled(size, 1000, countUnits)
}

/** `0.4`, `90`, `1.9k`: how often a second. */
export function rateOf(value: number): string {
  const size = Math.abs(value)
  const sign = value < 0 && size >= 0.05 ? '-' : ''
  if (size < 0.05) return '0'
  if (size < 9.95) return sign + (Number.isInteger(size) ? String(size) : size.toFixed(1))
  if (size < 1000) return sign + String(Math.round(size))
  return sign + scaled(size, 1000, countUnits)
}

/** `+310`, `-41`, `0`. */
export const changeOf = (value: number): string => (value >= 0.05 ? `+${rateOf(value)}` : rateOf(value))

/** `6.9 GiB` */
export function bytesOf(value: number): string {
  const sign = value < 0 ? '-' : ''
  const size = Math.abs(value)
  if (size < 1024) return `${sign}${Math.round(size)} B`
  let unit = 0
  let rest = size
  while (rest >= 1023.5 && unit < byteUnits.length - 1) {
    rest /= 1024
    unit++
  }
  return `${sign}${rest < 9.95 ? rest.toFixed(1) : Math.round(rest)} ${byteUnits[unit]}`
}

/** `12.4 MB/s`; rates of networks and disks go by thousands. */
export function byteRateOf(value: number): string {
  return value < 1000 ? `${Math.round(value)} B/s` : `${scaled(value, 1000, ['', 'k', 'M', 'G', 'T'])}B/s`
}

/** `0.4s`, `12s`, `2m08s`, `5h12m`, `9d`: the smaller unit with two digits. */
export function timeOf(ms: number): string {
  if (ms < 9950) return `${(Math.max(0, ms) / 1000).toFixed(1)}s`
  const seconds = Math.round(ms / 1000)
  const two = (value: number): string => String(value).padStart(2, '0')
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${two(seconds % 60)}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)}h${two(minutes % 60)}m`
  const days = minutes / 60 / 24
  return days < 100 ? `${days < 10 ? days.toFixed(1) : Math.round(days)}d` : days < 3650 ? `${Math.round(days)}d` : '>10y'
}

export const percentOf = (share: number): string => `${Math.round(share * 100)}%`

/** `14:02:11`, of the day in this machine's time zone. */
export const clockOf = (ms: number): string => new Date(ms).toTimeString().slice(0, 8)

const bars = '▁▂▃▄▅▆▇█'

/**
 * Values as bars, from the least to the most of them: what shows a tendency. `zero` begins at 0, for rates, whose height says something.
 * All alike are in the middle, or at the bottom when they are 0.
 */
export function sparkline(values: readonly number[], width: number, from: 'least' | 'zero' = 'least'): string {
  const shown = values.slice(-width)
  const least = from === 'zero' ? 0 : shown.reduce((min, value) => Math.min(min, value), Number.POSITIVE_INFINITY)
  const most = shown.reduce((max, value) => Math.max(max, value), 0)
  // A tremble of a percent is no tendency.
  const span = most - least < most / 100 ? 0 : most - least
  const level = (value: number): number => (most === 0 ? 0 : span === 0 ? 3 : Math.round(((value - least) / span) * (bars.length - 1)))
  return shown.map((value) => bars[level(value)]).join('')
}

export const gauge = (share: number, width: number): string => {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width)
  return '█'.repeat(full) + '░'.repeat(width - full)
}

function scaled(value: number, base: number, units: readonly string[]): string {
  let unit = 0
  let rest = value
  while (rest >= base * 0.9995 && unit < units.length - 1) {
    rest /= base
    unit++
  }
  return `${rest < 9.95 ? rest.toFixed(1) : Math.round(rest)}${units[unit]}`
}
