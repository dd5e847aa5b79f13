import { type MatrixCase, toolCases } from './matrix-case.ts'

/** What the two tools say of their command lines. */
export function shareConsumerUsage(server: string): MatrixCase[] {
  const consumer = toolCases(server)('kafka-console-share-consumer')
  const perf = toolCases(server)('kafka-share-consumer-perf-test')
  return [
    consumer.is(''),
    consumer.is('--help'),
    consumer.is('--version'),
    consumer.is('--topic same'),
    consumer.at(''),
    consumer.at('--frobnicate'),
    consumer.at('--topic same --reject --release'),
    consumer.at('--topic same --consumer-property a=b --command-property a=b'),
    consumer.at('--topic same --consumer-config a --command-config b'),
    consumer.at('--topic same --command-config FOLDER/none.properties'),
    consumer.at('--topic same --group a --command-property group.id=b'),
    consumer.at('--topic same --property x=y --formatter-property x=y'),
    consumer.at('--topic same --formatter org.example.None'),
    consumer.at('--topic same --max-messages x'),
    consumer.at('--topic same --timeout-ms x'),
    consumer.at('--topic same --command-property auto.offset.reset=earliest'),
    perf.is(''),
    perf.is('--help'),
    perf.is('--version'),
    perf.is('--topic same --num-records 1'),
    perf.at('--frobnicate'),
    perf.at('--num-records 1'),
    perf.at('--topic same'),
    perf.at('--topic same --num-records 1 --messages 1'),
    perf.at('--topic same --num-records 1 --consumer.config a --command-config b'),
    perf.at('--topic same --num-records x'),
    perf.at('--topic same --num-records 0 --threads x'),
    perf.at('--topic same --num-records 0 --date-format b'),
    perf.at('--topic same --messages 1 --command-config FOLDER/none.properties --hide-header'),
    perf.at('--topic same --num-records 1 --command-property isolation.level=read_committed'),
  ]
}

/**
 * Against a broker that has share groups: `cs` begins at the beginning of the topic `same`, which holds more records than are read here, and
 * all of them the same, but for their offsets.
 */
export function shareConsumerCases(server: string): MatrixCase[] {
  const consumer = toolCases(server)('kafka-console-share-consumer')
  const two = '--topic same --group cs --max-messages 2 --timeout-ms 20000'
  return [
    consumer.at(two),
    consumer.at(`${two} --release`),
    consumer.at(`${two} --enable-systest-events`),
    consumer.at(`${two} --consumer-property client.id=me --property print.key=true`),
    consumer.at(
      `${two} --formatter-property print.partition=true --formatter-property print.headers=true --formatter-property print.epoch=true`,
    ),
    consumer.at(`${two} --value-deserializer org.apache.kafka.common.serialization.LongDeserializer`),
    consumer.at(`${two} --value-deserializer org.apache.kafka.common.serialization.LongDeserializer --reject-message-on-error`),
    consumer.at('--topic same --group late --timeout-ms 300'),
  ]
}
