/** In the order in which a client meets them. */
export const findingChecks = [
  ...(['dns', 'tcp', 'tls', 'kafka', 'login', 'advertised', 'identity', 'versions', 'features', 'clock'] as const),
  ...(['quorum', 'brokers', 'offline', 'under-min-isr', 'under-replicated', 'disks', 'internal-topics'] as const),
] as const

/** One thing that was looked at. */
export interface Finding {
  readonly check: (typeof findingChecks)[number]
  /** `host:port`, `broker 1`; empty: the cluster. */
  readonly of: string
  /** `warning`: it works, and may not tomorrow. `unknown`: it could not be found out. */
  readonly state: 'ok' | 'warning' | 'wrong' | 'unknown'
  readonly found: string
  readonly cause: string | null
  /** What to do about it. */
  readonly next: string | null
}

export const ok = (check: Finding['check'], of: string, found: string): Finding => ({
  check,
  of,
  state: 'ok',
  found,
  cause: null,
  next: null,
})

export const ill = (
  check: Finding['check'],
  of: string,
  found: string,
  { cause, next }: { readonly cause: string; readonly next: string },
  state: Finding['state'] = 'wrong',
): Finding => ({ check, of, state, found, cause, next })
