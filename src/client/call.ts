import type { Lease } from '../base/index.ts'
import type { Api, Message, MessageInput, Schema } from '../protocol/index.ts'

/** One API with its two messages: what a request needs besides its body. */
export interface Call<Q extends Schema, R extends Schema> {
  readonly api: Api
  readonly request: Q
  readonly response: R
}

export function call<Q extends Schema, R extends Schema>(api: Api, request: Q, response: R): Call<Q, R> {
  return { api, request, response }
}

/** A body, or how to make it once the version is known. */
export type Body<Q extends Schema> = MessageInput<Q> | ((version: number) => MessageInput<Q>)

export interface CallOptions {
  /** Default request.timeout.ms. The connection is closed when it passes, as no later answer can be told apart. */
  readonly timeoutMs?: number
  /** Bounds on the version besides what both sides know. */
  readonly minVersion?: number
  readonly maxVersion?: number
  /** The broker sends no answer (Produce with acks=0): resolves to the zero answer when the request is written. */
  readonly oneWay?: boolean
  /**
   * Gets the lease of the memory that byte fields of the answer are views of, if it has one (`ChannelGround.frames`). Whoever wants it used
   * again releases it when he is done with them.
   */
  readonly onLease?: (lease: Lease) => void
}

export type Answer<R extends Schema> = Message<R>
