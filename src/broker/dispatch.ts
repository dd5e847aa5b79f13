import type { Lease } from '../base/index.ts'
import type { ServerConnection } from '../net/index.ts'
import {
  Apis,
  apiByKey,
  DecodeError,
  EncodeError,
  Errors,
  inVersions,
  KafkaError,
  type Message,
  type MessageInput,
  Reader,
  read,
  readClientId,
  readHeaderStart,
  responseFrame,
  type Schema,
} from '../protocol/index.ts'
import type { ApiHandler, Reply, RequestContext } from './api-handler.ts'
import { CLOSE, NO_REPLY } from './api-handler.ts'
import { countErrors, type ErrorPlaces, errorPlaces } from './error-counts.ts'
import type { BrokerParts, NodeParts } from './parts.ts'
import type { RequestTraffic } from './request-traffic.ts'

/** A frame that Kafka answers by closing the connection: nothing that follows it on the wire can be trusted. */
class InvalidRequest extends Error {
  override name = 'InvalidRequest'
}

/**
 * From a frame to its answer.
 *
 *     frame ─► header ─► handler known on this listener, version known? ── no ─► close (ApiVersions: answer v0 UNSUPPORTED_VERSION)
 *                           │ yes
 *                           ▼
 *                        decode ── not decodable ─► close
 *                           ▼
 *                        handle ── KafkaError ─► refuse(code)   anything else ─► UNKNOWN_SERVER_ERROR, logged with its stack
 *                           ▼
 *                        encode ─► respond (in request order; net keeps one request in flight per connection)
 */
export class Dispatcher<P extends NodeParts = BrokerParts> {
  private readonly handlers: readonly (ApiHandler<Schema, Schema, P> | undefined)[]
  private readonly errorPlaces: (ErrorPlaces | undefined)[] = []
  private readonly node: P
  private readonly kind: 'broker' | 'controller'

  /** `kind`: of the listeners whose requests come here; the handlers are those of their APIs. */
  constructor(handlers: Iterable<ApiHandler<Schema, Schema, P>>, node: P, kind: 'broker' | 'controller') {
    this.kind = kind
    const table: (ApiHandler<Schema, Schema, P> | undefined)[] = []
    for (const handler of handlers) {
      table[handler.api.key] = handler
      this.errorPlaces[handler.api.key] = errorPlaces(handler.response)
    }
    this.handlers = table
    this.node = node
  }

  /** Takes one request of a connection; every path ends in one respond or close. */
  accept(connection: ServerConnection, frame: Buffer, lease?: Lease): void {
    const startedMs = this.node.host.clock.monotonic()
    const listenerName = connection.listener.name
    try {
      const reader = new Reader(frame)
      const { apiKey, apiVersion, correlationId } = readHeaderStart(reader)
      const api = apiByKey(apiKey)
      const handler = this.handlers[apiKey]
      if (api === undefined || handler === undefined) {
        throw new InvalidRequest(`API key ${apiKey}${api ? ` (${api.name})` : ''} is not served on listener ${listenerName}`)
      }
      const known = inVersions(api.versions, apiVersion) && apiVersion <= api.stableMax
      if (!known && api.key !== Apis.ApiVersions.key) {
        throw new InvalidRequest(`${api.name} version ${apiVersion} is not served, only ${api.versions}, up to ${api.stableMax}`)
      }
      const clientId = readClientId(reader, api, apiVersion)
      const context: RequestContext = {
        api,
        version: known ? apiVersion : 0,
        clientId,
        listenerName,
        securityProtocol: connection.listener.securityProtocol,
        isController: this.kind === 'controller',
        clientAddress: connection.remote.host,
        clientPort: connection.remote.port,
        principal: 'User:ANONYMOUS',
        connectionId: String(connection.number),
        client: connection,
        lease,
      }
      if (!known) {
        // KIP-511: the one API whose unknown versions are answered, so that clients of any age can find common ground.
        const request = read(handler.request, 0, new Reader(Buffer.alloc(0)))
        this.reply(connection, handler, context, correlationId, handler.refuse(Errors.UNSUPPORTED_VERSION, null, request, context))
        return
      }
      const request = read(handler.request, apiVersion, reader)
      const traffic = this.node.metrics.requestsOf(api, request)
      traffic.received(apiVersion, frame.length)
      let localMs: number | undefined
      const answered = (reply: Reply<typeof handler.response>): void => {
        const tookMs = this.node.host.clock.monotonic() - startedMs
        traffic.answered(localMs ?? tookMs, localMs === undefined ? 0 : tookMs - localMs)
        if (reply === NO_REPLY || reply === CLOSE) traffic.sent(0, 0, tookMs)
        else this.countErrors(handler, apiVersion, reply, traffic)
        this.reply(connection, handler, context, correlationId, reply, startedMs, traffic)
      }
      const failed = (error: unknown): void => answered(this.refusal(handler, request, context, error))
      let reply: Reply<typeof handler.response> | Promise<Reply<typeof handler.response>>
      try {
        reply = handler.handle(request, context, this.node)
      } catch (error) {
        failed(error)
        return
      }
      if (reply instanceof Promise) {
        localMs = this.node.host.clock.monotonic() - startedMs
        reply.then(answered, failed).catch((error) => this.close(connection, error))
      } else answered(reply)
    } catch (error) {
      this.close(connection, error)
    }
  }

  private refusal(
    handler: ApiHandler<Schema, Schema, P>,
    request: Message<Schema>,
    context: RequestContext,
    error: unknown,
  ): Reply<typeof handler.response> {
    if (error instanceof KafkaError) return handler.refuse(error.code, error.message, request, context)
    this.node.journal.error(`${context.api.name} failed`, { error, version: context.version, clientId: context.clientId })
    return handler.refuse(Errors.UNKNOWN_SERVER_ERROR, 'the broker failed to handle this request; its log has the reason', request, context)
  }

  private reply(
    connection: ServerConnection,
    handler: ApiHandler<Schema, Schema, P>,
    context: RequestContext,
    correlationId: number,
    reply: Reply<typeof handler.response>,
    receivedMs?: number,
    traffic?: RequestTraffic,
  ): void {
    if (reply === NO_REPLY) connection.respond(undefined)
    else if (reply === CLOSE) connection.destroy()
    else connection.respond(responseFrame(context.api, context.version, correlationId, handler.response, reply), receivedMs, traffic)
  }

  private countErrors(
    handler: ApiHandler<Schema, Schema, P>,
    version: number,
    reply: MessageInput<Schema>,
    { errors }: RequestTraffic,
  ): void {
    const places = this.errorPlaces[handler.api.key]
    if (places !== undefined) countErrors(places, version, reply, errors)
  }

  private close(connection: ServerConnection, error: unknown): void {
    const from = { client: `${connection.remote.host}:${connection.remote.port}`, listener: connection.listener.name }
    if (error instanceof InvalidRequest || error instanceof DecodeError) {
      this.node.journal.warn(`closing a connection: ${error.message}`, from)
    } else {
      const what = error instanceof EncodeError ? 'an answer could not be encoded' : 'a request failed unexpectedly'
      this.node.journal.error(`closing a connection: ${what}`, { ...from, error })
    }
    connection.destroy()
  }
}
