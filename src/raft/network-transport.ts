import { BrokerLink, type Call, ClientError, call, connectionSettings, type LinkTraffic, resolveSettings } from '../client/index.ts'
import type { Host, Journal } from '../host/index.ts'
import { ChannelGround } from '../net/index.ts'
import { Apis, type ErrorCode, Errors, type Message, type MessageInput, type Schema } from '../protocol/index.ts'
import { AddRaftVoterRequest, AddRaftVoterResponse } from '../protocol/messages/add-raft-voter.ts'
import { BeginQuorumEpochRequest, BeginQuorumEpochResponse } from '../protocol/messages/begin-quorum-epoch.ts'
import { EndQuorumEpochRequest, EndQuorumEpochResponse } from '../protocol/messages/end-quorum-epoch.ts'
import { FetchRequest, FetchResponse } from '../protocol/messages/fetch.ts'
import { FetchSnapshotRequest, FetchSnapshotResponse } from '../protocol/messages/fetch-snapshot.ts'
import { RemoveRaftVoterRequest, RemoveRaftVoterResponse } from '../protocol/messages/remove-raft-voter.ts'
import { UpdateRaftVoterRequest, UpdateRaftVoterResponse } from '../protocol/messages/update-raft-voter.ts'
import { VoteRequest, VoteResponse } from '../protocol/messages/vote.ts'
import type { RaftReply, RaftRequest } from './core/messages.ts'
import { PeerRefusals } from './peer-refusals.ts'
import type { RaftTransport, RemoteReplica, SnapshotPiece, SnapshotRequest } from './transport.ts'
import type { Voter } from './types.ts'
import {
  addVoterBody,
  beginEpochBody,
  endEpochBody,
  epochReply,
  fetchBody,
  fetchReply,
  fetchSnapshotBody,
  removeVoterBody,
  snapshotPiece,
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
  /** At which of their listeners others are asked. */
  readonly listenerName: string
  readonly clusterId: string
  /** controller.quorum.request.timeout.ms */
  readonly requestTimeoutMs: number
}

/** An open connection, and the way to ask on it. */
interface Peer {
  readonly link: BrokerLink
  send<Q extends Schema, R extends Schema>(
    call: Call<Q, R>,
    body: MessageInput<Q> | ((version: number) => MessageInput<Q>),
    options?: { readonly minVersion: number },
  ): Promise<Message<R>>
}

/** Raft requests over connections to the controller listeners of the others, one connection each. */
export class NetworkTransport implements RaftTransport {
  readonly traffic: LinkTraffic = { requests: 0, responses: 0, bytesOut: 0, bytesIn: 0 }
  readonly #options: NetworkTransportOptions
  readonly #ground: ChannelGround
  readonly #links = new Map<number, BrokerLink>()
  readonly #refusals: PeerRefusals
  readonly #settings: ReturnType<typeof linkSettings>

  constructor(options: NetworkTransportOptions) {
    this.#options = options
    this.#ground = new ChannelGround(options.host)
    this.#settings = linkSettings(options)
    this.#refusals = new PeerRefusals(options.journal)
  }

  send(to: RemoteReplica, request: RaftRequest): Promise<RaftReply | undefined> {
    return this.#within(to, request.type, (peer) => this.#exchange(peer, request))
  }

