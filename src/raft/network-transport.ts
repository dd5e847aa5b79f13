import { zeroUuid } from '../base/index.ts'
import { BrokerLink, ClientError, call, connectionSettings, type LinkTraffic, resolveSettings } from '../client/index.ts'
import type { Host, Journal } from '../host/index.ts'
import { ChannelGround } from '../net/index.ts'
import { Apis, type ErrorCode, Errors } from '../protocol/index.ts'
import { AddRaftVoterRequest, AddRaftVoterResponse } from '../protocol/messages/add-raft-voter.ts'
import { BeginQuorumEpochRequest, BeginQuorumEpochResponse } from '../protocol/messages/begin-quorum-epoch.ts'
import { EndQuorumEpochRequest, EndQuorumEpochResponse } from '../protocol/messages/end-quorum-epoch.ts'
import { FetchRequest, FetchResponse } from '../protocol/messages/fetch.ts'
import { FetchSnapshotRequest, FetchSnapshotResponse } from '../protocol/messages/fetch-snapshot.ts'
import { RemoveRaftVoterRequest, RemoveRaftVoterResponse } from '../protocol/messages/remove-raft-voter.ts'
import { UpdateRaftVoterRequest, UpdateRaftVoterResponse } from '../protocol/messages/update-raft-voter.ts'
import { VoteRequest, VoteResponse } from '../protocol/messages/vote.ts'
import type { RaftReply, RaftRequest } from './core/messages.ts'
import type { RaftTransport, RemoteReplica, SnapshotPiece, SnapshotRequest } from './driver.ts'
import { metadataPartition, metadataTopic } from './metadata-log.ts'
import type { Voter } from './types.ts'
import {
  addVoterBody,
  beginEpochBody,
  endEpochBody,
  epochReply,
  fetchBody,
  fetchReply,
  removeVoterBody,
  updateVoterBody,
  updateVoterReply,
  voteBody,
} from './wire.ts'

const calls = {
  vote: call(Apis.Vote, VoteRequest, VoteResponse),
  beginEpoch: call(Apis.BeginQuorumEpoch, BeginQuorumEpochRequest, BeginQuorumEpochResponse),
  endEpoch: call(Apis.EndQuorumEpoch, EndQuorumEpochRequest, EndQuorumEpochResponse),
  fetch: call(Apis.Fetch, FetchRequest, FetchResponse),
  fetchSnapshot: call(Apis.FetchSnapshot, FetchSnapshotRequest, FetchSnapshotResponse),
  updateVoter: call(Apis.UpdateRaftVoter, UpdateRaftVoterRequest, UpdateRaftVoterResponse),
  addVoter: call(Apis.AddRaftVoter, AddRaftVoterRequest, AddRaftVoterResponse),
  removeVoter: call(Apis.RemoveRaftVoter, RemoveRaftVoterRequest, RemoveRaftVoterResponse),
}
/** From here on Vote can ask before it asks (KIP-996). */
const PRE_VOTE_VERSION = 2
/** From here on Fetch names topics by id; older controllers than that are not spoken to. */
const FETCH_VERSION_MIN = 13
/** From here on AddRaftVoter can be answered before the change is committed: whoever is added fetches on the same connection. */
const ACK_WHEN_WRITTEN_VERSION = 1

export interface NetworkTransportOptions {
  readonly host: Host
  readonly journal: Journal
  readonly self: Voter
  readonly clusterId: string
  /** controller.quorum.request.timeout.ms */
  readonly requestTimeoutMs: number
}

/** Raft requests over connections to the controller listeners of the others, one connection each. */
export class NetworkTransport implements RaftTransport {
  readonly traffic: LinkTraffic = { requests: 0, responses: 0, bytesOut: 0, bytesIn: 0 }
  readonly #options: NetworkTransportOptions
  readonly #ground: ChannelGround
  readonly #links = new Map<number, BrokerLink>()
  readonly #settings: ReturnType<typeof linkSettings>

  constructor(options: NetworkTransportOptions) {
    this.#options = options
    this.#ground = new ChannelGround(options.host)
    this.#settings = linkSettings(options)
  }

  async send(to: RemoteReplica, request: RaftRequest): Promise<RaftReply | undefined> {
    try {
      return await this.#exchange(this.#linkTo(to), request)
    } catch (error) {
      return this.#unanswered(to, request.type, error)
    }
  }

