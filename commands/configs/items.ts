import { changes, configSource, type ItemTable, itemKind, listOf, words } from '../../src/cli/index.ts'
import type { Setting } from '../../src/ops/index.ts'

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

export const items: ItemTable = { 'configs alter': [changes('ConfigChanges')], 'configs describe': [configList] }
