import type { TimerChange } from '../../ledger/index.ts'
import { ClassicGroup } from './classic-group.ts'
import type { GroupConfig } from './config.ts'
import { expireOffsets } from './expiry.ts'
import type { GroupState } from './group-state.ts'
import { completeJoin, onInitialJoin, onSessionEnd, onSyncDeadline, prepareRebalance, setSession } from './rebalance.ts'
import { type GroupDecision, type GroupTimer, Turn } from './turn.ts'

/** A timer came due. */
export const onGroupTimer = (state: GroupState, turn: Turn, timer: GroupTimer): GroupDecision<undefined> => {
  if (timer.kind === 'expiry') expireOffsets(state, turn)
  else {
    const group = state.classic(timer.groupId)
    if (group !== undefined && !group.is('Dead')) onOneGroup(turn, group, timer)
  }
  return turn.decision(undefined)
}

const onOneGroup = (turn: Turn, group: ClassicGroup, timer: Exclude<GroupTimer, { kind: 'expiry' }>): void => {
  switch (timer.kind) {
    case 'session':
      return onSessionEnd(turn, group, timer.memberId)
    case 'join':
      return completeJoin(turn, group)
    case 'initial-join':
      return onInitialJoin(turn, group, timer.delayMs, timer.remainingMs)
    case 'sync':
      return onSyncDeadline(turn, group, timer.generationId)
    case 'over-capacity':
      if (group.is('Stable') && group.members.size > turn.config.groupSizeMax) prepareRebalance(turn, group)
  }
}

/** What a state fresh from the log waits for: every member has its whole session ahead. */
export const timersAfterLoad = (state: GroupState, config: GroupConfig, now: number): readonly TimerChange<GroupTimer>[] => {
  state.markLoaded()
  const turn = new Turn(config, now)
  for (const group of state.groups.values()) {
    if (!(group instanceof ClassicGroup)) continue
    for (const member of group.members.values()) setSession(turn, group, member)
    // The limit may have been lowered since.
    if (group.members.size > config.groupSizeMax) turn.setOverCapacity(group.groupId)
  }
  turn.setExpiry()
  return turn.timers
}
