import type { ConfigKeys } from '../config-key.ts'

// biome-ignore format: a table, one line a setting
export const networkKeys = {
  'advertised.listeners': { type: 'list', importance: 'high', update: 'read-only', nonEmpty: true, doc: 'Advertised listeners.' },
  'connections.max.idle.ms': { type: 'long', default: '600000', importance: 'medium', update: 'read-only', doc: 'Connections max idle, in milliseconds.' },
  'connections.max.reauth.ms': { type: 'long', default: '0', importance: 'medium', update: 'read-only', doc: 'Connections max reauth, in milliseconds.' },
  'inter.broker.listener.name': { type: 'string', importance: 'medium', update: 'read-only', doc: 'Inter broker listener name.' },
  'listener.security.protocol.map': { type: 'string', default: 'SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT', importance: 'low', update: 'per-broker', doc: 'Listener security protocol map.' },
  'listeners': { type: 'list', default: 'PLAINTEXT://:9092', importance: 'high', update: 'per-broker', nonEmpty: true, doc: 'Listeners.' },
  'max.connection.creation.rate': { type: 'int', default: '2147483647', importance: 'medium', update: 'cluster-wide', min: 0, doc: 'Max connection creation rate.' },
  'max.connections': { type: 'int', default: '2147483647', importance: 'medium', update: 'cluster-wide', min: 0, doc: 'Max connections.' },
  'max.connections.per.ip': { type: 'int', default: '2147483647', importance: 'medium', update: 'cluster-wide', min: 0, doc: 'Max connections per ip.' },
  'max.connections.per.ip.overrides': { type: 'string', default: '', importance: 'medium', update: 'cluster-wide', doc: 'Max connections per ip overrides.' },
  'num.io.threads': { type: 'int', default: '8', importance: 'high', update: 'cluster-wide', min: 1, doc: 'Num io threads.' },
  'num.network.threads': { type: 'int', default: '3', importance: 'high', update: 'cluster-wide', min: 1, doc: 'Num network threads.' },
  'queued.max.request.bytes': { type: 'long', default: '-1', importance: 'medium', update: 'read-only', doc: 'Queued max request bytes, in bytes.' },
  'queued.max.requests': { type: 'int', default: '500', importance: 'high', update: 'read-only', min: 1, doc: 'Queued max requests.' },
  'socket.connection.setup.timeout.max.ms': { type: 'long', default: '30000', importance: 'medium', update: 'read-only', doc: 'Socket connection setup timeout max, in milliseconds.' },
  'socket.connection.setup.timeout.ms': { type: 'long', default: '10000', importance: 'medium', update: 'read-only', doc: 'Socket connection setup timeout, in milliseconds.' },
  'socket.listen.backlog.size': { type: 'int', default: '50', importance: 'medium', update: 'read-only', min: 1, doc: 'Socket listen backlog size.' },
  'socket.receive.buffer.bytes': { type: 'int', default: '102400', importance: 'high', update: 'read-only', doc: 'Socket receive buffer bytes, in bytes.' },
  'socket.request.max.bytes': { type: 'int', default: '104857600', importance: 'high', update: 'read-only', min: 1, doc: 'Socket request max bytes, in bytes.' },
  'socket.send.buffer.bytes': { type: 'int', default: '102400', importance: 'high', update: 'read-only', doc: 'Socket send buffer bytes, in bytes.' },
} as const satisfies ConfigKeys
