import { type BrokerLink, type Call, ClientError, call } from '../client/index.ts'
import type { Controller, DeciderAnswer, DeciderName, DeciderRequest, Outcome } from '../controller/index.ts'
import type { Host, Timer } from '../host/index.ts'
import { ChannelGround } from '../net/index.ts'
import {
  Apis,
  type ErrorCode,
  Errors,
  encode,
  errorName,
  KafkaError,
  type MessageInput,
  Reader,
  read,
  readResponseHeader,
  requestFrame,
  type Schema,
} from '../protocol/index.ts'
import type { AddRaftVoterRequest, AddRaftVoterResponse } from '../protocol/messages/add-raft-voter.ts'
import { DefaultPrincipalData } from '../protocol/messages/default-principal.ts'
import type { DescribeQuorumRequest, DescribeQuorumResponse } from '../protocol/messages/describe-quorum.ts'
import { EnvelopeRequest, EnvelopeResponse } from '../protocol/messages/envelope.ts'
import type { RemoveRaftVoterRequest, RemoveRaftVoterResponse } from '../protocol/messages/remove-raft-voter.ts'
import type { LeaderEndpoint, RaftHandlers, RaftRequestContext } from '../raft/index.ts'
import type { ApiHandler } from './api-handler.ts'
import { ControllerChannel } from './controller-channel.ts'
import { anybody, type ControllerClient } from './controller-client.ts'

const RETRY_MS = 50
/** Kafka's, of the channel by which controllers register. */
const REGISTRATION_LIMIT_MS = 5000

export interface ActiveControllerOptions {
  readonly host: Host
  readonly nodeId: number
  /** Undefined: this node has no controller role. */
  readonly local: Controller | undefined
  readonly quorum: RaftHandlers
  /** request.timeout.ms: how long requests wait for a controller that is active, and for its answer. */
  readonly waitMs: number
  /** broker.heartbeat.interval.ms: how long heartbeats do. */
  readonly heartbeatMs: number
  /** Who leads the metadata quorum, and where it listens; undefined: not known. */
  leader(): LeaderEndpoint | undefined
  handlerOf(api: AskedApi): Pick<ApiHandler, 'request' | 'response'>
}

type AskedApi = DeciderName | 'DescribeQuorum' | 'AddRaftVoter' | 'RemoveRaftVoter'
type Own = () => Promise<Outcome<object>>

interface Question {
  readonly name: AskedApi
  readonly request: object
  readonly apiVersion: number
  readonly own: Own | undefined
  readonly channel: ControllerChannel
  readonly deadlineMs: number
}

type ChannelName = 'forwarding' | 'heartbeat' | 'alter-partition' | 'directory-assignments' | 'registration'
/** A controller takes one request of a connection after the other: those that a session or a partition hangs on wait for no others. */
const channelNames: Readonly<Partial<Record<AskedApi, ChannelName>>> = {
  BrokerRegistration: 'heartbeat',
  BrokerHeartbeat: 'heartbeat',
  AlterPartition: 'alter-partition',
  AssignReplicasToDirs: 'directory-assignments',
  ControllerRegistration: 'registration',
}
type Asked = Outcome<object> & { readonly why?: string | undefined }
const nobody = (why?: string): Asked => ({ errorCode: Errors.NOT_CONTROLLER, answer: undefined, why })

const envelope = call(Apis.Envelope, EnvelopeRequest, EnvelopeResponse)
/** Kafka's DefaultKafkaPrincipalBuilder: the version of the message, then the message. */
const anonymous = Buffer.concat([Buffer.from([0, 0]), encode(DefaultPrincipalData, 0, { type: 'User', name: 'ANONYMOUS' })])
const unknownAddress = Buffer.from([127, 0, 0, 1])

/**
 * The controller that is active, in this process or across the wire. Requests that brokers make in their own name go as they are, those of
 * their clients in an envelope (KIP-590). While none is active (start-up, an election) they wait for one, up to a limit.
 */
export class ActiveController implements ControllerClient {
  private readonly options: ActiveControllerOptions
  private readonly ground: ChannelGround
  private readonly channels: Readonly<Record<ChannelName, ControllerChannel>>
  private readonly resting = new Map<Timer, () => void>()
  private closed = false

  constructor(options: ActiveControllerOptions) {
    this.options = options
    this.ground = new ChannelGround(options.host)
    const { host, nodeId, waitMs, heartbeatMs } = options
    const channel = (name: ChannelName, limitMs = waitMs): ControllerChannel =>
      new ControllerChannel({ host, ground: this.ground, clientId: `node-${nodeId}-to-controller-${name}`, limitMs })
    this.channels = {
      forwarding: channel('forwarding'),
      heartbeat: channel('heartbeat', heartbeatMs),
      'alter-partition': channel('alter-partition'),
      'directory-assignments': channel('directory-assignments'),
      registration: channel('registration', REGISTRATION_LIMIT_MS),
    }
  }

  activeId(): number {
    return this.options.leader()?.id ?? -1
  }

  decide<N extends DeciderName>(name: N, request: DeciderRequest<N>, apiVersion: number): Promise<DeciderAnswer<N>> {
    const { local } = this.options
    return this.asked(name, request, apiVersion, local && (() => local.request(name, request, anybody(apiVersion, true)))) as Promise<
      DeciderAnswer<N>
    >
  }

