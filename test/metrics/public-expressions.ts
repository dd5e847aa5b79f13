/**
 * What public dashboards and alerts ask of Prometheus, expression by expression, with the variables of Grafana as they stand there. Taken from
 * strimzi/strimzi-kafka-operator 8541da1e336b (examples/metrics, packaging/examples/metrics; Apache-2.0) and danielqsj/kafka_exporter
 * 953e2f1745b9 (kafka_exporter_overview.json; Apache-2.0).
 */

/** grafana-dashboards/strimzi-kafka.json, for jmx_exporter. */
export const strimziKafka: readonly string[] = [
  'count(kafka_server_replicamanager_leadercount{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name"})',
  'sum(kafka_controller_kafkacontroller_activecontrollercount{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name"})',
  'sum(irate(kafka_controller_controllerstats_uncleanleaderelections_total{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name"}[5m]))',
  'sum(kafka_server_replicamanager_partitioncount{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name"})',
  'sum(kafka_server_replicamanager_underreplicatedpartitions{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name"})',
  'sum(kafka_cluster_partition_atminisr{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name"})',
  'sum(kafka_cluster_partition_underminisr{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name"})',
  'sum(kafka_controller_kafkacontroller_offlinepartitionscount{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name"})',
  'sum(container_memory_usage_bytes{namespace="$kubernetes_namespace",pod=~"$strimzi_cluster_name-$kafka_broker",container="kafka"}) by (pod)',
  'sum(rate(container_cpu_usage_seconds_total{namespace="$kubernetes_namespace",pod=~"$strimzi_cluster_name-$kafka_broker",container="kafka"}[5m])) by (pod)',
  'sum(kubelet_volume_stats_available_bytes{namespace="$kubernetes_namespace",persistentvolumeclaim=~"data(-[0-9]+)?-$strimzi_cluster_name-$kafka_broker", persistentvolumeclaim!~".*zookeeper(-[0-9]+)?$"}) by (persistentvolumeclaim)',
  'sum(process_open_fds{namespace="$kubernetes_namespace",kubernetes_pod_name=~"$strimzi_cluster_name-$kafka_broker",container="kafka"}) by (kubernetes_pod_name)',
  'sum(jvm_memory_used_bytes{namespace="$kubernetes_namespace",kubernetes_pod_name=~"$strimzi_cluster_name-$kafka_broker",strimzi_io_name="$strimzi_cluster_name-kafka"}) by (kubernetes_pod_name)',
  'sum(rate(jvm_gc_collection_seconds_sum{namespace="$kubernetes_namespace",kubernetes_pod_name=~"$strimzi_cluster_name-$kafka_broker",strimzi_io_name="$strimzi_cluster_name-kafka"}[5m])) by (kubernetes_pod_name)',
  'sum(rate(jvm_gc_collection_seconds_count{namespace="$kubernetes_namespace",kubernetes_pod_name=~"$strimzi_cluster_name-$kafka_broker",strimzi_io_name="$strimzi_cluster_name-kafka"}[5m])) by (kubernetes_pod_name)',
  'sum(jvm_threads_current{namespace="$kubernetes_namespace",kubernetes_pod_name=~"$strimzi_cluster_name-$kafka_broker",strimzi_io_name="$strimzi_cluster_name-kafka"}) by (kubernetes_pod_name)',
  'sum(irate(kafka_server_brokertopicmetrics_bytesin_total{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",topic=~"$kafka_topic",topic!="",kubernetes_pod_name=~"$strimzi_cluster_name-$kafka_broker"}[5m]))',
  'sum(irate(kafka_server_brokertopicmetrics_bytesout_total{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",topic=~"$kafka_topic",topic!="",kubernetes_pod_name=~"$strimzi_cluster_name-$kafka_broker"}[5m]))',
  'sum(irate(kafka_server_brokertopicmetrics_messagesin_total{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",topic=~"$kafka_topic",topic!="",kubernetes_pod_name=~"$strimzi_cluster_name-$kafka_broker"}[5m]))',
  'sum(irate(kafka_server_brokertopicmetrics_totalproducerequests_total{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",topic=~"$kafka_topic",topic!="",kubernetes_pod_name=~"$strimzi_cluster_name-$kafka_broker"}[5m]))',
  'sum(irate(kafka_server_brokertopicmetrics_failedproducerequests_total{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",topic=~"$kafka_topic",topic!="",kubernetes_pod_name=~"$strimzi_cluster_name-$kafka_broker"}[5m]))',
  'sum(irate(kafka_server_brokertopicmetrics_totalfetchrequests_total{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",topic=~"$kafka_topic",topic!="",kubernetes_pod_name=~"$strimzi_cluster_name-$kafka_broker"}[5m]))',
  'sum(irate(kafka_server_brokertopicmetrics_failedfetchrequests_total{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",topic=~"$kafka_topic",topic!="",kubernetes_pod_name=~"$strimzi_cluster_name-$kafka_broker"}[5m]))',
  'sum(kafka_network_socketserver_networkprocessoravgidle_percent{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",kubernetes_pod_name=~"$strimzi_cluster_name-$kafka_broker"}*100) by (kubernetes_pod_name)',
  'sum(kafka_server_kafkarequesthandlerpool_requesthandleravgidle_percent{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",kubernetes_pod_name=~"$strimzi_cluster_name-$kafka_broker"}*100) by (kubernetes_pod_name)',
  'sum(irate(kafka_server_kafkaserver_linux_disk_write_bytes{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",kubernetes_pod_name=~"$strimzi_cluster_name-$kafka_broker"}[5m])) by (kubernetes_pod_name)',
  'sum(irate(kafka_server_kafkaserver_linux_disk_read_bytes{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",kubernetes_pod_name=~"$strimzi_cluster_name-$kafka_broker"}[5m])) by (kubernetes_pod_name)',
  'sum(kafka_server_socket_server_metrics_connection_count{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",kubernetes_pod_name=~"$strimzi_cluster_name-$kafka_broker"}) by (kubernetes_pod_name, listener)',
  'kafka_log_log_size{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",kubernetes_pod_name=~"$strimzi_cluster_name-$kafka_broker",topic=~"$kafka_topic",partition=~"$kafka_partition"}',
]

