import { metadataTopicUuid, zeroUuid } from '../base/index.ts'
import { type ErrorCode, Errors, errorText, type MessageInput } from '../protocol/index.ts'
import type { AddRaftVoterRequest, AddRaftVoterResponse } from '../protocol/messages/add-raft-voter.ts'
import type { BeginQuorumEpochRequest, BeginQuorumEpochResponse } from '../protocol/messages/begin-quorum-epoch.ts'
import type { DescribeQuorumRequest, DescribeQuorumResponse } from '../protocol/messages/describe-quorum.ts'
import type { EndQuorumEpochRequest, EndQuorumEpochResponse } from '../protocol/messages/end-quorum-epoch.ts'
import type { FetchRequest, FetchResponse } from '../protocol/messages/fetch.ts'
import type { FetchSnapshotRequest, FetchSnapshotResponse } from '../protocol/messages/fetch-snapshot.ts'
import type { RemoveRaftVoterRequest, RemoveRaftVoterResponse } from '../protocol/messages/remove-raft-voter.ts'
import type { UpdateRaftVoterRequest, UpdateRaftVoterResponse } from '../protocol/messages/update-raft-voter.ts'
import type { VoteRequest, VoteResponse } from '../protocol/messages/vote.ts'
import { leaderRequestError } from './core/fetch-answer.ts'
import type { ReplicaProgress } from './core/leader-progress.ts'
import type { EpochReply, FetchReply, RaftReply, RaftRequest } from './core/messages.ts'
import type { RaftDriver } from './driver.ts'
import { metadataPartition, metadataTopic } from './metadata-log.ts'
import { batchBytesMax } from './snapshot-writer.ts'
import type { Endpoint, ReplicaKey, Voter } from './types.ts'

/** How a request came in. Answers name the leader by its endpoint of the same listener. */
export interface RaftRequestContext {
  readonly version: number
  readonly listenerName: string
}

interface Partitions<P> {
  readonly topicName: string
  readonly partitions: readonly P[]
}

/** The one partition that raft requests are about; undefined: the request is about something else. */
const onlyPartition = <P extends { readonly partitionIndex: number }>(topics: readonly Partitions<P>[]): P | undefined => {
  const [topic] = topics
  if (topics.length !== 1 || topic!.topicName !== metadataTopic || topic!.partitions.length !== 1) return undefined
  const [partition] = topic!.partitions
  return partition!.partitionIndex === metadataPartition ? partition : undefined
}

const replicaKey = (id: number, directoryId: string): ReplicaKey => ({
  id,
  directoryId: directoryId === zeroUuid ? undefined : directoryId,
})
/** Undefined: the sender does not say. */
const listenersFrom = (endpoints: readonly Endpoint[]): readonly Endpoint[] | undefined =>
  endpoints.length === 0 ? undefined : listenersOf(endpoints)
const askedVoter = (id: number, directoryId: string): ReplicaKey | undefined => (id < 0 ? undefined : replicaKey(id, directoryId))

/** The raft APIs of the controller listener: decoded requests in, what to answer out. Reject only when raft is closing. */
export class RaftHandlers {
  readonly #raft: RaftDriver
  readonly #clusterId: string

  constructor(raft: RaftDriver, clusterId: string) {
    this.#raft = raft
    this.#clusterId = clusterId
  }

