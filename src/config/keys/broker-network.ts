import type { Settings } from '../setting.ts'

/** Listeners, connections and requests. */
// biome-ignore format: a table, one line a key
export const networkSettings = {
  'advertised.listeners': { type: 'list', default: null, distinct: true, filled: true, importance: 'high', doc: 'The addresses that clients and other nodes are told to connect to; the listeners themselves when not set.' },
  'connection.failed.authentication.delay.ms': { type: 'int', default: 100, range: [0], importance: 'low', doc: 'How long a connection is held after a failed authentication before it is closed, in milliseconds.' },
  'connections.max.idle.ms': { type: 'long', default: 600_000, importance: 'medium', doc: 'A connection without traffic is closed after this long, in milliseconds.' },
  'early.start.listeners': { type: 'list', default: null, distinct: true, importance: 'high', doc: 'Listeners that accept connections before the node is fully up.' },
  'inter.broker.listener.name': { type: 'string', default: null, importance: 'medium', doc: 'The listener that brokers use among themselves.' },
  'listener.security.protocol.map': { type: 'string', default: 'SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT', importance: 'low', update: 'per-broker', doc: 'Which security protocol each listener speaks, as NAME:PROTOCOL.' },
  'listeners': { type: 'list', default: ['PLAINTEXT://:9092'], distinct: true, filled: true, importance: 'high', update: 'per-broker', doc: 'The addresses this node listens on, as NAME://host:port; an empty host means every interface.' },
  'max.connection.creation.rate': { type: 'int', default: 2_147_483_647, range: [0], importance: 'medium', update: 'cluster-wide', doc: 'The most connections that are accepted, a second.' },
  'max.connections': { type: 'int', default: 2_147_483_647, range: [0], importance: 'medium', update: 'cluster-wide', doc: 'The most connections that may be open at the same time.' },
  'max.connections.per.ip': { type: 'int', default: 2_147_483_647, range: [0], importance: 'medium', update: 'cluster-wide', doc: 'The most connections that one address may have open.' },
  'max.connections.per.ip.overrides': { type: 'string', default: '', importance: 'medium', update: 'cluster-wide', doc: 'Other limits for single addresses, as host:count.' },
  'max.request.partition.size.limit': { type: 'int', default: 2000, range: [1], importance: 'medium', doc: 'The most partitions that one DescribeTopicPartitions answer holds.' },
  'num.io.threads': { type: 'int', default: 8, range: [1], importance: 'high', update: 'cluster-wide', doc: 'Threads that handle requests; kept for compatibility, requests are handled on one thread.' },
  'num.network.threads': { type: 'int', default: 3, range: [1], importance: 'high', update: 'cluster-wide', doc: 'Threads of the network; kept for compatibility, the network is handled on one thread.' },
  'queued.max.request.bytes': { type: 'long', default: -1, importance: 'medium', doc: 'The most bytes of requests that wait to be handled; -1 means no limit.' },
  'queued.max.requests': { type: 'int', default: 500, range: [1], importance: 'high', doc: 'The most requests that wait to be handled before connections are no longer read.' },
  'request.timeout.ms': { type: 'int', default: 30_000, importance: 'high', doc: 'How long a request of this node to another may take, in milliseconds.' },
  'socket.connection.setup.timeout.max.ms': { type: 'long', default: 30_000, importance: 'medium', doc: 'Socket connection setup timeout maximum, in milliseconds.' },
  'socket.connection.setup.timeout.ms': { type: 'long', default: 10_000, importance: 'medium', doc: 'Socket connection setup timeout, in milliseconds.' },
  'socket.listen.backlog.size': { type: 'int', default: 50, range: [1], importance: 'medium', doc: 'The most connections that wait to be accepted.' },
  'socket.receive.buffer.bytes': { type: 'int', default: 102_400, importance: 'high', doc: 'The receive buffer of a connection, in bytes; -1 leaves it to the system.' },
  'socket.request.max.bytes': { type: 'int', default: 104_857_600, range: [1], importance: 'high', doc: 'The largest request that is read, in bytes.' },
  'socket.send.buffer.bytes': { type: 'int', default: 102_400, importance: 'high', doc: 'The send buffer of a connection, in bytes; -1 leaves it to the system.' },
} as const satisfies Settings