  describeQuorum(request: DescribeQuorumRequest, context: RaftRequestContext): Promise<MessageInput<typeof DescribeQuorumResponse>> {
    const { local, quorum } = this.options
    const own = async (): Promise<Outcome<object>> => ({ errorCode: Errors.NONE, answer: quorum.describeQuorum(request, context) })
    return this.asked('DescribeQuorum', request, context.version, local && own)
  }

  addVoter(request: AddRaftVoterRequest, apiVersion: number): Promise<MessageInput<typeof AddRaftVoterResponse>> {
    const { local, quorum } = this.options
    return this.asked('AddRaftVoter', request, apiVersion, local && (() => answered(quorum.addVoter(request))))
  }

  removeVoter(request: RemoveRaftVoterRequest, apiVersion: number): Promise<MessageInput<typeof RemoveRaftVoterResponse>> {
    const { local, quorum } = this.options
    return this.asked('RemoveRaftVoter', request, apiVersion, local && (() => answered(quorum.removeVoter(request))))
  }

  /** Asks whoever is active, again and again until somebody is. `own`: how this node answers when it is the one. */
  private async asked(name: AskedApi, request: object, apiVersion: number, own: Own | undefined): Promise<object> {
    const { clock } = this.options.host
    const channel = this.channels[channelNames[name] ?? 'forwarding']
    const deadlineMs = clock.monotonic() + channel.limitMs
    for (;;) {
      const outcome = await this.ask({ name, request, apiVersion, own, channel, deadlineMs })
      if (outcome.answer !== undefined) return outcome.answer
      const isTransient = outcome.errorCode === Errors.NOT_CONTROLLER
      if (!isTransient || this.closed || clock.monotonic() >= deadlineMs) {
        // What clients sent on gets Kafka's answer for it (ForwardingManager): NOT_CONTROLLER would send them about for another broker.
        const errorCode = isTransient && !this.closed && isClients(name) ? Errors.REQUEST_TIMED_OUT : outcome.errorCode
        throw new KafkaError(errorCode, `the controller did not answer ${name}: ${outcome.why ?? errorName(outcome.errorCode)}`)
      }
      await this.rest()
    }
  }

  /** What waits for a controller that leads no more is asked of the one that does. */
  leaderChanged(): void {
    const leader = this.options.leader()
    if (leader !== undefined) for (const channel of Object.values(this.channels)) channel.leaderIs(leader)
  }

  /** Nobody becomes active any more: those who wait for that are told so. */
  close(): void {
    this.closed = true
    for (const [timer, resolve] of this.resting) {
      timer.cancel()
      resolve()
    }
    this.resting.clear()
    for (const channel of Object.values(this.channels)) channel.close()
    this.ground.close()
  }

  private async ask({ name, request, apiVersion, own, channel, deadlineMs }: Question): Promise<Asked> {
    const { nodeId, host } = this.options
    const leader = this.options.leader()
    if (leader === undefined || (leader.id === nodeId && own === undefined)) return nobody()
    if (leader.id === nodeId) return own!()
    const timeoutMs = Math.max(1, deadlineMs - host.clock.monotonic())
    try {
      const answer = await channel.with(leader, timeoutMs, (link) => this.send(link, name, request, apiVersion, timeoutMs))
      return accepted(answer)
    } catch (error) {
      if (!(error instanceof ClientError)) throw error
      // It may be on its way down: who leads now is known in a moment.
      return nobody(error.message)
    }
  }

  private async send(link: BrokerLink, name: AskedApi, request: object, apiVersion: number, timeoutMs: number): Promise<object> {
    const api = Apis[name]
    const handler = this.options.handlerOf(name)
    const plain: Call<Schema, Schema> = call(api, handler.request, handler.response)
    if (!isClients(name)) return link.request(plain, request, { maxVersion: apiVersion, timeoutMs })
    await link.open()
    const version = link.versionOf(api, 0, apiVersion)
    const frame = Buffer.concat(requestFrame(api, version, 0, null, handler.request, request) as Buffer[])
    const body = { requestData: frame.subarray(4), requestPrincipal: anonymous, clientHostAddress: unknownAddress }
    const { errorCode, responseData } = await link.request(envelope, body, { timeoutMs })
    if (errorCode !== Errors.NONE || responseData === null) {
      if (errorCode === Errors.NOT_CONTROLLER) return { errorCode }
      throw new KafkaError(errorCode as ErrorCode, `the controller refused to take ${name} from this broker: ${errorName(errorCode)}`)
    }
    const reader = new Reader(responseData)
    readResponseHeader(reader, api, version)
    return read(handler.response, version, reader)
  }

  private rest(): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.options.host.clock.after(RETRY_MS, () => {
        this.resting.delete(timer)
        resolve()
      })
      this.resting.set(timer, resolve)
    })
  }
}

/** Brokers take it from clients and pass it on (KIP-590). */
const isClients = (name: AskedApi): boolean => {
  const api = Apis[name]
  return 'forwardable' in api && api.listeners.some((kind) => kind === 'broker')
}

/** A node that leads no more says so in its own way: the raft APIs name the epoch's leader, the others the controller. */
const accepted = (answer: { errorCode?: number | undefined }): Asked => {
  const { errorCode } = answer
  const isElsewhere = errorCode === Errors.NOT_CONTROLLER || errorCode === Errors.NOT_LEADER_OR_FOLLOWER
  return isElsewhere ? nobody() : { errorCode: Errors.NONE, answer }
}

const answered = async (answer: Promise<{ errorCode?: number | undefined }>): Promise<Outcome<object>> => accepted(await answer)
