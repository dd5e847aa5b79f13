import type { Declaration } from '../options/option-parser.ts'

// biome-ignore format: a table, one line an option
export const options: readonly Declaration[] = [
  { name: 'help', help: true, description: 'Print usage information.' },
  { name: 'version', help: true, description: 'Display Kafka version.' },
  { name: 'bootstrap-server', argument: 'required', describedAs: 'host:port', description: 'A hostname and port for the broker to connect to, in the form host:port. Multiple comma separated URLs can be given. REQUIRED.' },
  { name: 'admin.config', argument: 'required', describedAs: 'config file', description: '(DEPRECATED) Configuration properties files to pass to the admin client. This option will be removed in a future version. Use --command-config instead.' },
  { name: 'command-config', argument: 'required', describedAs: 'Config file', description: 'Config properties file to pass to the admin client.' },
  { name: 'path-to-json-file', argument: 'required', describedAs: 'Path to JSON file', description: 'The JSON file with the list  of partition for which leader elections should be performed. This is an example format. \n{"partitions":\n\t[{"topic": "foo", "partition": 1},\n\t {"topic": "foobar", "partition": 2}]\n}\nNot allowed if --all-topic-partitions or --topic flags are specified.' },
  { name: 'topic', argument: 'required', describedAs: 'topic name', description: 'Name of topic for which to perform an election. Not allowed if --path-to-json-file or --all-topic-partitions is specified.' },
  { name: 'partition', argument: 'required', describedAs: 'partition id', type: 'Integer', description: 'Partition id for which to perform an election. REQUIRED if --topic is specified.' },
  { name: 'all-topic-partitions', description: 'Perform election on all of the eligible topic partitions based on the type of election (see the --election-type flag). Not allowed if --topic or --path-to-json-file is specified.' },
  { name: 'election-type', argument: 'required', describedAs: 'election type', type: '[PREFERRED,UNCLEAN]', description: 'Type of election to attempt. Possible values are "preferred" for preferred leader election or "unclean" for unclean leader election. If preferred election is selection, the election is only performed if the current leader is not the preferred leader for the topic partition. If unclean election is selected, the election is only performed if there are no leader for the topic partition. REQUIRED.' },
]
