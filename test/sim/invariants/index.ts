import { onlyItsLifeSpeaks } from './broker-lives.ts'
import { cleanStopsCountOnce, cleanStopsKeepEverything } from './clean-stop.ts'
import {
  CommittedRecords,
  candidatesAreComplete,
  highWatermarkRises,
  highWatermarkWaits,
  inSyncReplicasHoldTheSame,
  joinersHoldTheBeginning,
  logsMatch,
  minimumOfReplicas,
  noCommittedRecordIsLost,
} from './committed-records.ts'
import {
  countedFollowersKnowTheEpoch,
  epochsRise,
  leadersKnowTheIsr,
  otherEpochsAreFenced,
  proposedHoldTheBeginning,
} from './in-sync-replicas.ts'
import type { Invariant } from './observed.ts'
import {
  isrIsConsistent,
  nobodyFencedLeads,
  onlyActiveBrokersJoin,
  partitionEpochsRise,
  reassignmentsAreConsistent,
  whoDiedIsOutOfSync,
} from './partition-metadata.ts'
import { electionSafety, epochNeverFalls, leaderCompleteness, preVotesAreRefused, votesAreDurable } from './raft-elections.ts'
import {
  commitsAreDurable,
  commitsOwnEpochFirst,
  highWatermarkIsReplicated,
  logMatching,
  snapshotsCoverTheLog,
  stateMachineSafety,
  votersChangeOneByOne,
} from './raft-log.ts'

export {
  type BrokerLife,
  type Commit,
  type CountedFetch,
  type Invariant,
  type NodeEnd,
  type Observed,
  type RaftView,
  type ReplicaView,
  Violation,
} from './observed.ts'
export { CommittedRecords }

/** All that is checked while a cluster runs, with the memory of one cluster. */
export const allInvariants = (records = new CommittedRecords()): Invariant[] => {
  return [
    electionSafety(),
    epochNeverFalls(),
    votesAreDurable(),
    logMatching(),
    leaderCompleteness(),
    stateMachineSafety(),
    highWatermarkIsReplicated(),
    commitsAreDurable(),
    commitsOwnEpochFirst(),
    snapshotsCoverTheLog(),
    votersChangeOneByOne(),
    preVotesAreRefused(),
    noCommittedRecordIsLost(records),
    candidatesAreComplete(records),
    leadersKnowTheIsr(),
    joinersHoldTheBeginning(),
    proposedHoldTheBeginning(),
    countedFollowersKnowTheEpoch(),
    highWatermarkWaits(),
    minimumOfReplicas(),
    highWatermarkRises(),
    inSyncReplicasHoldTheSame(),
    logsMatch(records),
    epochsRise(),
    otherEpochsAreFenced(),
    onlyActiveBrokersJoin(),
    onlyItsLifeSpeaks(),
    partitionEpochsRise(),
    isrIsConsistent(),
    nobodyFencedLeads(),
    reassignmentsAreConsistent(),
    whoDiedIsOutOfSync(),
    cleanStopsKeepEverything(),
    cleanStopsCountOnce(),
    // Last: the others look at what was known before.
    { name: 'committed records', replicaChanged: (now, before) => records.learn(now, before) },
  ]
}
