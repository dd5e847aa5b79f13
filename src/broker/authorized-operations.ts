/** Acl operations by Kafka's codes (AclOperation), as bits of the answers to "what may I do with this?" (KIP-430). */
const Operation = {
  READ: 3,
  WRITE: 4,
  CREATE: 5,
  DELETE: 6,
  ALTER: 7,
  DESCRIBE: 8,
  CLUSTER_ACTION: 9,
  DESCRIBE_CONFIGS: 10,
  ALTER_CONFIGS: 11,
  IDEMPOTENT_WRITE: 12,
} as const

const bits = (...operations: (keyof typeof Operation)[]): number =>
  operations.reduce((set, operation) => set | (1 << Operation[operation]), 0)

/** Without an authorizer everyone may do everything that the kind of resource knows (AclEntry.supportedOperations). */
export const TOPIC_OPERATIONS = bits('READ', 'WRITE', 'CREATE', 'DESCRIBE', 'DELETE', 'ALTER', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS')
export const GROUP_OPERATIONS = bits('READ', 'DESCRIBE', 'DELETE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS')
export const CLUSTER_OPERATIONS = bits(
  'CREATE',
  'CLUSTER_ACTION',
  'DESCRIBE_CONFIGS',
  'ALTER_CONFIGS',
  'IDEMPOTENT_WRITE',
  'ALTER',
  'DESCRIBE',
)
