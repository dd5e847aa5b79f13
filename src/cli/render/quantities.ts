const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB']

/** `6.9 GiB` */
export function bytesText(bytes: number): string {
  let value = Math.abs(bytes)
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  const digits = unit === 0 ? String(value) : value < 100 ? value.toFixed(1) : value.toFixed(0)
  return `${bytes < 0 ? '-' : ''}${digits} ${units[unit]}`
}

/** `1,204,118` */
export function countText(count: number | bigint): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `4m12s`, `7d`, `310ms`: at most two units. */
export function durationText(ms: number): string {
  if (ms < 0) return `-${durationText(-ms)}`
  if (ms < 1000) return `${Math.round(ms)}ms`
  const seconds = Math.floor(ms / 1000)
  const parts: readonly [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ]
  const first = parts.findIndex(([value]) => value > 0)
  return parts
    .slice(first, first + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value}${unit}`)
    .join('')
}

/** `2026-11-21T09:12:30.123Z`; `-` for times that are not one. */
export function timeText(ms: number | bigint): string {
  const value = Number(ms)
  return value < 0 || value > 8.64e15 ? '-' : new Date(value).toISOString()
}

/** `1 topic`, `2,048 topics` */
export const counted = (count: number, one: string, many = `${one}s`): string => `${countText(count)} ${count === 1 ? one : many}`
