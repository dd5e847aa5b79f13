import { type ChangeItem, type ItemTable, itemKind, shaped, words } from '../src/cli/index.ts'
import type { DesiredEntry } from '../src/ops/index.ts'

const changes = itemKind<ChangeItem>('ClusterChanges', {
  kind: words('topic', 'config', 'acl', 'quota'),
  action: words('create', 'alter', 'delete'),
  name: 'string',
  key: 'string?',
  from: 'string?',
  to: 'string?',
  status: 'string',
})

/** The rest is as files have it. */
const exported = itemKind<DesiredEntry>('ClusterExport', {
  kind: words('topics', 'configs', 'acls', 'quotas'),
  name: 'string',
  spec: shaped<unknown>({ type: 'object', additionalProperties: true }),
})

export const items: ItemTable = { apply: [changes], diff: [changes], export: [exported] }
