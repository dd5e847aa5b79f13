import { BrokerLink, type Call, ClientError, call, connectionSettings, resolveSettings } from '../client/index.ts'
import type { Controller, DeciderAnswer, DeciderName, DeciderRequest } from '../controller/index.ts'
import type { Host, Timer } from '../host/index.ts'
import { ChannelGround } from '../net/index.ts'
import {
  Apis,
  type ErrorCode,
  Errors,
  encode,
  errorName,
  KafkaError,
  Reader,
  read,
  readResponseHeader,
  requestFrame,
  type Schema,
} from '../protocol/index.ts'
import { DefaultPrincipalData } from '../protocol/messages/default-principal.ts'
import { EnvelopeRequest, EnvelopeResponse } from '../protocol/messages/envelope.ts'
import type { LeaderEndpoint } from '../raft/index.ts'
import type { ApiHandler } from './api-handler.ts'
import { anybody, type ControllerClient } from './controller-client.ts'

const RETRY_MS = 50

export interface ActiveControllerOptions {
  readonly host: Host
  readonly nodeId: number
  /** Undefined: this node has no controller role. */
  readonly local: Controller | undefined
  /** request.timeout.ms: how long requests wait for a controller that is active, and for its answer. */
  readonly waitMs: number
  /** Who leads the metadata quorum, and where it listens; undefined: not known. */
  leader(): LeaderEndpoint | undefined
  handlerOf(api: DeciderName): Pick<ApiHandler, 'request' | 'response'>
}

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
  private readonly settings: ReturnType<typeof linkSettings>
  private readonly resting = new Map<Timer, () => void>()
  private link: BrokerLink | undefined
  private closed = false

  constructor(options: ActiveControllerOptions) {
    this.options = options
    this.ground = new ChannelGround(options.host)
    this.settings = linkSettings(options)
  }

  activeId(): number {
    return this.options.leader()?.id ?? -1
  }

  async decide<N extends DeciderName>(name: N, request: DeciderRequest<N>, apiVersion: number): Promise<DeciderAnswer<N>> {
    const { host, waitMs } = this.options
    const deadlineMs = host.clock.monotonic() + waitMs
    for (;;) {
      const outcome = await this.ask(name, request, apiVersion, deadlineMs)
      if ('answer' in outcome) return outcome.answer
      const isTransient = outcome.errorCode === Errors.NOT_CONTROLLER
      if (!isTransient || this.closed || host.clock.monotonic() >= deadlineMs) {
        throw new KafkaError(outcome.errorCode, `the controller did not answer ${name}: ${outcome.why ?? errorName(outcome.errorCode)}`)
      }
      await this.rest()
    }
  }

  /** Nobody becomes active any more: those who wait for that are told so. */
  close(): void {
    this.closed = true
    for (const [timer, resolve] of this.resting) {
      timer.cancel()
      resolve()
    }
    this.resting.clear()
    this.link?.close()
    this.ground.close()
  }

  private async ask<N extends DeciderName>(
    name: N,
    request: DeciderRequest<N>,
    apiVersion: number,
    deadlineMs: number,
  ): Promise<{ readonly answer: DeciderAnswer<N> } | { readonly errorCode: ErrorCode; readonly why?: string }> {
    const { nodeId, local, host } = this.options
    const leader = this.options.leader()
    if (leader === undefined || (leader.id === nodeId && local === undefined)) return { errorCode: Errors.NOT_CONTROLLER }
    if (leader.id === nodeId) {
      const outcome = await local!.request(name, request, anybody(apiVersion))
      return outcome.answer === undefined ? { errorCode: outcome.errorCode } : { answer: outcome.answer }
    }
    try {
      const timeoutMs = Math.max(1, deadlineMs - host.clock.monotonic())
      const answer = (await this.send(this.linkTo(leader), name, request, apiVersion, timeoutMs)) as { errorCode?: number }
      if (answer.errorCode === Errors.NOT_CONTROLLER) return { errorCode: Errors.NOT_CONTROLLER }
      return { answer: answer as DeciderAnswer<N> }
    } catch (error) {
      if (!(error instanceof ClientError)) throw error
      // It may be on its way down: who leads now is known in a moment.
      return { errorCode: Errors.NOT_CONTROLLER, why: error.message }
    }
  }

  private async send(link: BrokerLink, name: DeciderName, request: object, apiVersion: number, timeoutMs: number): Promise<object> {
    const api = Apis[name]
    const handler = this.options.handlerOf(name)
    const plain: Call<Schema, Schema> = call(api, handler.request, handler.response)
    const isClients = 'forwardable' in api && api.listeners.some((kind) => kind === 'broker')
    if (!isClients) return link.request(plain, request, { maxVersion: apiVersion, timeoutMs })
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

  private linkTo({ id, host, port }: LeaderEndpoint): BrokerLink {
    const known = this.link?.node
    if (this.link !== undefined && known?.id === id && known.host === host && known.port === port) return this.link
    this.link?.close()
    this.link = new BrokerLink(
      { id, host, port, rack: null },
      {
        ...{ host: this.options.host, settings: this.settings, ground: this.ground },
        ...{ transport: undefined, authenticate: undefined, onDown: () => {} },
      },
    )
    return this.link
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

const linkSettings = ({ nodeId, waitMs }: ActiveControllerOptions) =>
  resolveSettings(connectionSettings, {
    'client.id': `broker-${nodeId}-to-controller`,
    'request.timeout.ms': waitMs,
    'reconnect.backoff.ms': 50,
    'reconnect.backoff.max.ms': 50,
  }).settings
