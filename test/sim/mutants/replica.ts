import type { Mutant } from './mutant.ts'

export const replicaMutants: readonly Mutant[] = [
  {
    name: 'the high watermark does not wait for followers',
    file: 'src/replica/leadership.ts',
    text: 'reached = Math.min(reached, Math.max(0, this.followers.endOffset(id)))',
    replacement: 'reached = Math.max(reached, this.followers.endOffset(id))',
    profile: 'replication',
  },
  {
    name: 'the high watermark waits for the committed ISR alone',
    file: 'src/replica/leadership.ts',
    text: 'if (this.isr.mayBeIn(id) || this.#isJoining(id, endOffset, now))',
    replacement: 'if (this.isr.committed.includes(id) || endOffset < now - now)',
    profile: 'replication',
  },
  {
    name: 'the high watermark moves with too few in sync',
    file: 'src/replica/leadership.ts',
    text: 'if (isUnderMinIsr) return highWatermark',
    replacement: 'if (isUnderMinIsr && acknowledgedOffset < 0) return highWatermark',
    profile: 'replication',
  },
  {
    name: 'a follower joins before it holds what is replicated',
    file: 'src/replica/leadership.ts',
    text: 'if (end < highWatermark || end < this.epochStart) return undefined',
    replacement: 'if (end < 0 && highWatermark < 0) return undefined',
    profile: 'replication',
  },
  {
    name: 'a follower joins with less than the leader began with',
    file: 'src/replica/leadership.ts',
    text: 'if (end < highWatermark || end < this.epochStart) return undefined',
    replacement: 'if (end < highWatermark) return undefined',
    profile: 'races',
  },
  {
    name: 'who keeps up is dropped from the ISR',
    file: 'src/replica/leadership.ts',
    text: 'id === this.#selfId || this.followers.isCaughtUp(id, endOffset, now, this.#ground.lagMaxMs)',
    replacement: 'id === this.#selfId || (this.followers.isCaughtUp(id, endOffset, now, 0) && endOffset < 0)',
    profile: 'replication',
  },
  {
    name: 'what is not written yet counts as held',
    file: 'src/replica/partition.ts',
    text: 'return { endOffset: logEndOffset, acknowledgedOffset, highWatermark }',
    replacement: 'return { endOffset: logEndOffset, acknowledgedOffset: Math.max(acknowledgedOffset, logEndOffset), highWatermark }',
    profile: 'replication',
  },
  {
    name: 'acks=all is answered at once',
    file: 'src/replica/partition.ts',
    text: 'else if (offset <= this.log.highWatermark) callback(this.afterAppend())',
    replacement: 'else if (offset <= this.log.logEndOffset) callback(this.afterAppend())',
    profile: 'replication',
  },
  {
    name: 'who waits for replication is told by any advance',
    file: 'src/replica/partition.ts',
    text: 'this.replicated.complete(log.highWatermark)',
    replacement: 'this.replicated.complete(log.logEndOffset)',
    profile: 'replication',
  },
  {
    name: 'a follower cuts back to its high watermark',
    file: 'src/replica/leader-alignment.ts',
    text: 'return truncateTo(log, Math.min(target, log.logEndOffset))',
    replacement: 'return truncateTo(log, Math.min(target, log.highWatermark))',
    profile: 'replication',
  },
  {
    name: 'a follower that parted from its leader goes on',
    file: 'src/replica/replica-fetcher.ts',
    text: 'if (divergingEpoch.epoch >= 0) {',
    replacement: 'if (divergingEpoch.epoch >= 0 && divergingEpoch.endOffset < 0) {',
    profile: 'replication',
  },
  {
    name: 'a follower cuts back to where the leader says, without its own epochs',
    file: 'src/replica/leader-alignment.ts',
    text: 'own === undefined || own.endOffset < 0 ? endOffset : own.epoch === epoch ? Math.min(own.endOffset, endOffset) : own.endOffset',
    replacement: 'own === undefined ? endOffset : endOffset',
    profile: 'replication',
  },
  {
    name: 'answers of a leader of an earlier epoch are taken',
    file: 'src/replica/replica-fetcher.ts',
    text: ' && target.currentLeaderEpoch === leaderEpoch\n',
    replacement: '\n',
    profile: 'races',
  },
  {
    name: 'a follower tells of what it has not written',
    file: 'src/replica/replica-fetcher.ts',
    text: 'if (log.acknowledgedOffset >= log.logEndOffset) return false',
    replacement: 'if (log.acknowledgedOffset <= log.logEndOffset) return false',
    also: [
      { file: 'src/replica/replica-fetcher.ts', text: 'return partition.log.written().catch(() => {})', replacement: 'return undefined' },
    ],
    profile: 'replication',
  },
  {
    name: 'a leader counts a follower whose log has parted from its own',
    file: 'src/replica/fetch.ts',
    text: "    if (typeof diverging === 'object') return { ...described(target, partition), divergingEpoch: diverging }\n",
    replacement: `    if (typeof diverging === 'object') {
      const { replicaId, replicaEpoch: brokerEpoch } = parameters
      if (replicaId >= 0) partition.followerFetched({ replicaId, brokerEpoch, offset: target.fetchOffset, logStartOffset: target.logStartOffset })
      return { ...described(target, partition), divergingEpoch: diverging }
    }\n`,
    profile: 'races',
  },
  {
    name: 'any refusal takes a proposal back',
    file: 'src/replica/isr-changes.ts',
    text: 'if (refusals.has(errorCode)) change.refused()',
    replacement: 'change.refused()',
    profile: 'returns',
  },
  {
    name: 'a follower does not say which epoch it read last',
    file: 'src/replica/replica-fetcher.ts',
    text: 'lastFetchedEpoch: log.epochs.latest?.epoch ?? -1,',
    replacement: 'lastFetchedEpoch: -1,',
    profile: 'replication',
  },
  {
    name: 'nobody looks at whose life a fetch or a proposal speaks of (KIP-903)',
    file: 'src/replica/leadership.ts',
    text: 'if (fetch.brokerEpoch !== -1 && fetch.brokerEpoch < (this.#ground.eligibleEpoch(replicaId) ?? -1)) return false',
    replacement: '',
    also: [
      {
        file: 'src/replica/leadership.ts',
        text: 'return id === this.#selfId ? ownEpoch : this.followers.brokerEpoch(id)',
        replacement: 'return id === this.#selfId ? ownEpoch : -1',
      },
      {
        file: 'src/replica/leadership.ts',
        text: 'return epoch !== undefined && (fetched === -1 || fetched === epoch)',
        replacement: 'return fetched >= -1',
      },
      {
        file: 'src/controller/alter-partition.ts',
        text: 'return areEligible ? Errors.NONE : Errors.INELIGIBLE_REPLICA',
        replacement: 'return areEligible || isr.length > 0 ? Errors.NONE : Errors.INELIGIBLE_REPLICA',
      },
    ],
    profile: 'replication',
  },
  {
    name: 'leader epochs of requests and batches are not looked at (KIP-320)',
    file: 'src/replica/partition.ts',
    text: 'if (requested !== -1 && requested < this.leaderEpoch) return Errors.FENCED_LEADER_EPOCH',
    replacement: '',
    also: [
      { file: 'src/replica/partition.ts', text: 'if (requested > this.leaderEpoch) return Errors.UNKNOWN_LEADER_EPOCH', replacement: '' },
      { file: 'src/log/follower-batches.ts', text: 'if (epoch !== NO_LEADER_EPOCH && epoch > currentLeaderEpoch) break', replacement: '' },
    ],
    profile: 'races',
  },
]