  async #exchange(link: BrokerLink, request: RaftRequest): Promise<RaftReply | undefined> {
    const { clusterId, self, requestTimeoutMs } = this.#options
    const listener = self.endpoints[0]?.name ?? ''
    switch (request.type) {
      case 'vote': {
        await link.open()
        if (request.preVote && !link.supports(Apis.Vote, PRE_VOTE_VERSION)) {
          return { type: 'vote', error: Errors.UNSUPPORTED_VERSION, epoch: request.epoch, leaderId: undefined, granted: false }
        }
        return epochReply('vote', await link.request(calls.vote, voteBody(clusterId, request)), listener)
      }
      case 'beginEpoch':
        return epochReply('beginEpoch', await link.request(calls.beginEpoch, beginEpochBody(clusterId, request)), listener)
      case 'endEpoch':
        return epochReply('endEpoch', await link.request(calls.endEpoch, endEpochBody(clusterId, request)), listener)
      case 'fetch': {
        const body = (version: number) => fetchBody(clusterId, request, version)
        return fetchReply(await link.request(calls.fetch, body, { minVersion: FETCH_VERSION_MIN }), listener)
      }
      case 'updateVoter': {
        await link.open()
        if (!link.supports(Apis.UpdateRaftVoter, 0)) {
          return { type: 'updateVoter', error: Errors.UNSUPPORTED_VERSION, epoch: request.epoch, leaderId: undefined }
        }
        return updateVoterReply(await link.request(calls.updateVoter, updateVoterBody(clusterId, request)), listener)
      }
      case 'addVoter': {
        const body = addVoterBody(clusterId, requestTimeoutMs, request)
        const { errorCode, errorMessage } = await link.request(calls.addVoter, body, { minVersion: ACK_WHEN_WRITTEN_VERSION })
        return { type: 'addVoter', error: errorCode as ErrorCode, message: errorMessage ?? undefined }
      }
      case 'removeVoter': {
        const { errorCode, errorMessage } = await link.request(calls.removeVoter, removeVoterBody(clusterId, request))
        return { type: 'removeVoter', error: errorCode as ErrorCode, message: errorMessage ?? undefined }
      }
      case 'versions': {
        const { supportedFeatures } = await link.refreshVersions()
        const feature = supportedFeatures.find(({ name }) => name === 'kraft.version')
        const kraftVersions = feature && { min: feature.minVersion, max: feature.maxVersion }
        return { type: 'versions', error: Errors.NONE, kraftVersions }
      }
    }
  }

  async fetchSnapshot(from: RemoteReplica, request: SnapshotRequest): Promise<SnapshotPiece | undefined> {
    const { id, replica, leaderEpoch, position, maxBytes } = request
    try {
      const answer = await this.#linkTo(from).request(calls.fetchSnapshot, {
        clusterId: this.#options.clusterId,
        replicaId: replica.id,
        maxBytes,
        topics: [
          {
            name: metadataTopic,
            partitions: [
              {
                partition: metadataPartition,
                currentLeaderEpoch: leaderEpoch,
                snapshotId: { endOffset: id.offset, epoch: id.epoch },
                position,
                replicaDirectoryId: replica.directoryId ?? zeroUuid,
              },
            ],
          },
        ],
      })
      const partition = answer.topics[0]?.partitions[0]
      const bytes = partition?.unalignedRecords ?? undefined
      const isRefused = answer.errorCode !== Errors.NONE || partition?.errorCode !== Errors.NONE || partition.position !== position
      return isRefused || bytes === undefined ? undefined : { bytes, size: partition.size }
    } catch (error) {
      return this.#unanswered(from, 'fetchSnapshot', error)
    }
  }

  close(): void {
    for (const link of this.#links.values()) link.close()
    this.#links.clear()
    this.#ground.close()
  }

  #unanswered(to: RemoteReplica, request: string, error: unknown): undefined {
    if (!(error instanceof ClientError)) throw error
    this.#options.journal.debug('a raft request came to nothing', { to: to.id, request, error })
    return undefined
  }

  /** A voter that has moved gets a new connection. */
  #linkTo({ id, endpoints }: RemoteReplica): BrokerLink {
    const { name } = this.#options.self.endpoints[0] ?? {}
    const endpoint = endpoints.find((each) => each.name === name) ?? endpoints[0]
    if (endpoint === undefined) throw new ClientError(Errors.BROKER_NOT_AVAILABLE, `voter ${id} names no endpoint`)
    const { host, port } = endpoint
    const known = this.#links.get(id)
    if (known?.node.host === host && known.node.port === port) return known
    known?.close()
    const context = {
      ...{ host: this.#options.host, settings: this.#settings, ground: this.#ground },
      ...{ transport: undefined, authenticate: undefined, onDown: () => {}, traffic: this.traffic },
    }
    const link = new BrokerLink({ id, host, port, rack: null }, context)
    this.#links.set(id, link)
    return link
  }
}

const linkSettings = ({ self, requestTimeoutMs }: NetworkTransportOptions) =>
  resolveSettings(connectionSettings, {
    'client.id': `raft-client-${self.id}`,
    'request.timeout.ms': requestTimeoutMs,
    'socket.connection.setup.timeout.ms': requestTimeoutMs,
    'socket.connection.setup.timeout.max.ms': requestTimeoutMs,
    'connections.max.idle.ms': -1,
    'reconnect.backoff.ms': 20,
    'reconnect.backoff.max.ms': 100,
  }).settings
