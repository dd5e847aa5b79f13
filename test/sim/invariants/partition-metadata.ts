import type { PartitionRegistration } from '../../../src/metadata/index.ts'
import { type Invariant, violated } from './observed.ts'

/** I10: who enters the ISR is registered, unfenced and not about to stop (KIP-841), in the incarnation that has caught up (KIP-903). */
export const onlyActiveBrokersJoin = (): Invariant => {
  const invariant: Invariant = {
    name: 'I10 only active brokers join the ISR',
    partitionChanged({ name }, index, before, after, { image }) {
      if (before === undefined || after === undefined) return
      for (const id of after.isr) {
        if (before.isr.includes(id) || after.leader === id) continue
        const broker = image.brokers.get(id)
        if (broker === undefined || broker.fenced || broker.inControlledShutdown)
          violated(invariant, `broker ${id} joins the ISR of ${name}-${index} and is ${stateOf(broker)}`)
      }
    },
  }
  return invariant
}

const stateOf = (broker: { readonly fenced: boolean } | undefined): string =>
  broker === undefined ? 'not registered' : broker.fenced ? 'fenced' : 'shutting down'

/** I11: each change of a partition has the next epoch; the leader epoch never falls, and rises with another leader. */
export const partitionEpochsRise = (): Invariant => {
  const invariant: Invariant = {
    name: 'I11 partition epochs rise',
    partitionChanged({ name }, index, before, after) {
      if (before === undefined || after === undefined) return
      const where = `${name}-${index}`
      if (after.partitionEpoch <= before.partitionEpoch)
        violated(invariant, `${where} went from ${before.partitionEpoch} to ${after.partitionEpoch}`)
      if (after.leaderEpoch < before.leaderEpoch) violated(invariant, `the leader epoch of ${where} fell to ${after.leaderEpoch}`)
      if (after.leader !== before.leader && after.leaderEpoch === before.leaderEpoch)
        violated(invariant, `${where} is led by ${after.leader} instead of ${before.leader} in the same epoch ${after.leaderEpoch}`)
    },
  }
  return invariant
}

/** I12: the leader is in sync; nobody is in sync or eligible who is no replica, or both at once; eligible are some only while the ISR is too small. */
export const isrIsConsistent = (): Invariant => {
  const invariant: Invariant = {
    name: 'I12 ISR is consistent',
    partitionChanged(topic, index, _before, after, observed) {
      if (after === undefined) return
      const problem = problemOf(after, observed.minIsr(topic, after))
      if (problem !== undefined) violated(invariant, `${topic.name}-${index}: ${problem}, ${JSON.stringify(after)}`)
    },
  }
  return invariant
}

const problemOf = ({ leader, isr, elr, replicas }: PartitionRegistration, minIsr: number): string | undefined => {
  if (leader >= 0 && !isr.includes(leader)) return 'the leader is not in sync'
  if (isr.some((id) => !replicas.includes(id))) return 'who is no replica is in sync'
  if (elr.some((id) => !replicas.includes(id))) return 'who is no replica is eligible'
  if (elr.some((id) => isr.includes(id))) return 'one is in sync and eligible'
  if (new Set(isr).size !== isr.length) return 'one is in sync twice'
  if (isr.length >= minIsr && elr.length > 0) return `some are eligible though ${minIsr} are in sync`
  return undefined
}

/** A leader is up, as far as the controller can know: nobody fenced leads. */
export const nobodyFencedLeads = (): Invariant => {
  const invariant: Invariant = {
    name: 'I10 nobody fenced leads',
    metadataChanged({ image }) {
      for (const { name, partitions } of image.topicsById.values()) {
        for (const [index, { leader }] of partitions) {
          if (leader >= 0 && image.brokers.get(leader)?.fenced !== false)
            violated(invariant, `${name}-${index} is led by broker ${leader}, which is fenced or unknown`)
        }
      }
    },
  }
  return invariant
}

/** I1: who comes back after it died may have lost something: it is in sync and eligible nowhere (KIP-966), until it has caught up. */
export const whoDiedIsOutOfSync = (): Invariant => {
  const epochs = new Map<number, number>()
  const died = new Set<number>()
  const invariant: Invariant = {
    name: 'I1 who died is out of sync',
    nodeEnded(nodeId, { isClean, isWiped, hasRegistered }) {
      // Who dies before it has opened its logs leaves them as they were stopped.
      if (isClean) died.delete(nodeId)
      else if (isWiped || hasRegistered) died.add(nodeId)
    },
    metadataChanged(observed) {
      const { image } = observed
      for (const { id, epoch, incarnationId } of image.brokers.values()) {
        const before = epochs.get(id)
        epochs.set(id, epoch)
        if (before === undefined || before === epoch || !died.has(id)) continue
        // What a process asked for that is gone comes late: the one that runs has not been registered yet.
        if (observed.brokerLife(id)?.incarnationId !== incarnationId) continue
        died.delete(id)
        // Of the only one in sync nothing better is known: it leads again (KIP-966, the last known leader).
        for (const { name, partitions } of image.topicsById.values())
          for (const [index, { isr, elr }] of partitions)
            if (elr.includes(id) || (isr.includes(id) && isr.length > 1))
              violated(invariant, `broker ${id} registers after it died, and is in ISR ${isr} or ELR ${elr} of ${name}-${index}`)
      }
    },
  }
  return invariant
}

/** I15: a reassignment adds who is a replica and removes who is one, and ends with neither. */
export const reassignmentsAreConsistent = (): Invariant => {
  const invariant: Invariant = {
    name: 'I15 reassignments are consistent',
    partitionChanged({ name }, index, before, after) {
      if (after === undefined) return
      const { replicas, addingReplicas, removingReplicas, isr } = after
      const where = `${name}-${index}`
      if ([...addingReplicas, ...removingReplicas].some((id) => !replicas.includes(id)))
        violated(invariant, `${where} adds ${addingReplicas}, removes ${removingReplicas}, and has replicas ${replicas}`)
      if (before === undefined || before.addingReplicas.length + before.removingReplicas.length === 0) return
      const isDone = addingReplicas.length + removingReplicas.length === 0
      const gone = before.replicas.filter((id) => !replicas.includes(id))
      const isCancelled = gone.every((id) => before.addingReplicas.includes(id))
      if (isDone && !isCancelled && !before.addingReplicas.filter((id) => replicas.includes(id)).every((id) => isr.includes(id)))
        violated(invariant, `the reassignment of ${where} to ${replicas} ended with ISR ${isr}`)
    },
  }
  return invariant
}
