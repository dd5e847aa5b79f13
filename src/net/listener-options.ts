import type { Connection } from '../host/index.ts'

export type SecurityProtocol = 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'

export interface ListenerOptions {
  /** Listener name, as in `listeners`. */
  readonly name: string
  readonly securityProtocol: SecurityProtocol
  /** Empty: all addresses. */
  readonly host: string
  /** 0: a free one. */
  readonly port: number
  readonly backlog?: number
  /** `listener.name.<name>.max.connections`. */
  readonly connectionsMax?: number
  /** For brokers among themselves: above the total limit its connections take the place of the longest idle of other listeners (KIP-402). */
  readonly protected?: boolean
  /** Turns the accepted stream into the one that frames travel on: where TLS comes in. It has its own deadline. */
  readonly secure?: (stream: Connection) => Promise<Connection>
}