/** grafana-dashboards/strimzi-kraft.json, for jmx_exporter. */
export const strimziKraft: readonly string[] = [
  'sum(container_memory_usage_bytes{namespace="$kubernetes_namespace",pod=~"$strimzi_cluster_name-$kraft_node",container="kafka"}) by (pod)',
  'sum(rate(container_cpu_usage_seconds_total{namespace="$kubernetes_namespace",pod=~"$strimzi_cluster_name-$kraft_node",container="kafka"}[5m])) by (pod)',
  'sum(kubelet_volume_stats_available_bytes{namespace="$kubernetes_namespace",persistentvolumeclaim=~"data(-[0-9]+)?-$strimzi_cluster_name-$kraft_node", persistentvolumeclaim!~".*zookeeper(-[0-9]+)?$"}) by (persistentvolumeclaim)',
  'sum(process_open_fds{namespace="$kubernetes_namespace",kubernetes_pod_name=~"$strimzi_cluster_name-$kraft_node",container="kafka"}) by (kubernetes_pod_name)',
  'sum(jvm_memory_used_bytes{namespace="$kubernetes_namespace",kubernetes_pod_name=~"$strimzi_cluster_name-$kraft_node",strimzi_io_name="$strimzi_cluster_name-kafka"}) by (kubernetes_pod_name)',
  'sum(rate(jvm_gc_collection_seconds_sum{namespace="$kubernetes_namespace",kubernetes_pod_name=~"$strimzi_cluster_name-$kraft_node",strimzi_io_name="$strimzi_cluster_name-kafka"}[5m])) by (kubernetes_pod_name)',
  'sum(rate(jvm_gc_collection_seconds_count{namespace="$kubernetes_namespace",kubernetes_pod_name=~"$strimzi_cluster_name-$kraft_node",strimzi_io_name="$strimzi_cluster_name-kafka"}[5m])) by (kubernetes_pod_name)',
  'sum(jvm_threads_current{namespace="$kubernetes_namespace",kubernetes_pod_name=~"$strimzi_cluster_name-$kraft_node",strimzi_io_name="$strimzi_cluster_name-kafka"}) by (kubernetes_pod_name)',
  'sum(kafka_server_raftmetrics_append_records_rate{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",kubernetes_pod_name=~"$strimzi_cluster_name-$kraft_node"}) by (kubernetes_pod_name)',
  'sum(kafka_server_raftmetrics_fetch_records_rate{namespace="$kubernetes_namespace",kubernetes_pod_name=~"$strimzi_cluster_name-$kraft_node",strimzi_io_name="$strimzi_cluster_name-kafka"}) by (kubernetes_pod_name)',
  'sum(kafka_server_raftmetrics_commit_latency_avg{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",kubernetes_pod_name=~"$strimzi_cluster_name-$kraft_node"}) by (kubernetes_pod_name)',
  'max(kafka_server_raftmetrics_current_state) by (kubernetes_pod_name, current_state)',
  'sum(kafka_server_raftmetrics_current_leader{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",kubernetes_pod_name=~"$strimzi_cluster_name-$kraft_node"}) by (kubernetes_pod_name)',
  'sum(kafka_server_raftmetrics_current_vote{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",kubernetes_pod_name=~"$strimzi_cluster_name-$kraft_node"}) by (kubernetes_pod_name)',
  'sum(kafka_server_raftmetrics_current_epoch{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",kubernetes_pod_name=~"$strimzi_cluster_name-$kraft_node"}) by (kubernetes_pod_name)',
  'sum(irate(kafka_server_raftchannelmetrics_incoming_byte_total{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",kubernetes_pod_name=~"$strimzi_cluster_name-$kraft_node"}[5m])) by (kubernetes_pod_name)',
  'sum(irate(kafka_server_raftchannelmetrics_outgoing_byte_total{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",kubernetes_pod_name=~"$strimzi_cluster_name-$kraft_node"}[5m])) by (kubernetes_pod_name)',
  'sum(irate(kafka_server_raftchannelmetrics_request_total{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",kubernetes_pod_name=~"$strimzi_cluster_name-$kraft_node"}[5m])) by (kubernetes_pod_name)',
  'sum(irate(kafka_server_raftchannelmetrics_response_total{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",kubernetes_pod_name=~"$strimzi_cluster_name-$kraft_node"}[5m])) by (kubernetes_pod_name)',
  'sum(kafka_server_raftmetrics_high_watermark{namespace="$kubernetes_namespace",kubernetes_pod_name=~"$strimzi_cluster_name-$kraft_node",strimzi_io_name="$strimzi_cluster_name-kafka"}) by (kubernetes_pod_name)',
  'sum(kafka_server_raftmetrics_log_end_offset{namespace="$kubernetes_namespace",kubernetes_pod_name=~"$strimzi_cluster_name-$kraft_node",strimzi_io_name="$strimzi_cluster_name-kafka"}) by (kubernetes_pod_name)',
]

