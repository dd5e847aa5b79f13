import { type MatrixCase, toolCases } from './matrix-case.ts'

export function clientMetricsCases(server: string): MatrixCase[] {
  const metrics = toolCases(server)('kafka-client-metrics')
  return [
    metrics.is('--help'),
    metrics.is(''),
    metrics.is('--version'),
    metrics.is('--list'),
    metrics.at(''),
    metrics.at('--list --describe'),
    metrics.at('--list --name x'),
    metrics.at('--describe --interval 1'),
    metrics.at('--delete'),
    metrics.at('--alter'),
    metrics.at('--alter --name x --generate-name'),
    metrics.at('--alter --name x --interval y'),
    metrics.at('--alter --name m1 --metrics org.apache.kafka.producer.,org.apache.kafka.consumer. --interval 30000'),
    metrics.at('--alter --name m2 --metrics a. --interval 60000 --match client_software_name=apache-kafka-java,client_id=x'),
    metrics.at('--alter --name m3'),
    metrics.at('--alter --name m4 --interval 1'),
    metrics.at('--alter --name m4 --match frob=1'),
    metrics.at('--list'),
    metrics.at('--describe'),
    metrics.at('--describe --name m2'),
    metrics.at('--describe --name m9'),
    metrics.at('--alter --name m2 --interval='),
    metrics.at('--describe --name m2'),
    metrics.at('--delete --name m9'),
    metrics.at('--delete --name m1'),
    metrics.at('--list'),
  ]
}
