/** One setting of a machine, held against what brokers need. */
export interface TuningCheck {
  readonly check: string
  /** `warning`: it works, and costs something. `unknown`: the machine does not tell. */
  readonly state: 'ok' | 'warning' | 'wrong' | 'unknown'
  readonly value: string | null
  readonly wanted: string
  readonly why: string
  /** What sets it; null: nothing has to be done. */
  readonly how: string | null
}

interface Rule {
  readonly wanted: string
  readonly why: string
  readonly how: string
}

/** How a value is judged that may not be known. */
export function judged<T>(
  check: string,
  value: T | undefined,
  textOf: (value: T) => string,
  judge: (value: T) => TuningCheck['state'],
  rule: Rule,
): TuningCheck {
  const { wanted, why, how } = rule
  if (value === undefined) return { check, state: 'unknown', value: null, wanted, why, how: null }
  const state = judge(value)
  return { check, state, value: textOf(value), wanted, why, how: state === 'ok' || state === 'unknown' ? null : how }
}

export const sysctlLine = (key: string, value: string | number): string =>
  `sysctl -w ${key}=${value}, and a line ${key} = ${value} in /etc/sysctl.d/90-kafka.conf`
