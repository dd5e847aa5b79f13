import { cleanStopsKeepEverything } from './clean-stop.ts'
import {
  CommittedRecords,
  candidatesAreComplete,
  highWatermarkRises,
  highWatermarkWaits,
  joinersHoldTheBeginning,
  logsMatch,
  minimumOfReplicas,
  noCommittedRecordIsLost,
} from './committed-records.ts'
import type { Invariant } from './observed.ts'
import {
  isrIsConsistent,
  nobodyFencedLeads,
  onlyActiveBrokersJoin,
  partitionEpochsRise,
  reassignmentsAreConsistent,
  whoDiedIsOutOfSync,
} from './partition-metadata.ts'
import { electionSafety, epochNeverFalls, leaderCompleteness, votesAreDurable } from './raft-elections.ts'
import {
  commitsOwnEpochFirst,
  highWatermarkIsReplicated,
  logMatching,
  snapshotsCoverTheLog,
  stateMachineSafety,
  votersChangeOneByOne,
} from './raft-log.ts'

export { type Commit, type Invariant, type Observed, type RaftView, type ReplicaView, Violation } from './observed.ts'
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
    commitsOwnEpochFirst(),
    snapshotsCoverTheLog(),
    votersChangeOneByOne(),
    noCommittedRecordIsLost(records),
    candidatesAreComplete(records),
    joinersHoldTheBeginning(),
    highWatermarkWaits(),
    minimumOfReplicas(),
    highWatermarkRises(),
    logsMatch(records),
    onlyActiveBrokersJoin(),
    partitionEpochsRise(),
    isrIsConsistent(),
    nobodyFencedLeads(),
    reassignmentsAreConsistent(),
    whoDiedIsOutOfSync(),
    cleanStopsKeepEverything(),
    // Last: the others look at what was known before.
    { name: 'committed records', replicaChanged: (now) => records.learn(now) },
  ]
}
