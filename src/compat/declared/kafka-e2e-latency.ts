import type { Declaration } from '../options/option-parser.ts'

// biome-ignore format: a table, one line an option
export const options: readonly Declaration[] = [
  { name: 'help', help: true, description: 'Print usage information.' },
  { name: 'version', help: true, description: 'Display Kafka version.' },
  { name: 'bootstrap-server', argument: 'required', describedAs: 'bootstrap-server', description: 'REQUIRED: The Kafka broker list string in the form HOST1:PORT1,HOST2:PORT2.' },
  { name: 'topic', argument: 'required', describedAs: 'topic-name', description: 'REQUIRED: The topic to use for the test.' },
  { name: 'num-records', argument: 'required', describedAs: 'count', type: 'Integer', description: 'REQUIRED: The number of messages to send.' },
  { name: 'producer-acks', argument: 'required', describedAs: 'producer-acks', description: "REQUIRED: Producer acknowledgements. Must be '1' or 'all'." },
  { name: 'record-size', argument: 'required', describedAs: 'bytes', type: 'Integer', description: 'REQUIRED: The size of each message payload in bytes.' },
  { name: 'record-key-size', argument: 'optional', describedAs: 'bytes', type: 'Integer', defaults: ['0'], description: 'Optional: The size of the message key in bytes. If not set, messages are sent without a key.' },
  { name: 'record-header-key-size', argument: 'optional', describedAs: 'bytes', type: 'Integer', defaults: ['0'], description: 'Optional: The size of the message header key in bytes. Used together with record-header-size.' },
  { name: 'record-header-size', argument: 'optional', describedAs: 'bytes', type: 'Integer', defaults: ['0'], description: 'Optional: The size of message header value in bytes. Use -1 for null header value.' },
  { name: 'num-headers', argument: 'optional', describedAs: 'count', type: 'Integer', defaults: ['0'], description: 'Optional: The number of headers to include in each message.' },
  { name: 'command-config', argument: 'optional', describedAs: 'config-file', description: 'Optional: A property file for Kafka producer/consumer/admin client configuration.' },
]
