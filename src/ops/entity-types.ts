/** What has settings, by the names of kafka-configs. */
export const entityTypes = ['topics', 'brokers', 'broker-loggers', 'clients', 'users', 'ips', 'groups', 'client-metrics'] as const
export type EntityType = (typeof entityTypes)[number]
