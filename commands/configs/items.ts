import { changes, configSource, type ItemTable, itemKind, listOf, shaped, words } from '../../src/cli/index.ts'
import type { Setting } from '../../src/ops/index.ts'
import type { Difference } from './diff.ts'

const configList = itemKind<Setting>('ConfigList', {
  entityType: words('brokers', 'topics', 'broker-loggers', 'clients', 'users', 'ips', 'groups', 'client-metrics'),
  entityName: 'string',
  name: 'string',
  value: 'string?',
  type: 'string',
  source: configSource,
  synonyms: listOf({ name: 'string', value: 'string?', source: configSource }),
  readOnly: 'boolean',
  sensitive: 'boolean',
  documentation: 'string?',
})

const differences = itemKind<Difference>('ConfigDifferences', {
  key: 'string',
  values: shaped({ type: 'array', items: { type: ['string', 'null'] }, minItems: 2, maxItems: 2 }),
})

export const items: ItemTable = {
  'configs alter': [changes('ConfigChanges')],
  'configs describe': [configList],
  'configs diff': [differences],
  'configs edit': [changes('ConfigChanges')],
}
