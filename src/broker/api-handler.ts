import type { Lease } from '../base/index.ts'
import type { Api, Message, MessageInput, Schema } from '../protocol/index.ts'
import type { ClientPresence } from '../replica/index.ts'
import type { BrokerParts, NodeParts } from './parts.ts'

/** Who asks, on which connection, in which version. */
export interface RequestContext {
  readonly api: Api
  readonly version: number
  readonly clientId: string | null
  /** Listener that the connection came in on; answers carry the endpoints of the same listener. */
  readonly listenerName: string
  readonly securityProtocol: string
  readonly isController: boolean
  /** A broker has passed it on in an envelope (KIP-590). */
  readonly isForwarded?: boolean
  readonly clientAddress: string
  readonly clientPort?: number
  readonly principal: string
  readonly connectionId: string
  /** Who a long wait is for: it ends when nobody is there to be answered. */
  readonly client?: ClientPresence | undefined
  /** Of the memory that the request's views lie in. Released by a handler that keeps none of them; others leave it to the collector. */
  readonly lease?: Lease | undefined
}

/** Produce with acks=0 has no answer. `close`: something failed and the client can only learn it by losing its connection. */
export const NO_REPLY = Symbol('no reply')
export const CLOSE = Symbol('close')
export type Reply<R extends Schema> = MessageInput<R> | typeof NO_REPLY | typeof CLOSE

/**
 * One API, one file, one of these. The version range of the API table is what the handler promises to answer, all of it; the table of
 * handlers is what ApiVersions advertises.
 */
export interface ApiHandler<Q extends Schema = Schema, R extends Schema = Schema, P extends NodeParts = BrokerParts> {
  readonly api: Api
  readonly request: Q
  readonly response: R
  handle(request: Message<Q>, context: RequestContext, node: P): Reply<R> | Promise<Reply<R>>
  /** The answer when the request as a whole fails, in the shape that clients of this API look for errors in. */
  refuse(errorCode: number, message: string | null, request: Message<Q>, context: RequestContext): Reply<R>
}

/** Declares a handler of broker listeners; the types of request and response follow from their schemas. */
export const apiHandler = <const Q extends Schema, const R extends Schema>(handler: ApiHandler<Q, R>): ApiHandler<Q, R> => handler

/** Declares a handler that controller listeners have too: it works with what every node has. */
export const nodeApiHandler = <const Q extends Schema, const R extends Schema>(
  handler: ApiHandler<Q, R, NodeParts>,
): ApiHandler<Q, R, NodeParts> => handler
