import type { Tool } from './tool.ts'

/** The tools that are here, by the names of Kafka's scripts, each loaded when it runs. */
export const tools: Readonly<Record<string, () => Promise<Tool>>> = {
  'kafka-configs': async () => (await import('./tools/kafka-configs.ts')).kafkaConfigs,
  'kafka-console-consumer': async () => (await import('./tools/kafka-console-consumer.ts')).kafkaConsoleConsumer,
  'kafka-console-producer': async () => (await import('./tools/kafka-console-producer.ts')).kafkaConsoleProducer,
  'kafka-consumer-groups': async () => (await import('./tools/kafka-consumer-groups.ts')).kafkaConsumerGroups,
  'kafka-get-offsets': async () => (await import('./tools/kafka-get-offsets.ts')).kafkaGetOffsets,
  'kafka-groups': async () => (await import('./tools/kafka-groups.ts')).kafkaGroups,
  'kafka-topics': async () => (await import('./tools/kafka-topics.ts')).kafkaTopics,
}

/** What of Kafka's scripts is not here, and what does its job. */
export const notOffered: Readonly<Record<string, string>> = {}
