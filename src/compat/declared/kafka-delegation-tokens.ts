import type { Declaration } from '../options/option-parser.ts'

// biome-ignore format: a table, one line an option
export const options: readonly Declaration[] = [
  { name: 'help', help: true, description: 'Print usage information.' },
  { name: 'version', help: true, description: 'Display Kafka version.' },
  { name: 'bootstrap-server', argument: 'required', description: 'REQUIRED: server(s) to use for bootstrapping.' },
  { name: 'command-config', argument: 'required', description: 'REQUIRED: A property file containing configs to be passed to Admin Client. Token management operations are allowed in secure mode only. This config file is used to pass security related configs.' },
  { name: 'create', description: 'Create a new delegation token. Use --renewer-principal option to pass renewer principals.' },
  { name: 'renew', description: 'Renew delegation token. Use --renew-time-period option to set renew time period.' },
  { name: 'expire', description: 'Expire delegation token. Use --expiry-time-period option to expire the token.' },
  { name: 'describe', description: 'Describe delegation tokens for the given principals. Use --owner-principal to pass owner/renewer principals. If --owner-principal option is not supplied, all the user-owned tokens and tokens where the user has Describe permissions will be returned.' },
  { name: 'owner-principal', argument: 'optional', description: 'owner is a Kafka principal. They should be in principalType:name format.' },
  { name: 'renewer-principal', argument: 'optional', description: 'renewer is a Kafka principal. They should be in principalType:name format.' },
  { name: 'max-life-time-period', argument: 'optional', type: 'Long', description: 'Max life period for the token in milliseconds. If the value is -1, then token max life time will default to the server side config value of (delegation.token.max.lifetime.ms).' },
  { name: 'renew-time-period', argument: 'optional', type: 'Long', description: 'Renew time period in milliseconds. If the value is -1, then the renew time period will default to the server side config value of (delegation.token.expiry.time.ms).' },
  { name: 'expiry-time-period', argument: 'optional', type: 'Long', description: 'Expiry time period in milliseconds. If the value is -1, then the token will get invalidated immediately.' },
  { name: 'hmac', argument: 'optional', description: 'HMAC of the delegation token' },
]
