/**
 * bench: loads for clusters, and what they tell. Producers whose batches lie made, consumers that read headers alone, open loops,
 * histograms, comparisons.
 *
 * Invariants: it knows a cluster through client alone, and its clients obey the settings of Kafka's; a latency counts from when its record was
 * to be sent; a record costs the load as little as possible, so that the cluster is the limit.
 */
export * from './bench-report.ts'
export type { Comparison } from './compare.ts'
export type { DiskFigures } from './disk-load.ts'
export type { LatencySummary } from './latencies.ts'
export type { NewBenchTopic } from './made-topics.ts'
export type { BrokerTrip } from './network-load.ts'
export type { Pace, PaceOptions } from './pace.ts'
export type { ProducerLoadOptions } from './producer-load.ts'
export { type PayloadKind, parseRecordSizes, payloadKinds, type RecordContent, type RecordSizes, RecordSource } from './record-source.ts'
export type { SuiteFigure, SuiteRow } from './suite.ts'

/** Loaded when a command asks for it. */
export const loadProducerLoad = async () => ({
  ...(await import('./pace.ts')),
  ...(await import('./producer-load.ts')),
})
export const loadConsumerLoad = () => import('./consumer-load.ts')
export const loadShareLoad = () => import('./share-load.ts')
export const loadEndToEndLoad = () => import('./end-to-end-load.ts')
export const loadTransactionLoad = () => import('./transaction-load.ts')
export const loadReportPage = () => import('./report-page.ts')
export const loadCompare = () => import('./compare.ts')
export const loadMadeTopics = () => import('./made-topics.ts')
export const loadMadeGroups = () => import('./made-groups.ts')
export const loadSuite = async () => ({
  ...(await import('./suite.ts')),
  ...(await import('./suite-run.ts')),
})
export const loadDiskLoad = () => import('./disk-load.ts')
export const loadNetworkLoad = () => import('./network-load.ts')
