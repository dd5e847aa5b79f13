import type { BrokerLink } from '../broker-link.ts'
import { ClientError } from '../client-error.ts'
import type { Cluster } from '../cluster.ts'
import type { ProducerBatch } from './batch.ts'
import type { ProducerIdentity } from './identity.ts'

/** Why a batch is not there yet. */
export interface Hindrance {
  readonly why: string
  /** What to look at; empty: it says it all. */
  readonly hint: string
}

const metadataHint = 'The active controller of the cluster gives producer ids out: perhaps none is active.'
const leaderHint = 'A partition without a leader waits for a broker that holds it, or for a controller that elects one.'

/** What keeps a batch from being acknowledged, as far as its producer knows; undefined: nothing but time. */
export function hindranceOf(cluster: Cluster, identity: ProducerIdentity | null, batch: ProducerBatch): Hindrance | undefined {
  if (identity !== null && identity.producerId < 0) {
    const waiting = cluster.waitingFor()
    const reason = identity.problem?.message ?? (waiting === '' ? 'it was not asked for yet' : `no answer from ${waiting}`)
    const hint = identity.problem?.hint ?? ''
    // One broker that cannot be reached is no reason among several: the others could not give one either.
    const isAlone = hint !== '' && cluster.nodes.size < 2
    return { why: `no producer id could be had: ${reason}`, hint: isAlone ? hint : `${hint} ${metadataHint}`.trim() }
  }
  const leader = cluster.view.topics.get(batch.topic)?.partitions[batch.partition]?.leader ?? -1
  if (leader < 0) return { why: 'the partition has no leader that is known', hint: leaderHint }
  const link = linkTo(cluster, leader)
  if (batch.inFlight) return { why: `no answer from broker ${leader}${link === undefined ? '' : `, ${link.name}`}`, hint: '' }
  if (link !== undefined && !link.connected) {
    const { lastFailure } = link
    return {
      why: lastFailure?.message ?? `no connection to broker ${leader}, ${link.name}`,
      hint: lastFailure instanceof ClientError ? lastFailure.hint : '',
    }
  }
  return batch.lastFailure === undefined ? undefined : { why: batch.lastFailure.message, hint: batch.lastFailure.hint }
}

const linkTo = (cluster: Cluster, nodeId: number): BrokerLink | undefined => {
  try {
    return cluster.link(nodeId)
  } catch {
    return undefined
  }
}
