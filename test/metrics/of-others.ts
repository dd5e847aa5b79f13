/** What public dashboards and alerts ask of others than the nodes, and why a node cannot answer it. */
export const ofOthers: Readonly<Record<string, string>> = {
  container_memory_usage_bytes: 'the kubelet says it of a pod',
  container_cpu_usage_seconds_total: 'the kubelet says it of a pod',
  container_last_seen: 'the kubelet says it of a pod',
  kubelet_volume_stats_available_bytes: 'the kubelet says it of a volume; tkafka_log_directory_usable_bytes says as much',
  kubelet_volume_stats_capacity_bytes: 'the kubelet says it of a volume; tkafka_log_directory_total_bytes says as much',
  up: 'Prometheus says it of what it scrapes',
}