/** grafana-dashboards/strimzi-kafka-exporter.json. */
export const strimziKafkaExporter: readonly string[] = [
  'count(kafka_topic_partitions{topic=~"$topic", namespace=~"$kubernetes_namespace"})',
  'sum(kafka_topic_partitions{topic=~"$topic", namespace=~"$kubernetes_namespace"})',
  'sum(kafka_topic_partition_replicas{topic=~"$topic", namespace="$kubernetes_namespace"})',
  'sum(kafka_topic_partition_in_sync_replica{topic=~"$topic", namespace=~"$kubernetes_namespace"})',
  'sum(kafka_topic_partition_under_replicated_partition{topic=~"$topic", namespace=~"$kubernetes_namespace"})',
  'sum(kafka_cluster_partition_atminisr{topic=~"$topic", namespace=~"$kubernetes_namespace"})',
  'sum(kafka_cluster_partition_underminisr{topic=~"$topic", namespace=~"$kubernetes_namespace"})',
  'sum(kafka_topic_partition_leader_is_preferred{topic=~"$topic", namespace=~"$kubernetes_namespace"} < bool 1)',
  'sum(rate(kafka_topic_partition_current_offset{topic=~"$topic", namespace=~"$kubernetes_namespace"}[5m])) by (topic)',
  'sum(delta(kafka_consumergroup_current_offset{consumergroup=~"$consumergroup",topic=~"$topic", namespace=~"$kubernetes_namespace"}[5m])/300) by (consumergroup, topic)',
  'sum(kafka_consumergroup_lag{consumergroup=~"$consumergroup",topic=~"$topic", namespace=~"$kubernetes_namespace"}) by (consumergroup, topic)',
  'sum(kafka_consumergroup_current_offset{consumergroup=~"$consumergroup",topic=~"$topic", namespace=~"$kubernetes_namespace"}) by (consumergroup,partition,topic)',
  'sum(kafka_consumergroup_lag{consumergroup=~"$consumergroup",topic=~"$topic", namespace=~"$kubernetes_namespace"}) by (consumergroup,partition,topic)',
  'sum(kafka_topic_partitions{topic=~"$topic", namespace=~"$kubernetes_namespace"}) by (topic)',
  'sum(kafka_topic_partition_current_offset{topic=~"$topic", namespace=~"$kubernetes_namespace"}) by (partition,topic)',
  'sum(kafka_topic_partition_oldest_offset{topic=~"$topic", namespace=~"$kubernetes_namespace"}) by (partition,topic)',
]

