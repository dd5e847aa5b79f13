import type { Server } from '../net/index.ts'
import type { NodeListener } from './node-settings.ts'

/** Kafka's name of each protocol as BrokerRegistration carries it. */
const SECURITY_PROTOCOL_IDS = { PLAINTEXT: 0, SSL: 1, SASL_PLAINTEXT: 2, SASL_SSL: 3 } as const

/** What a node says in its registration of where it is reached: as a broker, or as a controller. */
export const advertisedListeners = (listeners: readonly NodeListener[], server: Server, ofController = false) =>
  listeners
    .filter(({ isController, isAdvertised }) => isController === ofController && (isController || isAdvertised))
    .map(({ name, advertised, port, securityProtocol }) => ({
      name,
      host: advertised.host,
      port: advertised.port === 0 || port === 0 ? server.address(name)!.port : advertised.port,
      securityProtocol: SECURITY_PROTOCOL_IDS[securityProtocol],
    }))
