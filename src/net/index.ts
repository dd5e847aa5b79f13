/**
 * net: frames over streams. `Server` and its connections for brokers, `Channel` for those who call them.
 *
 * Invariants: one request per connection is in progress, answers leave in order; nothing is allocated because a length field says so;
 * who does not read is not served; every wait has a deadline on one wheel.
 */
export { Channel, ChannelError, type ChannelErrorCode, ChannelGround, type ChannelOptions } from './channel.ts'
export { ConnectionCounts, type ConnectionLimits } from './connection-counts.ts'
export { FramePool } from './frame-pool.ts'
export { FrameReader, type FrameRefusal } from './frame-reader.ts'
export type { ListenerOptions, SecurityProtocol } from './listener-options.ts'
export { type FrameHandler, Server, type ServerOptions } from './server.ts'
export type { ServerConnection } from './server-connection.ts'
export type { AnswerObserver } from './unsent-answers.ts'