/** kafka_exporter_overview.json, which is 7589 of grafana.com. */
export const kafkaExporterOverview: readonly string[] = [
  'sum(rate(kafka_topic_partition_current_offset{instance="$instance", topic=~"$topic"}[1m])) by (topic)',
  'sum(kafka_consumergroup_lag{instance="$instance",topic=~"$topic"}) by (consumergroup, topic)',
  'sum(delta(kafka_topic_partition_current_offset{instance=~\'$instance\', topic=~"$topic"}[5m])/5) by (topic)',
  'sum(delta(kafka_consumergroup_current_offset{instance=~\'$instance\',topic=~"$topic"}[5m])/5) by (consumergroup, topic)',
  'sum by(topic) (kafka_topic_partitions{instance="$instance",topic=~"$topic"})',
]

/** strimzi-metrics-reporter/grafana-dashboards/strimzi-kafka.json, as far as it differs from the one for jmx_exporter. */
export const strimziReporterKafka: readonly string[] = [
  'sum(irate(kafka_controller_controllerstats_uncleanleaderelectionspersec_total{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name"}[5m]))',
  'sum(irate(kafka_server_brokertopicmetrics_bytesinpersec_total{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",topic=~"$kafka_topic",topic!="",kubernetes_pod_name=~"$strimzi_cluster_name-$kafka_broker"}[5m]))',
  'sum(irate(kafka_server_brokertopicmetrics_bytesoutpersec_total{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",topic=~"$kafka_topic",topic!="",kubernetes_pod_name=~"$strimzi_cluster_name-$kafka_broker"}[5m]))',
  'sum(irate(kafka_server_brokertopicmetrics_messagesinpersec_total{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",topic=~"$kafka_topic",topic!="",kubernetes_pod_name=~"$strimzi_cluster_name-$kafka_broker"}[5m]))',
  'sum(irate(kafka_server_brokertopicmetrics_totalproducerequestspersec_total{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",topic=~"$kafka_topic",topic!="",kubernetes_pod_name=~"$strimzi_cluster_name-$kafka_broker"}[5m]))',
  'sum(irate(kafka_server_brokertopicmetrics_failedproducerequestspersec_total{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",topic=~"$kafka_topic",topic!="",kubernetes_pod_name=~"$strimzi_cluster_name-$kafka_broker"}[5m]))',
  'sum(irate(kafka_server_brokertopicmetrics_totalfetchrequestspersec_total{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",topic=~"$kafka_topic",topic!="",kubernetes_pod_name=~"$strimzi_cluster_name-$kafka_broker"}[5m]))',
  'sum(irate(kafka_server_brokertopicmetrics_failedfetchrequestspersec_total{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",topic=~"$kafka_topic",topic!="",kubernetes_pod_name=~"$strimzi_cluster_name-$kafka_broker"}[5m]))',
  'sum(kafka_network_socketserver_networkprocessoravgidlepercent{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",kubernetes_pod_name=~"$strimzi_cluster_name-$kafka_broker"}*100) by (kubernetes_pod_name)',
  'sum(irate(kafka_server_kafkarequesthandlerpool_requesthandleravgidlepercent_total{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",kubernetes_pod_name=~"$strimzi_cluster_name-$kafka_broker"}[$__rate_interval]) / 1e9 * 100) by (kubernetes_pod_name)',
]

