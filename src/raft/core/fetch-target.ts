import type { Peers } from './peers.ts'

/**
 * Whom to ask who leads: somebody who can be asked now, while nobody else is being asked. Answers that are overdue are not waited for any
 * more, so that no two fetches of one replica are answered. Undefined: wait.
 */
export const anyFetchTarget = (
  ids: readonly number[],
  peers: Peers,
  random: (below: number) => number,
  now: number,
): number | undefined => {
  peers.giveUpOverdue(now)
  if (peers.anyInFlight) return undefined
  const ready = ids.filter((id) => peers.canSend(id, now))
  return ready.length === 0 ? undefined : ready[random(ready.length)]
}
