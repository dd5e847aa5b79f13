/** Running totals of a producer; divide and subtract as needed. */
export interface ProducerMetrics {
  records: number
  acknowledged: number
  failed: number
  /** Records sent again. */
  retries: number
  batches: number
  /** As sent, compressed. */
  batchBytes: number
  requests: number
  requestLatencyMs: number
  splits: number
}

export function newProducerMetrics(): ProducerMetrics {
  return { records: 0, acknowledged: 0, failed: 0, retries: 0, batches: 0, batchBytes: 0, requests: 0, requestLatencyMs: 0, splits: 0 }
}
