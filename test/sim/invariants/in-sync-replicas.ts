import type { PartitionRegistration } from '../../../src/metadata/index.ts'
import { isCurrent, registrationOf } from './committed-records.ts'
import { type CountedFetch, type Invariant, type Observed, type ReplicaView, violated } from './observed.ts'

/** I3: the leader reckons with everybody whom the controller may have in sync: its high watermark waits for them. */
export const leadersKnowTheIsr = (): Invariant => {
  const invariant: Invariant = {
    name: 'I3 leaders reckon with the ISR',
    replicaChanged(now, _before, observed) {
      const registration = registrationOf(now.key, observed)
      if (registration?.leader === now.nodeId) check(now, registration, observed)
    },
    partitionChanged(topic, index, _before, after, observed) {
      const view = after && observed.replicas.get(`${topic.id}:${index}`)?.get(after.leader)
      if (view !== undefined) check(view, after!, observed)
    },
  }
  const check = (view: ReplicaView, { isr, leaderEpoch, partitionEpoch }: PartitionRegistration, observed: Observed): void => {
    if (!view.isLeader || view.leaderEpoch !== leaderEpoch || !isCurrent(view.nodeId, observed)) return
    const missing = isr.filter((id) => !view.isr.includes(id) && !view.proposal?.includes(id))
    if (missing.length > 0)
      violated(
        invariant,
        `${view.name} has ISR ${isr} in partition epoch ${partitionEpoch}, and its leader ${view.nodeId} reckons with ${view.isr} and ${view.proposal ?? 'no other'}`,
      )
  }
  return invariant
}

/** I3: whom a leader proposes has told that it holds what is replicated, and what the leader had when its epoch began (KIP-320). */
export const proposedHoldTheBeginning = (): Invariant => {
  const fetched = new Map<string, number>()
  const placeOf = (fetch: Pick<CountedFetch, 'key' | 'leaderId' | 'leaderEpoch' | 'followerId'>): string =>
    `${fetch.key}/${fetch.leaderId}/${fetch.leaderEpoch}/${fetch.followerId}`
  const invariant: Invariant = {
    name: 'I3 who is proposed holds the beginning of the epoch',
    fetchCounted: (fetch) => void fetched.set(placeOf(fetch), fetch.offset),
    replicaChanged({ key, name, nodeId: leaderId, leaderEpoch, life, isLeader, isr, proposal, epochs }, before) {
      if (!isLeader || proposal === undefined || (proposal === before?.proposal && life === before.life)) return
      const start = epochs.find(({ epoch }) => epoch === leaderEpoch)?.startOffset ?? 0
      const hasLed = before?.life === life && before.isLeader && before.leaderEpoch === leaderEpoch
      const least = Math.max(start, hasLed ? before.highWatermark : 0)
      for (const followerId of proposal) {
        if (isr.includes(followerId)) continue
        const offset = fetched.get(placeOf({ key, leaderId, leaderEpoch, followerId })) ?? -1
        if (offset < least)
          violated(
            invariant,
            `node ${leaderId} proposes ${proposal} for ${name}: node ${followerId} has fetched from ${offset}, ${least} it must hold`,
          )
      }
    },
  }
  return invariant
}

/** I4: a leader counts only what followers tell that know of its epoch (Kip320.tla): others may still cut back for another leader. */
export const countedFollowersKnowTheEpoch = (): Invariant => {
  const invariant: Invariant = {
    name: 'I4 only followers of the epoch count',
    fetchCounted({ key, name, leaderId, leaderEpoch, followerId }, { replicas }) {
      const follower = replicas.get(key)?.get(followerId)
      if (follower !== undefined && follower.leaderEpoch < leaderEpoch)
        violated(
          invariant,
          `node ${leaderId} leads ${name} in epoch ${leaderEpoch} and counts node ${followerId}, which knows of ${follower.leaderEpoch}`,
        )
    },
  }
  return invariant
}

/** I9: a request that names another leader epoch than the one that is known here is refused (KIP-320). */
export const otherEpochsAreFenced = (): Invariant => {
  const invariant: Invariant = {
    name: 'I9 other epochs are fenced',
    epochAccepted(name, requested, leaderEpoch) {
      if (requested >= 0 && requested !== leaderEpoch)
        violated(invariant, `${name} serves a request of epoch ${requested} in epoch ${leaderEpoch}`)
    },
  }
  return invariant
}

/** I8: in a log epochs rise, each from a later offset on (KIP-101, KAFKA-7415, KAFKA-10706), up to the one that the replica knows of. */
export const epochsRise = (): Invariant => {
  const invariant: Invariant = {
    name: 'I8 epochs of a log rise',
    replicaChanged({ nodeId, name, epochs, leaderEpoch }, before) {
      if (before?.epochs === epochs && before.leaderEpoch === leaderEpoch) return
      const isRising = epochs.every(({ epoch, startOffset }, at) => {
        const earlier = epochs[at - 1]
        return earlier === undefined || (epoch > earlier.epoch && startOffset > earlier.startOffset)
      })
      if (!isRising) violated(invariant, `${name} on node ${nodeId}: ${JSON.stringify(epochs)}`)
      if ((epochs.at(-1)?.epoch ?? 0) > leaderEpoch)
        violated(invariant, `${name} on node ${nodeId} holds records of epoch ${epochs.at(-1)!.epoch} and knows of epoch ${leaderEpoch}`)
    },
  }
  return invariant
}
