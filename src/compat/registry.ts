import type { Tool } from './tool.ts'

/** The tools that are here, by the names of Kafka's scripts, each loaded when it runs. */
export const tools: Readonly<Record<string, () => Promise<Tool>>> = {
  'kafka-acls': async () => (await import('./tools/kafka-acls.ts')).kafkaAcls,
  'kafka-broker-api-versions': async () => (await import('./tools/kafka-broker-api-versions.ts')).kafkaBrokerApiVersions,
  'kafka-client-metrics': async () => (await import('./tools/kafka-client-metrics.ts')).kafkaClientMetrics,
  'kafka-cluster': async () => (await import('./tools/kafka-cluster.ts')).kafkaCluster,
  'kafka-configs': async () => (await import('./tools/kafka-configs.ts')).kafkaConfigs,
  'kafka-console-consumer': async () => (await import('./tools/kafka-console-consumer.ts')).kafkaConsoleConsumer,
  'kafka-console-producer': async () => (await import('./tools/kafka-console-producer.ts')).kafkaConsoleProducer,
  'kafka-consumer-groups': async () => (await import('./tools/kafka-consumer-groups.ts')).kafkaConsumerGroups,
  'kafka-consumer-perf-test': async () => (await import('./tools/kafka-consumer-perf-test.ts')).kafkaConsumerPerfTest,
  'kafka-delegation-tokens': async () => (await import('./tools/kafka-delegation-tokens.ts')).kafkaDelegationTokens,
  'kafka-delete-records': async () => (await import('./tools/kafka-delete-records.ts')).kafkaDeleteRecords,
  'kafka-dump-log': async () => (await import('./tools/kafka-dump-log.ts')).kafkaDumpLog,
  'kafka-e2e-latency': async () => (await import('./tools/kafka-e2e-latency.ts')).kafkaE2eLatency,
  'kafka-features': async () => (await import('./tools/kafka-features.ts')).kafkaFeatures,
  'kafka-get-offsets': async () => (await import('./tools/kafka-get-offsets.ts')).kafkaGetOffsets,
  'kafka-groups': async () => (await import('./tools/kafka-groups.ts')).kafkaGroups,
  'kafka-leader-election': async () => (await import('./tools/kafka-leader-election.ts')).kafkaLeaderElection,
  'kafka-log-dirs': async () => (await import('./tools/kafka-log-dirs.ts')).kafkaLogDirs,
  'kafka-metadata-quorum': async () => (await import('./tools/kafka-metadata-quorum.ts')).kafkaMetadataQuorum,
  'kafka-producer-perf-test': async () => (await import('./tools/kafka-producer-perf-test.ts')).kafkaProducerPerfTest,
  'kafka-reassign-partitions': async () => (await import('./tools/kafka-reassign-partitions.ts')).kafkaReassignPartitions,
  'kafka-share-groups': async () => (await import('./tools/kafka-share-groups.ts')).kafkaShareGroups,
  'kafka-storage': async () => (await import('./tools/kafka-storage.ts')).kafkaStorage,
  'kafka-streams-groups': async () => (await import('./tools/kafka-streams-groups.ts')).kafkaStreamsGroups,
  'kafka-topics': async () => (await import('./tools/kafka-topics.ts')).kafkaTopics,
  'kafka-transactions': async () => (await import('./tools/kafka-transactions.ts')).kafkaTransactions,
}

/** What of Kafka's scripts is not here, and what does its job. */
export const notOffered: Readonly<Record<string, string>> = {
  'kafka-client-compatibility-test': 'it serves tests of Kafka itself.',
  'kafka-console-share-consumer': 'there is no consumer of share groups yet.',
  'kafka-jmx': 'there is no JMX; brokers show what they count at /metrics of tkafka.status.listener.',
  'kafka-metadata-shell': 'use tkafka storage shell, or the script of install-shims.',
  'kafka-replica-verification':
    'nothing compares the bytes of replicas from outside; tkafka topics describe and tkafka cluster health show which replicas lag.',
  'kafka-server-start': 'use tkafka broker start FILE, or the script of install-shims.',
  'kafka-server-stop': 'use tkafka broker stop FILE, or the script of install-shims.',
  'kafka-run-class': 'there are no classes to run.',
  'kafka-share-consumer-perf-test': 'there is no consumer of share groups yet.',
  'kafka-streams-application-reset': 'for groups of type streams, use tkafka compat kafka-streams-groups --reset-offsets.',
  'kafka-verifiable-consumer': 'it serves tests of Kafka itself.',
  'kafka-verifiable-producer': 'it serves tests of Kafka itself.',
  'kafka-verifiable-share-consumer': 'it serves tests of Kafka itself.',
  'connect-distributed': 'there is no Kafka Connect here.',
  'connect-mirror-maker': 'there is no Kafka Connect here.',
  'connect-plugin-path': 'there is no Kafka Connect here.',
  'connect-standalone': 'there is no Kafka Connect here.',
}
