import type { Tool } from './tool.ts'

/** The tools that are here, by the names of Kafka's scripts, each loaded when it runs. */
export const tools: Readonly<Record<string, () => Promise<Tool>>> = {
  'kafka-configs': async () => (await import('./tools/kafka-configs.ts')).kafkaConfigs,
  'kafka-get-offsets': async () => (await import('./tools/kafka-get-offsets.ts')).kafkaGetOffsets,
  'kafka-topics': async () => (await import('./tools/kafka-topics.ts')).kafkaTopics,
}

/** What of Kafka's scripts is not here, and what does its job. */
export const notOffered: Readonly<Record<string, string>> = {}
