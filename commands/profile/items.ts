import {
  type Color,
  type ItemTable,
  itemKind,
  listOf,
  mapOf,
  type OutputFormat,
  orNull,
  type ProfileReport,
  words,
} from '../../src/cli/index.ts'

const shape = {
  name: 'string',
  bootstrapServers: 'string?',
  properties: mapOf<string>('string'),
  registry: orNull<{ readonly url: string; readonly auth: string | null }>({ url: 'string', auth: 'string?' }),
  connect: listOf<string>('string'),
  metricsUrl: 'string?',
  production: 'boolean',
  readOnly: 'boolean',
  color: orNull<Color>(words('red', 'yellow', 'green', 'cyan', 'blue', 'magenta')),
  defaults: {
    output: orNull<OutputFormat>(words('text', 'wide', 'json', 'ndjson', 'yaml', 'csv', 'awk', 'schema')),
    timeout: 'string?',
  },
  current: 'boolean',
  file: 'string',
} as const

const profileList = itemKind<ProfileReport>('ProfileList', shape)
const profile = itemKind<ProfileReport>('Profile', shape)

export const items: ItemTable = {
  'profile create': [profileList],
  'profile delete': [profileList],
  'profile import': [profileList],
  'profile list': [profileList],
  'profile show': [profile],
}
