import type { MetricName } from './names.ts'

const plain = (as: string, help: string): MetricName => ({ domain: 'plain', type: '', name: as, help, as })

/** What kafka_exporter shows of a cluster, under its names and labels. */
export const exporterMetrics = {
  brokers: plain('kafka_brokers', 'Brokers that are not fenced'),
  brokerInfo: plain('kafka_broker_info', '1 for each broker, with its address'),
  topicPartitions: plain('kafka_topic_partitions', 'Partitions of a topic'),
  currentOffset: plain('kafka_topic_partition_current_offset', 'High watermark of a partition'),
  oldestOffset: plain('kafka_topic_partition_oldest_offset', 'First offset of a partition'),
  inSyncReplica: plain('kafka_topic_partition_in_sync_replica', 'In-sync replicas of a partition'),
  leader: plain('kafka_topic_partition_leader', 'Broker that leads a partition'),
  leaderIsPreferred: plain('kafka_topic_partition_leader_is_preferred', '1 when the first replica leads the partition'),
  replicas: plain('kafka_topic_partition_replicas', 'Replicas of a partition'),
  underReplicated: plain('kafka_topic_partition_under_replicated_partition', '1 when replicas of the partition are out of sync'),
  groupCurrentOffset: plain('kafka_consumergroup_current_offset', 'Offset that a group has committed'),
  groupCurrentOffsetSum: plain(
    'kafka_consumergroup_current_offset_sum',
    'Committed offsets of a group, all partitions of a topic together',
  ),
  groupLag: plain('kafka_consumergroup_lag', 'Records between the committed offset and the high watermark, at least 0'),
  groupLagSum: plain('kafka_consumergroup_lag_sum', 'Lag of a group, all partitions of a topic together'),
  groupMembers: plain('kafka_consumergroup_members', 'Members of a group'),
} as const satisfies Record<string, MetricName>

/** The process, under the names that every Prometheus client of Node.js uses. */
export const processMetrics = {
  cpuSeconds: plain('process_cpu_seconds_total', 'CPU time of the process, user and system'),
  residentBytes: plain('process_resident_memory_bytes', 'Resident memory of the process'),
  startTime: plain('process_start_time_seconds', 'When the process started, seconds since 1970'),
  openFiles: plain('process_open_fds', 'Open file descriptors'),
  openFilesMax: plain('process_max_fds', 'Most file descriptors that may be open'),
  heapUsedBytes: plain('nodejs_heap_size_used_bytes', 'Heap in use'),
  heapTotalBytes: plain('nodejs_heap_size_total_bytes', 'Heap taken from the system'),
  externalBytes: plain('nodejs_external_memory_bytes', 'Buffers outside of the heap'),
  loopDelayMean: plain('nodejs_eventloop_lag_mean_seconds', 'Mean delay of the event loop since the last scrape'),
  loopDelayP99: plain('nodejs_eventloop_lag_p99_seconds', 'Delay of the event loop since the last scrape, 99th percentile'),
  loopDelayMax: plain('nodejs_eventloop_lag_max_seconds', 'Longest delay of the event loop since the last scrape'),
  buildInfo: plain('tkafka_build_info', '1, with the version that runs'),
  uptime: plain('tkafka_uptime_seconds', 'Since the node was started'),
} as const satisfies Record<string, MetricName>

/** What dashboards of Kafka ask of its JVM, where the engine that runs us has the same thing. */
export const jvmMetrics = {
  memoryUsed: plain('jvm_memory_used_bytes', 'Heap of the engine (V8) in use, and buffers outside of it: area heap, nonheap'),
  gcSeconds: plain('jvm_gc_collection_seconds_sum', 'Time that collections of garbage have taken (V8), by kind'),
  gcCount: plain('jvm_gc_collection_seconds_count', 'Collections of garbage (V8), by kind'),
  threads: plain('jvm_threads_current', 'Threads of the process'),
} as const satisfies Record<string, MetricName>

/** What neither Kafka nor kafka_exporter shows. */
export const nodeMetrics = {
  directoryTotalBytes: plain('tkafka_log_directory_total_bytes', 'Size of the file system of a log directory'),
  directoryUsableBytes: plain('tkafka_log_directory_usable_bytes', 'Bytes of it that are left'),
} as const satisfies Record<string, MetricName>