/** strimzi-metrics-reporter/grafana-dashboards/strimzi-kraft.json, likewise. */
export const strimziReporterKraft: readonly string[] = [
  'sum(kafka_server_raft_metrics_append_records_rate{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",kubernetes_pod_name=~"$strimzi_cluster_name-$kraft_node"}) by (kubernetes_pod_name)',
  'sum(kafka_server_raft_metrics_fetch_records_rate{namespace="$kubernetes_namespace",kubernetes_pod_name=~"$strimzi_cluster_name-$kraft_node",strimzi_io_name="$strimzi_cluster_name-kafka"}) by (kubernetes_pod_name)',
  'sum(kafka_server_raft_metrics_commit_latency_avg{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",kubernetes_pod_name=~"$strimzi_cluster_name-$kraft_node"}) by (kubernetes_pod_name)',
  'max(kafka_server_raft_metrics_current_state_info) by (kubernetes_pod_name, current_state)',
  'sum(kafka_server_raft_metrics_current_leader{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",kubernetes_pod_name=~"$strimzi_cluster_name-$kraft_node"}) by (kubernetes_pod_name)',
  'sum(kafka_server_raft_metrics_current_vote{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",kubernetes_pod_name=~"$strimzi_cluster_name-$kraft_node"}) by (kubernetes_pod_name)',
  'sum(kafka_server_raft_metrics_current_epoch{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",kubernetes_pod_name=~"$strimzi_cluster_name-$kraft_node"}) by (kubernetes_pod_name)',
  'sum(irate(kafka_server_raft_channel_metrics_incoming_byte{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",kubernetes_pod_name=~"$strimzi_cluster_name-$kraft_node"}[5m])) by (kubernetes_pod_name)',
  'sum(irate(kafka_server_raft_channel_metrics_outgoing_byte{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",kubernetes_pod_name=~"$strimzi_cluster_name-$kraft_node"}[5m])) by (kubernetes_pod_name)',
  'sum(irate(kafka_server_raft_channel_metrics_request{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",kubernetes_pod_name=~"$strimzi_cluster_name-$kraft_node"}[5m])) by (kubernetes_pod_name)',
  'sum(irate(kafka_server_raft_channel_metrics_response{namespace="$kubernetes_namespace",strimzi_io_cluster="$strimzi_cluster_name",kubernetes_pod_name=~"$strimzi_cluster_name-$kraft_node"}[5m])) by (kubernetes_pod_name)',
  'sum(kafka_server_raft_metrics_high_watermark{namespace="$kubernetes_namespace",kubernetes_pod_name=~"$strimzi_cluster_name-$kraft_node",strimzi_io_name="$strimzi_cluster_name-kafka"}) by (kubernetes_pod_name)',
  'sum(kafka_server_raft_metrics_log_end_offset{namespace="$kubernetes_namespace",kubernetes_pod_name=~"$strimzi_cluster_name-$kraft_node",strimzi_io_name="$strimzi_cluster_name-kafka"}) by (kubernetes_pod_name)',
]

/** The alerts of prometheus-rules/prometheus-kafka-rules.yaml and prometheus-kafka-exporter-topic-rules-group.yaml. */
export const strimziAlerts: readonly string[] = [
  'kubelet_volume_stats_available_bytes{persistentvolumeclaim=~"data(-[0-9]+)?-(.+)-kafka-[0-9]+"} * 100 / kubelet_volume_stats_capacity_bytes{persistentvolumeclaim=~"data(-[0-9]+)?-(.+)-kafka-[0-9]+"} < 15',
  'kafka_server_replicamanager_underreplicatedpartitions > 0',
  'sum(kafka_controller_kafkacontroller_activecontrollercount) by (strimzi_io_name, namespace) != 1',
  'sum(kafka_controller_kafkacontroller_offlinepartitionscount) by (namespace, pod) > 0',
  'kafka_server_replicamanager_underminisrpartitioncount > 0',
  'kafka_log_logmanager_offlinelogdirectorycount > 0',
  'up{kubernetes_namespace!~"openshift-.+",kubernetes_pod_name=~".+-kafka-[0-9]+"} == 0',
  'absent(container_last_seen{container="kafka",pod=~".+-kafka-[0-9]+"})',
  'count(count_over_time(container_last_seen{container="kafka"}[5m])) > 2 * count(container_last_seen{container="kafka",pod=~".+-kafka-[0-9]+"})',
  'kafka_topic_partition_under_replicated_partition > 0',
  'kafka_consumergroup_lag > 1000',
  'changes(kafka_topic_partition_current_offset[10m]) == 0',
]
