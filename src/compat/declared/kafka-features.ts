import type { Argument, Grammar } from '../options/argument-parser.ts'

const prog = 'kafka-features'
const example = 'in feature=level format. For example: `metadata.version=5`.'
const release =
  'For example, 3.9-IV0 will set metadata.version=21 and kraft.version=1. Use the version-mapping command to learn which features will be set for any given version.'

// biome-ignore format: a table, one line an argument
const change = (verb: 'upgrade' | 'downgrade', metadata: string, more: readonly Argument[]): readonly Argument[] => [
  { flags: ['--metadata'], help: `DEPRECATED -- The level to which we should ${verb} the metadata. For example, ${metadata}.` },
  { flags: ['--release-version'], help: `The release version to ${verb === 'upgrade' ? 'update' : verb} all features to. ${release}` },
  { flags: ['--feature'], kind: 'append', help: `A feature ${verb} we should perform, ${example}` },
  ...more,
  { flags: ['--dry-run'], kind: 'flag', help: `Validate this ${verb}, but do not perform it.` },
]

// biome-ignore format: a table, one line an argument
export const grammar: Grammar = {
  prog,
  defaultHelp: true,
  description: 'This tool manages feature flags in Kafka.',
  arguments: [
    { flags: ['--bootstrap-server'], mutex: 0, help: 'A comma-separated list of host:port pairs to use for establishing the connection to the Kafka cluster.' },
    { flags: ['--bootstrap-controller'], mutex: 0, help: 'A comma-separated list of host:port pairs to use for establishing the connection to the KRaft quorum.' },
    { flags: ['--command-config'], help: 'Property file containing configs to be passed to Admin Client.' },
  ],
  mutexes: [{ required: false }],
  commands: [
    { name: 'describe', help: 'Describes the current active feature flags.', grammar: { prog, arguments: [{ flags: ['--node-id'], type: 'Integer', help: 'The node id to which the requests should be sent. If not specified, the requests will be sent to an arbitrary controller/broker.' }] } },
    { name: 'upgrade', help: 'Upgrade one or more feature flags.', grammar: { prog, arguments: change('upgrade', '3.3-IV3', []) } },
    { name: 'downgrade', help: 'Downgrade one or more feature flags.', grammar: { prog, arguments: change('downgrade', '3.3-IV0', [{ flags: ['--unsafe'], kind: 'flag', help: 'Perform this downgrade even if it may irreversibly destroy metadata.' }]) } },
    {
      name: 'disable',
      help: 'Disable one or more feature flags. This is the same as downgrading the version to zero.',
      grammar: {
        prog,
        arguments: [
          { flags: ['--feature'], kind: 'append', help: 'A feature flag to disable.' },
          { flags: ['--unsafe'], kind: 'flag', help: 'Disable this feature flag even if it may irreversibly destroy metadata.' },
          { flags: ['--dry-run'], kind: 'flag', help: 'Perform a dry-run of this disable operation.' },
        ],
      },
    },
    {
      name: 'version-mapping',
      help: 'Look up the corresponding features for a given metadata version. Using the command with no --release-version  argument will return the mapping for the latest stable metadata version',
      grammar: { prog, arguments: [{ flags: ['--release-version'], help: 'The release version to use for the corresponding feature mapping. The minimum is 3.3-IV3; the default is 4.3-IV0' }] },
    },
    {
      name: 'feature-dependencies',
      help: 'Look up dependencies for a given feature version. If the feature is not known or the version not yet defined, an error is thrown. Multiple features can be specified.',
      grammar: { prog, arguments: [{ flags: ['--feature'], kind: 'append', required: true, help: 'The feature and version to look up dependencies for, in feature=version format. For example: `metadata.version=5`.' }] },
    },
  ],
}