  /** Asks on an open connection, in what is left of the request timeout. What has waited longer is not sent after all: it is stale. */
  async #within<T>(to: RemoteReplica, request: string, ask: (peer: Peer) => Promise<T | undefined>): Promise<T | undefined> {
    const { host, requestTimeoutMs } = this.#options
    const deadline = host.clock.monotonic() + requestTimeoutMs
    const overdue = Promise.withResolvers<undefined>()
    const timer = host.clock.after(requestTimeoutMs, () => {
      this.#options.journal.debug('a raft request took too long', { to: to.id, request })
      overdue.resolve(undefined)
    })
    const asked = async (): Promise<T | undefined> => {
      const link = this.#linkTo(to)
      await link.open()
      const timeoutMs = deadline - host.clock.monotonic()
      if (timeoutMs <= 0) return undefined
      const send: Peer['send'] = async (call, body, options) => {
        const answer = await link.request(call, body, { ...options, timeoutMs })
        const { errorCode, errorMessage } = answer as { readonly errorCode?: number; readonly errorMessage?: string | null }
        this.#refusals.note(to, request, errorCode ?? Errors.NONE, errorMessage ?? undefined)
        return answer
      }
      return ask({ link, send })
    }
    try {
      return await Promise.race([asked(), overdue.promise])
    } catch (error) {
      return this.#unanswered(to, request, error)
    } finally {
      timer.cancel()
    }
  }

  async #exchange({ link, send }: Peer, request: RaftRequest): Promise<RaftReply | undefined> {
    const { clusterId, requestTimeoutMs, listenerName: listener } = this.#options
    switch (request.type) {
      case 'vote': {
        if (request.preVote && !link.supports(Apis.Vote, PRE_VOTE_VERSION)) {
          return { type: 'vote', error: Errors.UNSUPPORTED_VERSION, epoch: request.epoch, leaderId: undefined, granted: false }
        }
        return epochReply('vote', await send(calls.vote, voteBody(clusterId, request)), listener)
      }
      case 'beginEpoch':
        return epochReply('beginEpoch', await send(calls.beginEpoch, beginEpochBody(clusterId, request)), listener)
      case 'endEpoch':
        return epochReply('endEpoch', await send(calls.endEpoch, endEpochBody(clusterId, request)), listener)
      case 'fetch': {
        const body = (version: number) => fetchBody(clusterId, request, version)
        return fetchReply(await send(calls.fetch, body, { minVersion: FETCH_VERSION_MIN }), listener)
      }
      case 'updateVoter': {
        if (!link.supports(Apis.UpdateRaftVoter, 0)) {
          return { type: 'updateVoter', error: Errors.UNSUPPORTED_VERSION, epoch: request.epoch, leaderId: undefined }
        }
        return updateVoterReply(await send(calls.updateVoter, updateVoterBody(clusterId, request)), listener)
      }
      case 'addVoter': {
        const body = addVoterBody(clusterId, requestTimeoutMs, request)
        const { errorCode, errorMessage } = await send(calls.addVoter, body, { minVersion: ACK_WHEN_WRITTEN_VERSION })
        return { type: 'addVoter', error: errorCode as ErrorCode, message: errorMessage ?? undefined }
      }
      case 'removeVoter': {
        const { errorCode, errorMessage } = await send(calls.removeVoter, removeVoterBody(clusterId, request))
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

  fetchSnapshot(from: RemoteReplica, request: SnapshotRequest): Promise<SnapshotPiece | undefined> {
    return this.#within(from, 'fetchSnapshot', async ({ send }) => {
      const body = fetchSnapshotBody(this.#options.clusterId, request)
      return snapshotPiece(await send(calls.fetchSnapshot, body), request.position)
    })
  }

  keepOnly(ids: ReadonlySet<number>): void {
    for (const [id, link] of this.#links) {
      if (id < 0 || ids.has(id)) continue
      this.#links.delete(id)
      link.close()
    }
  }

  close(): void {
    for (const link of this.#links.values()) link.close()
    this.#links.clear()
    this.#ground.close()
  }

  #unanswered(to: RemoteReplica, request: string, error: unknown): undefined {
    if (!(error instanceof ClientError)) throw error
    this.#refusals.note(to, request, error.code, error.message)
    this.#options.journal.debug('a raft request came to nothing', { to: to.id, request, error })
    return undefined
  }

  /** A voter that has moved gets a new connection. */
  #linkTo({ id, endpoints }: RemoteReplica): BrokerLink {
    const endpoint = endpoints.find(({ name }) => name === this.#options.listenerName) ?? endpoints[0]
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
