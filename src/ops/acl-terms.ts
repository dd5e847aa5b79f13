import type { AclOperation, AclResourceType } from '../client/index.ts'

/** What rules may say of each kind of resource, besides ALL. Source: AclEntry. */
export const operationsOf: Readonly<Record<Exclude<AclResourceType, 'UNKNOWN' | 'ANY'>, readonly AclOperation[]>> = {
  TOPIC: ['READ', 'WRITE', 'CREATE', 'DESCRIBE', 'DELETE', 'ALTER', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
  GROUP: ['READ', 'DESCRIBE', 'DELETE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
  CLUSTER: ['CREATE', 'CLUSTER_ACTION', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS', 'IDEMPOTENT_WRITE', 'ALTER', 'DESCRIBE'],
  TRANSACTIONAL_ID: ['DESCRIBE', 'WRITE', 'TWO_PHASE_COMMIT'],
  DELEGATION_TOKEN: ['DESCRIBE'],
  USER: ['CREATE_TOKENS', 'DESCRIBE_TOKENS'],
}

/** The name of the only resource of its kind. */
export const CLUSTER_NAME = 'kafka-cluster'

/** `read`, `DescribeConfigs`, `DESCRIBE_CONFIGS`. */
export function operationNamed(text: string, resourceType: keyof typeof operationsOf): AclOperation | undefined {
  const plain = (word: string): string => word.replace(/[_-]/g, '').toUpperCase()
  return [...operationsOf[resourceType], 'ALL' as const].find((each) => plain(each) === plain(text.trim()))
}
