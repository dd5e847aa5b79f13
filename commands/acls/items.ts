import { changes, type ItemTable, itemKind, listOf, orNull, words } from '../../src/cli/index.ts'
import type { AclBinding } from '../../src/client/index.ts'
import type { AccessGrant } from '../../src/ops/index.ts'
import type { Checked } from './check.ts'

const operation = words(
  ...(['UNKNOWN', 'ANY', 'ALL', 'READ', 'WRITE', 'CREATE', 'DELETE', 'ALTER', 'DESCRIBE', 'CLUSTER_ACTION', 'DESCRIBE_CONFIGS'] as const),
  ...(['ALTER_CONFIGS', 'IDEMPOTENT_WRITE', 'CREATE_TOKENS', 'DESCRIBE_TOKENS', 'TWO_PHASE_COMMIT'] as const),
)
const resourceType = words('UNKNOWN', 'ANY', 'TOPIC', 'GROUP', 'CLUSTER', 'TRANSACTIONAL_ID', 'DELEGATION_TOKEN', 'USER')
const patternType = words('UNKNOWN', 'ANY', 'MATCH', 'LITERAL', 'PREFIXED')
const permission = words('UNKNOWN', 'ANY', 'DENY', 'ALLOW')

const binding = {
  resourceType,
  name: 'string',
  patternType,
  principal: 'string',
  host: 'string',
  operation,
  permission,
} as const

const acls = itemKind<AclBinding>('Acls', binding)

const grants = itemKind<AccessGrant>('AccessGrants', {
  principal: 'string',
  permission,
  operations: listOf(operation),
  resourceType,
  name: 'string',
  patternType,
  host: 'string',
  overrules: 'integer',
})

const accessCheck = itemKind<Checked>('AccessCheck', {
  principal: 'string',
  host: 'string',
  operation,
  resourceType,
  name: 'string',
  allowed: 'boolean',
  by: orNull<AclBinding>(binding),
})

export const items: ItemTable = {
  'acls add': [changes('AclChanges')],
  'acls check': [accessCheck],
  'acls export': [acls],
  'acls list': [grants],
  'acls remove': [changes('AclChanges')],
}
