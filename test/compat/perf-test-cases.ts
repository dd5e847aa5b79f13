import { type MatrixCase, toolCases } from './matrix-case.ts'

/** What the two tools say of their command lines; what they measure is never the same twice (`perf-test.test.ts`). */
export function perfTestCases(server: string): MatrixCase[] {
  const producer = toolCases(server)('kafka-producer-perf-test')
  const consumer = toolCases(server)('kafka-consumer-perf-test')
  const sizes = '--topic perf --num-records 10 --record-size 10 --throughput -1'
  return [
    producer.is(''),
    producer.is('--help'),
    producer.is('-h'),
    producer.is('--topic perf'),
    producer.is(sizes),
    producer.at('--frobnicate'),
    producer.at('--topic perf --num-records 10 --throughput -1'),
    producer.at('--topic perf --num-records x --record-size 10 --throughput -1'),
    producer.at('--topic perf --num-records 10 --record-size 10 --throughput fast'),
    producer.at('--topic perf --num-records 0 --record-size 10 --throughput -1'),
    producer.at('--topic perf --num-records 10 --record-size 0 --throughput -1'),
    producer.at('--topic perf --num-records 10 --record-size 1.5 --throughput -1'),
    producer.at(`${sizes} --payload-monotonic`),
    producer.at(`${sizes} --warmup-records 10`),
    producer.at(`${sizes} --reporting-interval 0`),
    producer.at(`${sizes} --transaction-duration-ms 0`),
    producer.at(`${sizes} --producer-props acks=1 --command-property acks=1`),
    producer.at(`${sizes} --producer.config a --command-config b`),
    producer.at(`${sizes} --command-property acks`),
    producer.at(`${sizes} --command-config FOLDER/none.properties`),
    producer.at('--topic perf --num-records 10 --payload-file FOLDER/none.txt --throughput -1'),
    consumer.is(''),
    consumer.is('--help', { unordered: true }),
    consumer.is('--version'),
    consumer.is('--topic perf --num-records 1'),
    consumer.at('--frobnicate'),
    consumer.at('--num-records 1'),
    consumer.at('--topic perf'),
    consumer.at('--topic perf --include perf --num-records 1'),
    consumer.at('--topic perf --num-records 1 --messages 1'),
    consumer.at('--topic perf --num-records 1 --consumer.config a --command-config b'),
    consumer.at('--topic perf --num-records x'),
    consumer.at('--topic perf --num-records 0 --reporting-interval 0'),
    consumer.at('--topic perf --num-records 0 --date-format b'),
    consumer.at('--topic perf --messages 1 --command-config FOLDER/none.properties --hide-header'),
  ]
}