  async vote(request: VoteRequest, context: RaftRequestContext): Promise<MessageInput<typeof VoteResponse>> {
    const partition = onlyPartition(request.topics)
    const refusal = this.#refusal(request.clusterId, partition !== undefined)
    if (partition === undefined || refusal !== Errors.NONE) return { errorCode: refusal }
    const reply = await this.#ask({
      type: 'vote',
      epoch: partition.replicaEpoch,
      candidate: replicaKey(partition.replicaId, partition.replicaDirectoryId),
      voter: askedVoter(request.voterId, partition.voterDirectoryId),
      last: { offset: partition.lastOffset, epoch: partition.lastOffsetEpoch },
      preVote: partition.preVote,
    })
    const voteGranted = reply.type === 'vote' && reply.granted
    return this.#epochAnswer(reply, context, { voteGranted })
  }

  async beginQuorumEpoch(
    request: BeginQuorumEpochRequest,
    context: RaftRequestContext,
  ): Promise<MessageInput<typeof BeginQuorumEpochResponse>> {
    const partition = onlyPartition(request.topics)
    const refusal = this.#refusal(request.clusterId, partition !== undefined)
    if (partition === undefined || refusal !== Errors.NONE) return { errorCode: refusal }
    const voter = askedVoter(request.voterId, partition.voterDirectoryId)
    const { leaderId, leaderEpoch: epoch } = partition
    const leaderEndpoints = listenersFrom(request.leaderEndpoints)
    const reply = await this.#ask({ type: 'beginEpoch', epoch, leaderId, voter, leaderEndpoints })
    return this.#epochAnswer(reply, context, {})
  }

  async endQuorumEpoch(request: EndQuorumEpochRequest, context: RaftRequestContext): Promise<MessageInput<typeof EndQuorumEpochResponse>> {
    const partition = onlyPartition(request.topics)
    const refusal = this.#refusal(request.clusterId, partition !== undefined)
    if (partition === undefined || refusal !== Errors.NONE) return { errorCode: refusal }
    const successors =
      partition.preferredCandidates.length > 0
        ? partition.preferredCandidates.map(({ candidateId, candidateDirectoryId }) => replicaKey(candidateId, candidateDirectoryId))
        : partition.preferredSuccessors.map((id) => replicaKey(id, zeroUuid))
    const { leaderId, leaderEpoch: epoch } = partition
    const leaderEndpoints = listenersFrom(request.leaderEndpoints)
    const reply = await this.#ask({ type: 'endEpoch', epoch, leaderId, successors, leaderEndpoints })
    return this.#epochAnswer(reply, context, {})
  }

  /** Fetch of the metadata log by voters and observers. `maxWaitMs` is kept: it resolves when there is something new. */
  async fetch(request: FetchRequest, context: RaftRequestContext): Promise<MessageInput<typeof FetchResponse>> {
    const [topic] = request.topics
    const isOurs = request.topics.length === 1 && topic!.topicId === metadataTopicUuid && topic!.partitions.length === 1
    const partition = isOurs && topic!.partitions[0]!.partition === metadataPartition ? topic!.partitions[0] : undefined
    const refusal = this.#refusal(request.clusterId, partition !== undefined)
    if (partition === undefined || refusal !== Errors.NONE) return { errorCode: refusal }
    const replicaId = request.replicaId !== -1 ? request.replicaId : request.replicaState.replicaId
    const reply = await this.#ask({
      type: 'fetch',
      replica: replicaKey(replicaId, partition.replicaDirectoryId),
      leaderEpoch: partition.currentLeaderEpoch,
      fetchOffset: partition.fetchOffset,
      lastFetchedEpoch: partition.lastFetchedEpoch,
      highWatermark: partition.highWatermark,
      maxWaitMs: request.maxWaitMs,
      maxBytes: Math.min(request.maxBytes, batchBytesMax),
    })
    return this.#fetchAnswer(reply as FetchReply, context)
  }

  /** A piece of a snapshot (KIP-630). */
  async fetchSnapshot(request: FetchSnapshotRequest, context: RaftRequestContext): Promise<MessageInput<typeof FetchSnapshotResponse>> {
    const refusal = this.#refusal(request.clusterId, request.topics.length === 1 && request.topics[0]!.partitions.length === 1)
    if (refusal !== Errors.NONE) return { errorCode: refusal }
    const [topic] = request.topics
    const [partition] = topic!.partitions
    type Answer = NonNullable<NonNullable<MessageInput<typeof FetchSnapshotResponse>['topics']>[number]['partitions']>[number]
    const answer = (snapshot: Answer): MessageInput<typeof FetchSnapshotResponse> => ({
      topics: [{ name: topic!.name, partitions: [{ index: partition!.partition, currentLeader: this.#currentLeader(), ...snapshot }] }],
      nodeEndpoints: context.version >= 1 ? this.#leaderEndpoints(context) : [],
    })
    if (topic!.name !== metadataTopic || partition!.partition !== metadataPartition) {
      return answer({ errorCode: Errors.UNKNOWN_TOPIC_OR_PARTITION })
    }
    const { epoch } = this.#raft.core
    const error = leaderRequestError(partition!.currentLeaderEpoch, epoch, this.#raft.isLeader)
    if (error !== Errors.NONE) return answer({ errorCode: error })
    const id = { offset: partition!.snapshotId.endOffset, epoch: partition!.snapshotId.epoch }
    const { position } = partition!
    const slice = await this.#raft.parts.snapshots.slice(id, position, Math.max(0, request.maxBytes))
    if (slice === undefined) return answer({ errorCode: Errors.SNAPSHOT_NOT_FOUND })
    if (position < 0 || position >= slice.size) return answer({ errorCode: Errors.POSITION_OUT_OF_RANGE })
    this.#raft.core.progress?.heard(replicaKey(request.replicaId, partition!.replicaDirectoryId), this.#raft.parts.host.clock.monotonic())
    return answer({ snapshotId: partition!.snapshotId, size: slice.size, position, unalignedRecords: slice.bytes })
  }

  /** A voter says where it listens and what it can run (KIP-853). */
  async updateVoter(request: UpdateRaftVoterRequest, context: RaftRequestContext): Promise<MessageInput<typeof UpdateRaftVoterResponse>> {
    const { voterId, voterDirectoryId, kRaftVersionFeature: range } = request
    if (!this.#isOurs(request.clusterId)) return this.#updateAnswer(Errors.INCONSISTENT_CLUSTER_ID, context)
    const voter: Voter = {
      ...replicaKey(voterId, voterDirectoryId),
      endpoints: listenersOf(request.listeners),
      kraftVersionMin: range.minSupportedVersion,
      kraftVersionMax: range.maxSupportedVersion,
    }
    const { error } = await this.#ask({ type: 'updateVoter', epoch: request.currentLeaderEpoch, voter })
    return this.#updateAnswer(error, context)
  }

  /** Lets a replica that follows vote (KIP-853). */
  async addVoter({
    clusterId,
    voterId,
    voterDirectoryId,
    listeners,
    ackWhenCommitted,
  }: AddRaftVoterRequest): Promise<MessageInput<typeof AddRaftVoterResponse>> {
    if (!this.#isOurs(clusterId)) return this.#otherCluster(clusterId)
    const voter = { ...replicaKey(voterId, voterDirectoryId), endpoints: listenersOf(listeners) }
    const { error, message } = await this.#ask({ type: 'addVoter', voter, ackWhenCommitted })
    return { errorCode: error, errorMessage: message ?? null }
  }

  async removeVoter({
    clusterId,
    voterId,
    voterDirectoryId,
  }: RemoveRaftVoterRequest): Promise<MessageInput<typeof RemoveRaftVoterResponse>> {
    if (!this.#isOurs(clusterId)) return this.#otherCluster(clusterId)
    const { error, message } = await this.#ask({ type: 'removeVoter', voter: replicaKey(voterId, voterDirectoryId) })
    return { errorCode: error, errorMessage: message ?? null }
  }

  /** Who follows how closely (KIP-595); only the leader knows. */
  describeQuorum(request: DescribeQuorumRequest, context: RaftRequestContext): MessageInput<typeof DescribeQuorumResponse> {
    if (onlyPartition(request.topics) === undefined) return describeRefusal(request, Errors.UNKNOWN_TOPIC_OR_PARTITION)
    const { core } = this.#raft
    const { progress } = core
    if (progress === undefined) {
      const errorCode = Errors.NOT_LEADER_OR_FOLLOWER
      const partitions = [{ partitionIndex: metadataPartition, errorCode, errorMessage: errorText(errorCode) }]
      return { topics: [{ topicName: metadataTopic, partitions }] }
    }
    const { clock } = this.#raft.parts.host
    const state = this.#replicaState(context.version, clock.now(), clock.monotonic())
    const partition = {
      partitionIndex: metadataPartition,
      leaderId: core.self.id,
      leaderEpoch: core.epoch,
      highWatermark: progress.highWatermark ?? -1,
      currentVoters: progress.voters().map(state),
      observers: progress.observers(clock.monotonic()).map(state),
    }
    const nodes = core.voters.voters.map(({ id, endpoints }) => ({ nodeId: id, listeners: listenersOf(endpoints) }))
    return { topics: [{ topicName: metadataTopic, partitions: [partition] }], nodes: context.version >= 2 ? nodes : [] }
  }

  #replicaState(version: number, now: number, monotonic: number) {
    const selfId = this.#raft.core.self.id
    const wallClock = (at: number | undefined): number => (at === undefined ? -1 : Math.round(now - (monotonic - at)))
    return ({ key, endOffset, lastFetchAt, lastCaughtUpAt }: ReplicaProgress) => ({
      replicaId: key.id,
      ...(version >= 2 ? { replicaDirectoryId: key.directoryId ?? zeroUuid } : {}),
      logEndOffset: endOffset ?? -1,
      lastFetchTimestamp: key.id === selfId ? now : wallClock(lastFetchAt),
      lastCaughtUpTimestamp: key.id === selfId ? now : wallClock(lastCaughtUpAt),
    })
  }

  #ask<T extends RaftRequest['type']>(request: RaftRequest & { type: T }): Promise<Extract<RaftReply, { type: T }>> {
    return this.#raft.request(request) as Promise<Extract<RaftReply, { type: T }>>
  }

  #refusal(clusterId: string | null, isAboutMetadata: boolean): ErrorCode {
    if (!this.#isOurs(clusterId)) return Errors.INCONSISTENT_CLUSTER_ID
    return isAboutMetadata ? Errors.NONE : Errors.INVALID_REQUEST
  }

  #isOurs(clusterId: string | null): boolean {
    return clusterId === null || clusterId === this.#clusterId
  }

  #otherCluster(clusterId: string | null) {
    return {
      errorCode: Errors.INCONSISTENT_CLUSTER_ID,
      errorMessage: `This cluster is ${this.#clusterId}, the request is for ${clusterId}.`,
    }
  }

  #updateAnswer(errorCode: ErrorCode, context: RaftRequestContext): MessageInput<typeof UpdateRaftVoterResponse> {
    const [{ host, port } = { host: '', port: 0 }] = this.#leaderEndpoints(context)
    return { errorCode, currentLeader: { ...this.#currentLeader(), host, port } }
  }

  #epochAnswer<T extends object>({ error, epoch, leaderId }: EpochReply, context: RaftRequestContext, more: T) {
    const partition = { partitionIndex: metadataPartition, errorCode: error, leaderId: leaderId ?? -1, leaderEpoch: epoch, ...more }
    return {
      topics: [{ topicName: metadataTopic, partitions: [partition] }],
      nodeEndpoints: context.version >= 1 ? this.#leaderEndpoints(context, leaderId) : [],
    }
  }

  #fetchAnswer(reply: FetchReply, context: RaftRequestContext): MessageInput<typeof FetchResponse> {
    const { diverging, snapshotId, entries = [] } = reply
    const partition = {
      partitionIndex: metadataPartition,
      errorCode: reply.error,
      highWatermark: reply.highWatermark,
      logStartOffset: reply.logStartOffset,
      currentLeader: { leaderId: reply.leaderId ?? -1, leaderEpoch: reply.epoch },
      ...(diverging === undefined ? {} : { divergingEpoch: { epoch: diverging.epoch, endOffset: diverging.offset } }),
      ...(snapshotId === undefined ? {} : { snapshotId: { epoch: snapshotId.epoch, endOffset: snapshotId.offset } }),
      records: entries.map(({ content }) => content as Buffer),
    }
    return {
      responses: [{ topic: metadataTopic, topicId: metadataTopicUuid, partitions: [partition] }],
      nodeEndpoints: context.version >= 17 ? this.#leaderEndpoints(context, reply.leaderId) : [],
    }
  }

  #currentLeader(): { leaderId: number; leaderEpoch: number } {
    const { leaderId, epoch } = this.#raft.leaderAndEpoch
    return { leaderId: leaderId ?? -1, leaderEpoch: epoch }
  }

  /** The leader's endpoint as a list of one, or empty where it is not known. */
  #leaderEndpoints({ listenerName }: RaftRequestContext, leaderId = this.#raft.leaderAndEpoch.leaderId) {
    if (leaderId === undefined) return []
    const { self } = this.#raft.parts
    const endpoints = leaderId === self.id ? self.endpoints : (this.#raft.core.endpointsOf(leaderId) ?? [])
    const endpoint = endpoints.find(({ name }) => name === listenerName)
    return endpoint === undefined ? [] : [{ nodeId: leaderId, host: endpoint.host, port: endpoint.port }]
  }
}

const listenersOf = (endpoints: readonly Endpoint[]): Endpoint[] => endpoints.map(({ name, host, port }) => ({ name, host, port }))

const describeRefusal = (request: DescribeQuorumRequest, errorCode: ErrorCode): MessageInput<typeof DescribeQuorumResponse> => ({
  topics: request.topics.map(({ topicName, partitions }) => ({
    topicName,
    partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode, errorMessage: errorText(errorCode) })),
  })),
})
