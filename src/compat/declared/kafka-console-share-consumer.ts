import type { Declaration } from '../options/option-parser.ts'

// biome-ignore format: a table, one line an option
export const options: readonly Declaration[] = [
  { name: 'help', help: true, description: 'Print usage information.' },
  { name: 'version', help: true, description: 'Display Kafka version.' },
  { name: 'topic', argument: 'required', describedAs: 'topic', description: 'The topic to consume from.' },
  { name: 'consumer-property', argument: 'required', describedAs: 'consumer_prop', description: '(DEPRECATED) Consumer config properties in the form key=value. This option will be removed in a future version. Use --command-property instead.' },
  { name: 'command-property', argument: 'required', describedAs: 'consumer_prop', description: 'Consumer config properties in the form key=value.' },
  { name: 'consumer-config', argument: 'required', describedAs: 'config file', description: '(DEPRECATED) Consumer config properties file. Note that [command-property] takes precedence over this config. This option will be removed in a future version. Use --command-config instead.' },
  { name: 'command-config', argument: 'required', describedAs: 'config file', description: 'Consumer config properties file. Note that [command-property] takes precedence over this config.' },
  { name: 'formatter', argument: 'required', describedAs: 'class', defaults: ['org.apache.kafka.tools.consumer.DefaultMessageFormatter'], description: 'The name of a class to use for formatting Kafka messages for display.' },
  { name: 'property', argument: 'required', describedAs: 'prop', description: "(DEPRECATED) The properties to initialize the message formatter. Default properties include: \n print.timestamp=true|false\n print.key=true|false\n print.offset=true|false\n print.delivery=true|false\n print.epoch=true|false\n print.partition=true|false\n print.headers=true|false\n print.value=true|false\n key.separator=<key.separator>\n line.separator=<line.separator>\n headers.separator=<headers.separator>\n null.literal=<null.literal>\n key.deserializer=<key.deserializer>\n value.deserializer=<value.deserializer>\n header.deserializer=<header.deserializer>\n\nUsers can also pass in customized properties for their formatter; more specifically, users can pass in properties keyed with 'key.deserializer.', 'value.deserializer.' and 'headers.deserializer.' prefixes to configure their deserializers. \nThis option will be removed in a future version. Use --formatter-property instead." },
  { name: 'formatter-property', argument: 'required', describedAs: 'prop', description: "The properties to initialize the message formatter. Default properties include: \n print.timestamp=true|false\n print.key=true|false\n print.offset=true|false\n print.delivery=true|false\n print.epoch=true|false\n print.partition=true|false\n print.headers=true|false\n print.value=true|false\n key.separator=<key.separator>\n line.separator=<line.separator>\n headers.separator=<headers.separator>\n null.literal=<null.literal>\n key.deserializer=<key.deserializer>\n value.deserializer=<value.deserializer>\n header.deserializer=<header.deserializer>\n\nUsers can also pass in customized properties for their formatter; more specifically, users can pass in properties keyed with 'key.deserializer.', 'value.deserializer.' and 'headers.deserializer.' prefixes to configure their deserializers." },
  { name: 'formatter-config', argument: 'required', describedAs: 'config file', description: 'Config properties file to initialize the message formatter. Note that [formatter-property] takes precedence over this config.' },
  { name: 'max-messages', argument: 'required', describedAs: 'num_messages', type: 'Integer', description: 'The maximum number of messages to consume before exiting. If not set, consumption is continual.' },
  { name: 'timeout-ms', argument: 'required', describedAs: 'timeout_ms', type: 'Integer', description: 'If specified, exit if no message is available for consumption for the specified interval.' },
  { name: 'reject', description: 'If specified, messages are rejected as they are consumed.' },
  { name: 'release', description: 'If specified, messages are released as they are consumed.' },
  { name: 'reject-message-on-error', description: 'If there is an error when processing a message, reject it instead of halting.' },
  { name: 'bootstrap-server', argument: 'required', describedAs: 'server to connect to', description: 'REQUIRED: The server(s) to connect to.' },
  { name: 'key-deserializer', argument: 'required', describedAs: 'deserializer for keys', description: 'The name of the class to use for deserializing keys.' },
  { name: 'value-deserializer', argument: 'required', describedAs: 'deserializer for values', description: 'The name of the class to use for deserializing values.' },
  { name: 'group', argument: 'required', describedAs: 'share group id', description: 'The share group id of the consumer.' },
  { name: 'enable-systest-events', description: 'Log lifecycle events of the share consumer in addition to logging consumed messages. (This is specific for system tests.)' },
]
