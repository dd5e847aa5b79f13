import type { Argument, Grammar } from '../options/argument-parser.ts'

const prog = 'kafka-storage'
const config: Argument = { flags: ['--config', '-c'], required: true, help: 'The Kafka configuration file to use.' }
const mapping = 'The release version to use for the corresponding feature mapping. The minimum is 3.3-IV3; the default is 4.3-IV0'
const dynamic = 'and controller.quorum.bootstrap.servers is set instead.'

// biome-ignore format: a table, one line an argument
export const grammar: Grammar = {
  prog,
  defaultHelp: true,
  description: 'The Kafka storage tool.',
  arguments: [],
  commands: [
    { name: 'info', help: 'Get information about the Kafka log directories on this node.', grammar: { prog, arguments: [config] } },
    {
      name: 'format',
      help: 'Format the Kafka log directories on this node.',
      grammar: {
        prog,
        arguments: [
          config,
          { flags: ['--cluster-id', '-t'], required: true, help: 'The cluster ID to use.' },
          { flags: ['--add-scram', '-S'], kind: 'append', help: `A SCRAM_CREDENTIAL to add to the __cluster_metadata log e.g.\n'SCRAM-SHA-256=[name=alice,password=alice-secret]'\n'SCRAM-SHA-512=[name=alice,iterations=8192,salt="N3E=",saltedpassword="YCE="]'` },
          { flags: ['--ignore-formatted', '-g'], kind: 'flag', help: 'When this option is passed, the format command will skip over already formatted directories rather than failing.' },
          { flags: ['--release-version', '-r'], help: 'The release version to use for the initial feature settings. The minimum is 3.3-IV3; the default is 4.3-IV0' },
          { flags: ['--feature', '-f'], kind: 'append', help: 'The setting to use for a specific feature, in feature=level format. For example: `kraft.version=1`.' },
          { flags: ['--standalone', '-s'], kind: 'flag', mutex: 0, help: `Used to initialize a controller as a single-node dynamic quorum. When setting this flag, the controller.quorum.voters config must not be set, ${dynamic}` },
          { flags: ['--no-initial-controllers', '-N'], kind: 'flag', mutex: 0, help: `Used to initialize a server without specifying a dynamic quorum. When setting this flag, the controller.quorum.voters config should not be set, ${dynamic}` },
          { flags: ['--initial-controllers', '-I'], mutex: 0, help: `Used to initialize a server with the specified dynamic quorum. The argument is a comma-separated list of id@hostname:port:directory. The same values must be used to format all nodes. For example:\n0@example.com:8082:JEXY6aqzQY-32P5TStzaFg,1@example.com:8083:MvDxzVmcRsaTz33bUuRU6A,2@example.com:8084:07R5amHmR32VDA6jHkGbTA\n. When setting this flag, the controller.quorum.voters config must not be set, ${dynamic}` },
        ],
        mutexes: [{ required: false }],
      },
    },
    {
      name: 'version-mapping',
      help: 'Look up the corresponding features for a given metadata version. Using the command with no --release-version  argument will return the mapping for the latest stable metadata version',
      grammar: { prog, arguments: [{ flags: ['--release-version', '-r'], help: mapping }] },
    },
    {
      name: 'feature-dependencies',
      help: 'Look up dependencies for a given feature version. If the feature is not known or the version not yet defined, an error is thrown. Multiple features can be specified.',
      grammar: { prog, arguments: [{ flags: ['--feature', '-f'], kind: 'append', required: true, help: 'The features and their versions to look up dependencies for, in feature=version format. For example: `metadata.version=5`.' }] },
    },
    { name: 'random-uuid', help: 'Print a random UUID.', grammar: { prog, arguments: [] } },
  ],
}
