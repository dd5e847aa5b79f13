/** Where the embedded node listens for clients; its controller listens on the next port. */
export const EMBEDDED_PORT = 9092
/** Where it shows how it is. */
export const EMBEDDED_STATUS_PORT = 9644

/**
 * The settings of a node that nobody configured: one machine, one node, reachable from this machine only, with internal topics that one
 * broker can hold. Everything else is Kafka's default. Without `statusPort` there is no status endpoint.
 */
export const embeddedProperties = (dataDirectory: string, port = EMBEDDED_PORT, statusPort?: number): Map<string, string> =>
  new Map([
    ['process.roles', 'broker,controller'],
    ['node.id', '1'],
    ['listeners', `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${port === 0 ? 0 : port + 1}`],
    ['controller.listener.names', 'CONTROLLER'],
    ['controller.quorum.bootstrap.servers', `127.0.0.1:${port === 0 ? 9093 : port + 1}`],
    ['log.dirs', dataDirectory],
    ['offsets.topic.replication.factor', '1'],
    ['transaction.state.log.replication.factor', '1'],
    ['transaction.state.log.min.isr', '1'],
    ['share.coordinator.state.topic.replication.factor', '1'],
    ['share.coordinator.state.topic.min.isr', '1'],
    // Long enough for clients that join before they know their topics, short enough not to be noticed.
    ['group.initial.rebalance.delay.ms', '100'],
    ['tkafka.status.listener', statusPort === undefined ? '' : `127.0.0.1:${statusPort}`],
  ])
