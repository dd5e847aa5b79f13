/**
 * metrics: what a node counts, as plain values, and the names under which Prometheus reads them.
 *
 * Invariants: there is no global registry; counting is an increment on an object that the caller keeps; a histogram's memory is fixed.
 */
export { type ExposedMetric, type Exposition, exposed, exposition, type Sample } from './exposition.ts'
export { Histogram, quantiles } from './histogram.ts'
export { kafkaMetrics, type MetricName, type Naming, prometheusName } from './names.ts'
export { exporterMetrics, jvmMetrics, nodeMetrics, processMetrics } from './plain-names.ts'
export { RecentGrowth, RecentMean } from './recent.ts'
export { type Counter, type LabelledValue, type Labels, MetricRegistry } from './registry.ts'
