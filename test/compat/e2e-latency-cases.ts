import { type MatrixCase, toolCases } from './matrix-case.ts'

export function e2eLatencyCases(server: string): MatrixCase[] {
  const latency = toolCases(server)('kafka-e2e-latency')
  const sizes = '--topic plain --num-records 1 --producer-acks all --record-size 1'
  return [
    latency.is(''),
    latency.is('--help'),
    latency.is('--bootstrap-server x --help'),
    latency.is('--bootstrap-server x --version'),
    latency.is('a b c'),
    latency.is('localhost:1 plain 0 all 1'),
    latency.at('--frobnicate'),
    latency.at('--topic plain'),
    latency.at('--topic plain --num-records x --producer-acks all --record-size 1'),
    latency.at('--topic plain --num-records 0 --producer-acks all --record-size 1'),
    latency.at('--topic plain --num-records 1 --producer-acks 0 --record-size 1'),
    latency.at('--topic plain --num-records 1 --producer-acks 1 --record-size -1'),
    latency.at(`${sizes} --num-headers -1`),
    latency.at(`${sizes} --record-header-size -2`),
    latency.at(`${sizes} --command-config FOLDER/none.properties`),
  ]
}
